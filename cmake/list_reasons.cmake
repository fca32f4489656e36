# Lists every Reason that the library's sources declare, as initialisers of an array of Reason:
#   cmake -DSOURCES=src/cardea -DOUTPUT=reasons.inc -P list_reasons.cmake
# A Reason is made of literals (`Reason name{Code::…, "slug", "text"}`), so its braces are all there is to
# copy. One whose text is another's name does not compile there.

file(GLOB_RECURSE sources ${SOURCES}/*.hpp ${SOURCES}/*.cpp)
list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|_fixture\\.hpp$")
list(SORT sources)
set(text "")
foreach(source ${sources})
    file(READ ${source} content)
    # In a CMake list these characters would mean something else.
    string(REPLACE ";" "<semicolon>" content "${content}")
    string(REPLACE "[" "<opens>" content "${content}")
    string(REPLACE "]" "<closes>" content "${content}")
    string(REGEX MATCHALL "constexpr Reason [a-z_0-9]+{[^}]*}" declarations "${content}")
    foreach(declaration IN LISTS declarations)
        string(FIND "${declaration}" "{" brace)
        string(SUBSTRING "${declaration}" ${brace} -1 initialiser)
        string(APPEND text "${initialiser},\n")
    endforeach()
endforeach()
string(REPLACE "<semicolon>" ";" text "${text}")
string(REPLACE "<opens>" "[" text "${text}")
string(REPLACE "<closes>" "]" text "${text}")
# Written only when it changed: what includes it is compiled anew otherwise.
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "${text}" @ONLY)
