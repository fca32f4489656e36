# cardea_module(): one call makes a module's library and its tests, with the warnings, the language
# level and the precompiled header that all of them share.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
find_package(CLI11 REQUIRED)
include(GNUInstallDirs)
if(CARDEA_TESTS)
    find_package(GTest)
    if(GTest_FOUND)
        include(GoogleTest)
        enable_testing()
    else()
        message(STATUS "GoogleTest is not installed: the tests are left out")
        set(CARDEA_TESTS OFF)
    endif()
endif()

add_library(cardea_options INTERFACE)
target_include_directories(cardea_options INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:include>)
target_compile_features(cardea_options INTERFACE cxx_std_23)
target_compile_definitions(cardea_options INTERFACE
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_REGEX CARDEA_VERSION="${PROJECT_VERSION}"
    # A precompiled header is used only where the macros are those it was made with.
    $<BUILD_INTERFACE:$<TARGET_PROPERTY:Boost::json,INTERFACE_COMPILE_DEFINITIONS>>
    $<BUILD_INTERFACE:$<TARGET_PROPERTY:Boost::url,INTERFACE_COMPILE_DEFINITIONS>>
    $<BUILD_INTERFACE:$<TARGET_PROPERTY:Boost::container,INTERFACE_COMPILE_DEFINITIONS>>)
target_link_libraries(cardea_options INTERFACE Threads::Threads fmt::fmt)
set_target_properties(cardea_options PROPERTIES EXPORT_NAME options)
install(TARGETS cardea_options EXPORT cardea)

# Boost and the standard library are parsed once for the whole tree, not once a file.
file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
add_library(cardea_pch STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
target_link_libraries(cardea_pch PUBLIC cardea_options Boost::json)
target_precompile_headers(cardea_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)

# A release is as fast as it must be and otherwise small: whole modules are compiled for size, those
# on whose time no bound of ./bench hangs. A precompiled header serves the optimisation it was made with.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(small_flags -Os)
    add_library(cardea_pch_small STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
    target_link_libraries(cardea_pch_small PUBLIC cardea_options Boost::json)
    target_compile_options(cardea_pch_small PRIVATE ${small_flags})
    target_precompile_headers(cardea_pch_small PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)
endif()

# cardea_small(TARGET…): compiled for size in a release.
function(cardea_small)
    foreach(target ${ARGN})
        if(small_flags)
            target_compile_options(${target} PRIVATE ${small_flags})
            target_precompile_headers(${target} REUSE_FROM cardea_pch_small)
        else()
            target_precompile_headers(${target} REUSE_FROM cardea_pch)
        endif()
    endforeach()
endfunction()

# cardea_module(NAME [SMALL] HEADERS … [SOURCES …] [TESTS …] [USES module …] [LINKS library …] [NEEDS library …])
#   NAME     folder below src/cardea; `http/server` becomes the target cardea_http_server
#   SMALL    compiled for size in a release
#   USES     other modules whose headers stand in this module's headers or sources
#   LINKS    foreign libraries used by the sources alone
#   NEEDS    foreign libraries whose headers stand in this module's headers
#   TESTS    x_test.cpp files beside the sources; they become one program, NAME_test
#   TEST_LINKS  what the tests need beyond that
function(cardea_module name)
    cmake_parse_arguments(arg "SMALL" "" "HEADERS;SOURCES;TESTS;USES;LINKS;NEEDS;TEST_LINKS" ${ARGN})
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "cardea_module(${name}): unknown words ${arg_UNPARSED_ARGUMENTS}")
    endif()
    string(REPLACE "/" "_" word ${name})
    set(target cardea_${word})
    string(REPLACE "/" "_" uses "${arg_USES}")
    list(TRANSFORM uses PREPEND cardea_)
    if(arg_SOURCES)
        set(scope PUBLIC)
        add_library(${target} STATIC ${arg_SOURCES})
        target_link_libraries(${target} PRIVATE ${arg_LINKS})
        if(arg_SMALL)
            cardea_small(${target})
        else()
            target_precompile_headers(${target} REUSE_FROM cardea_pch)
        endif()
    else()
        set(scope INTERFACE)
        add_library(${target} INTERFACE)
    endif()
    target_link_libraries(${target} ${scope} cardea_options ${uses} ${arg_NEEDS})
    target_sources(${target} ${scope} FILE_SET HEADERS
        BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${arg_HEADERS})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${word})
    add_library(cardea::${word} ALIAS ${target})
    install(TARGETS ${target} EXPORT cardea ARCHIVE FILE_SET HEADERS)
    if(CARDEA_TESTS AND arg_TESTS)
        cardea_test(${word}_test SOURCES ${arg_TESTS} LINKS ${target} ${arg_TEST_LINKS})
    endif()
endfunction()

# cardea_test(NAME SOURCES … [LINKS …] [LABELS …]): a GoogleTest program; each of its tests is a ctest
# test. The label `servers` is for those that `./test --quick` leaves out.
function(cardea_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS;LABELS" ${ARGN})
    set(properties TIMEOUT 300)
    if(arg_LABELS)
        list(APPEND properties LABELS ${arg_LABELS})
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gmock_main)
    target_compile_definitions(${name} PRIVATE
        CARDEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
        CARDEA_VECTORS_DIR="${PROJECT_SOURCE_DIR}/../shared/vectors")
    target_precompile_headers(${name} REUSE_FROM cardea_pch)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}." PROPERTIES ${properties})
endfunction()

# cardea_fuzzer(NAME SOURCE LIBRARY…): a libFuzzer program. As a test it starts from fuzz/seeds/NAME, where
# that folder exists, and from what earlier runs found, for CARDEA_FUZZ_SECONDS (60 unless set).
function(cardea_fuzzer name source)
    set(found ${PROJECT_BINARY_DIR}/fuzz/found/${name})
    file(MAKE_DIRECTORY ${found})
    add_executable(${name}_fuzz ${source})
    target_include_directories(${name}_fuzz PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name}_fuzz PRIVATE ${ARGN})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND sh -c "exec $<TARGET_FILE:${name}_fuzz> -timeout=10 -rss_limit_mb=1024 \
-max_total_time=\${CARDEA_FUZZ_SECONDS:-60} -artifact_prefix=${found}/ ${found} $(ls -d ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name} 2>/dev/null)")
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 0)
endfunction()

# The library as a package: find_package(cardea) and cardea::embed, cardea::password, …
function(cardea_install_package)
    include(CMakePackageConfigHelpers)
    set(folder ${CMAKE_INSTALL_LIBDIR}/cmake/cardea)
    install(EXPORT cardea NAMESPACE cardea:: FILE cardea-targets.cmake DESTINATION ${folder})
    write_basic_package_version_file(${PROJECT_BINARY_DIR}/cardea-config-version.cmake
        COMPATIBILITY SameMinorVersion)
    install(FILES ${PROJECT_BINARY_DIR}/cardea-config-version.cmake
        ${PROJECT_SOURCE_DIR}/cmake/cardea-config.cmake ${PROJECT_SOURCE_DIR}/cmake/dependencies.cmake
        DESTINATION ${folder})
endfunction()
