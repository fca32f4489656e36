# Writes OUTPUT: the common passwords of at least 8 bytes, one a line, out of
#   JOHN     john's password.lst: comments and one password a line
#   ZXCVBN   zxcvbn's frequency_lists.py: one line of Python with commas between
# Either may be absent. Shorter ones are left out: they are refused for their length.
# The texts never become CMake lists, because passwords hold semicolons and brackets.
set(text "\n")
if(EXISTS ${JOHN})
    file(READ ${JOHN} john)
    string(REGEX REPLACE "(^|\n)#!comment[^\n]*" "" john "${john}")
    string(APPEND text "${john}\n")
endif()
if(EXISTS ${ZXCVBN})
    file(READ ${ZXCVBN} python)
    set(opening "\"passwords\": \"")
    string(FIND "${python}" "${opening}" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "${ZXCVBN} has no list of passwords that this script knows how to read")
    endif()
    string(LENGTH "${opening}" size)
    math(EXPR begin "${begin} + ${size}")
    string(SUBSTRING "${python}" ${begin} -1 python)
    string(FIND "${python}" "\"" end)
    string(SUBSTRING "${python}" 0 ${end} python)
    string(REPLACE "," "\n" python "${python}")
    string(APPEND text "${python}\n")
endif()
# Each line between two line ends of its own, so that one pass finds neighbours, too.
string(REPLACE "\n" "\n\n" text "${text}")
string(REGEX REPLACE "\n[^\n][^\n]?[^\n]?[^\n]?[^\n]?[^\n]?[^\n]?\n" "" text "${text}")
string(REGEX REPLACE "\n+" "\n" text "${text}")
file(WRITE ${OUTPUT} "${text}")
