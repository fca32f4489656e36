# cardea_embed(): texts compiled into the program.
#
# cardea_embed(OUTPUT NAMESPACE FUNCTION FILE …) writes OUTPUT, a source file that defines
#   std::span<const std::pair<std::string_view, std::string_view>> NAMESPACE::FUNCTION()
# with a (file name without its ending, content) pair for each FILE, in the order given.
# It is written again when a FILE changes.

set(CARDEA_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_files.cmake)

function(cardea_embed output namespace function)
    set(files)
    foreach(file IN LISTS ARGN)
        cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
        list(APPEND files ${file})
    endforeach()
    string(REPLACE ";" "|" joined "${files}")
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${namespace} -DFUNCTION=${function}
            "-DFILES=${joined}" -P ${CARDEA_EMBED_SCRIPT}
        DEPENDS ${files} ${CARDEA_EMBED_SCRIPT}
        COMMENT "Embedding ${namespace}::${function}" VERBATIM)
endfunction()
