#include "cardea/account/name.hpp"

#include "cardea/account/unicode.hpp"
#include "cardea/base/text.hpp"

namespace cardea::account {
namespace {

// Four bytes a code point at most; normalising is linear, and still not for megabytes.
constexpr std::size_t longest_bytes = 4 * Name::max_code_points;

std::string_view first_code_points(std::string_view text, std::size_t count) {
    std::size_t end = 0;
    while (count-- > 0 && end < text.size()) end += utf8_length(text.substr(end));
    return text.substr(0, end);
}

}  // namespace

Result<Name> Name::parse(std::string_view text) {
    auto trimmed = trim(text);
    if (trimmed.size() > longest_bytes) return fail(name_malformed, "too long");
    if (!is_utf8(trimmed)) return fail(name_malformed, "not UTF-8");
    auto name = to_nfc(trimmed);
    if (!name || has_invisible(*name)) return fail(name_malformed, "invisible characters");
    if (count_code_points(*name) > max_code_points) return fail(name_malformed, "too long");
    return Name(std::move(*name));
}

Name Name::from_profile(std::string_view text) {
    auto beginning = cut(text, longest_bytes);
    if (!is_utf8(beginning)) return Name();
    auto normal = to_nfc(without_invisible(beginning));
    if (!normal) return Name();
    return Name(std::string(trim(first_code_points(trim(*normal), max_code_points))));
}

}  // namespace cardea::account
