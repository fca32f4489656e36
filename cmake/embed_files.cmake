# Run by cardea_embed(): writes the source file. A raw string literal may be 64 KiB at most where
# compilers keep to the standard, so long texts are cut into pieces that the compiler joins again.
string(REPLACE "|" ";" FILES "${FILES}")
set(pairs "")
foreach(file IN LISTS FILES)
    file(READ ${file} hex HEX)
    get_filename_component(name ${file} NAME_WLE)
    string(LENGTH "${hex}" size)
    set(literal "")
    set(at 0)
    while(at LESS size)
        string(SUBSTRING "${hex}" ${at} 120 piece)
        string(REGEX REPLACE "(..)" "\\\\x\\1" piece "${piece}")
        string(APPEND literal "\n        \"${piece}\"")
        math(EXPR at "${at} + 120")
    endwhile()
    math(EXPR bytes "${size} / 2")
    string(APPEND pairs "    {\"${name}\", std::string_view(${literal},\n        ${bytes})},\n")
endforeach()
file(WRITE ${OUTPUT} "// Written by cmake/embed_files.cmake.
#include <span>
#include <string_view>
#include <utility>

namespace ${NAMESPACE} {

namespace {
using Text = std::pair<std::string_view, std::string_view>;
constexpr Text texts[] = {
${pairs}};
}  // namespace

std::span<const Text> ${FUNCTION}();
std::span<const Text> ${FUNCTION}() { return texts; }

}  // namespace ${NAMESPACE}
")
