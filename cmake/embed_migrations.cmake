# Writes a source file with the text of every file in migrations/ as a raw string.
# Run with -DFOLDER=… -DOUTPUT=… ; the order is that of the numbers in the file names.
file(GLOB files "${FOLDER}/[0-9][0-9][0-9][0-9]_*.sql")
list(SORT files)
set(entries "")
set(previous -1)
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    string(REGEX REPLACE "^0*([0-9]+)_.*$" "\\1" number "${name}")
    if(number EQUAL previous)
        message(FATAL_ERROR "two migrations have the number ${number}: ${name}")
    endif()
    set(previous ${number})
    file(READ "${file}" text)
    string(APPEND entries "        {${number}, \"${name}\", R\"sql(${text})sql\"},\n")
endforeach()
set(source "// Made from migrations/*.sql by cmake/embed_migrations.cmake.
#include \"cardea/db/migration.hpp\"

namespace cardea::db {

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> all{
${entries}    };
    return all;
}

}  // namespace cardea::db
")
# Left alone when nothing changed, so that nothing is compiled again.
if(EXISTS "${OUTPUT}")
    file(READ "${OUTPUT}" old)
    if(old STREQUAL source)
        return()
    endif()
endif()
file(WRITE "${OUTPUT}" "${source}")
