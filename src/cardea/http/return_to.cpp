#include "cardea/http/return_to.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/parameters.hpp"

namespace cardea::http {

namespace {

constexpr std::size_t limit = 2048;

/// Visible ASCII without the backslash, which browsers read as a slash, and without what the
/// grammar of URLs excludes anyway.
bool is_plain(char c) {
    constexpr std::string_view excluded = "\\\"<>^`{|}";
    return c > 0x20 && c < 0x7F && excluded.find(c) == excluded.npos;
}

/// Nothing that a second parser, or a second decoding, could turn into `//host` or a parent folder.
bool is_settled_path(std::string_view path) {
    auto decoded = percent_decode(path);
    if (!decoded || has_control(*decoded)) return false;
    if (decoded->starts_with("//") || decoded->find('\\') != decoded->npos) return false;
    return std::ranges::none_of(split(*decoded, '/'), [](std::string_view segment) {
        return segment == "." || segment == "..";
    });
}

}  // namespace

Result<ReturnTo> ReturnTo::parse(std::string_view text, const std::vector<Url>& origins) {
    if (text.size() > limit || !std::ranges::all_of(text, is_plain)) {
        return fail(return_to_refused, "characters");
    }
    if (text.starts_with('/')) {
        if (!is_settled_path(text.substr(0, text.find_first_of("?#")))) {
            return fail(return_to_refused, "path");
        }
        return ReturnTo(std::string(text));
    }
    auto url = Url::parse(text);
    if (!url) return fail(return_to_refused, url.error());
    bool allowed = std::ranges::any_of(
        origins, [&url](const Url& origin) { return origin.same_origin(*url); });
    if (!allowed) return fail(return_to_refused, "origin");
    return ReturnTo(url->text());
}

}  // namespace cardea::http
