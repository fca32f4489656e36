#include "cardea/http/path.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/parameters.hpp"

namespace cardea::http {

namespace {

/// `..` and `.`, also with what some servers cut off: `..;jsessionid=1`.
bool is_dot_segment(std::string_view segment) {
    auto name = segment.substr(0, segment.find(';'));
    return name == "." || name == "..";
}

bool hides_a_separator(std::string_view raw) {
    for (auto at = raw.find('%'); at != raw.npos; at = raw.find('%', at + 1)) {
        auto escape = raw.substr(at + 1, 2);
        if (equal_ignoring_case(escape, "2f") || equal_ignoring_case(escape, "5c")) return true;
    }
    return raw.find('\\') != raw.npos;
}

bool is_plain(std::string_view raw) {
    return raw.find_first_of("%\\.") == raw.npos &&
           std::ranges::all_of(raw, [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

Result<std::string> normalise_path(std::string_view raw) {
    if (!raw.starts_with('/')) return fail(path_malformed, "no leading slash");
    if (is_plain(raw)) return std::string(raw);
    if (hides_a_separator(raw)) return fail(path_malformed, "a hidden separator");
    auto path = percent_decode(raw);
    if (!path) return fail(path_malformed, "a bad escape");
    if (has_control(*path) || !is_utf8(*path)) return fail(path_malformed, "characters");
    if (std::ranges::any_of(split(*path, '/'), is_dot_segment)) {
        return fail(path_malformed, "a dot segment");
    }
    return std::move(*path);
}

}  // namespace cardea::http
