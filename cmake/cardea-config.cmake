# find_package(cardea): the targets cardea::embed, cardea::password, cardea::oauth and the rest.
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/cardea-targets.cmake)
