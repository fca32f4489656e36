#include "cardea/account/unicode.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace cardea::account {
namespace {

struct Free {
    void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

const utf8proc_uint8_t* as_utf8(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

std::optional<std::string> map(std::string_view text, int options) {
    utf8proc_uint8_t* mapped = nullptr;
    auto size = utf8proc_map(as_utf8(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                             static_cast<utf8proc_option_t>(options));
    std::unique_ptr<utf8proc_uint8_t, Free> owner(mapped);
    if (size < 0) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

bool is_direction_override(utf8proc_int32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool is_invisible(utf8proc_int32_t c) {
    switch (utf8proc_category(c)) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_CO:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return true;
        default:
            return is_direction_override(c);
    }
}

/// Calls `each(code point, its bytes)`; stops at what is not UTF-8.
template <class F>
void for_each_code_point(std::string_view text, F&& each) {
    while (!text.empty()) {
        utf8proc_int32_t c = 0;
        auto size = utf8proc_iterate(as_utf8(text), static_cast<utf8proc_ssize_t>(text.size()), &c);
        if (size <= 0) return;
        each(c, text.substr(0, static_cast<std::size_t>(size)));
        text.remove_prefix(static_cast<std::size_t>(size));
    }
}

}  // namespace

std::optional<std::string> to_nfc(std::string_view text) {
    return map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

// Unicode folds the dotless i to itself and the dotted capital to i with a dot above, because they
// are letters of their own in Turkish; in an address they are look-alikes of i. The dot may be
// composed with another mark only in i's own case, so dropping it after folding is enough.
std::optional<std::string> to_look_alike_key(std::string_view text) {
    constexpr int casefold =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    auto folded = map(text, casefold);
    if (!folded) return std::nullopt;
    replace_all(*folded, "\u0131", "i");
    replace_all(*folded, "i\u0307", "i");
    return map(*folded, casefold);
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for_each_code_point(text, [&](utf8proc_int32_t, std::string_view) { ++count; });
    return count;
}

bool has_invisible(std::string_view utf8) {
    bool found = false;
    for_each_code_point(
        utf8, [&](utf8proc_int32_t c, std::string_view) { found = found || is_invisible(c); });
    return found;
}

std::string without_invisible(std::string_view utf8) {
    std::string kept;
    for_each_code_point(utf8, [&](utf8proc_int32_t c, std::string_view bytes) {
        if (!is_invisible(c)) kept += bytes;
    });
    return kept;
}

}  // namespace cardea::account
