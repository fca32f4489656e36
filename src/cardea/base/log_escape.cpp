#include "cardea/base/log_escape.hpp"

#include <algorithm>
#include <cstddef>

#include "cardea/base/text.hpp"

namespace cardea::log {

namespace {

/// Printable ASCII without what text and JSON need to escape: nearly every value is made of these.
bool is_harmless(unsigned char c) {
    return c > 0x20 && c < 0x7F && c != '"' && c != '\\';
}

bool is_bare(char c) {
    return is_harmless(static_cast<unsigned char>(c)) && c != '=';
}

char32_t code_point(std::string_view sequence) {
    auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return first;
    char32_t value = first & (0xFFu >> (sequence.size() + 1));
    for (char c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
    return value;
}

/// What a terminal or an editor obeys instead of showing: C0, DEL, C1 (U+009B is another ESC [),
/// line and paragraph separators, and the marks that reverse the direction of text.
bool is_obeyed(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

char short_escape(char32_t c) {
    switch (c) {
        case '"':
            return '"';
        case '\\':
            return '\\';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

/// Calls `known(code point, its bytes)` and `unknown(byte)` through a text.
template <class Known, class Unknown>
void walk(std::string_view text, Known known, Unknown unknown) {
    while (!text.empty()) {
        auto length = utf8_length(text);
        if (length == 0) {
            unknown(static_cast<unsigned char>(text.front()));
        } else {
            known(code_point(text.substr(0, length)), text.substr(0, length));
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

}  // namespace

void append_text(fmt::memory_buffer& line, std::string_view value) {
    if (!value.empty() && std::ranges::all_of(value, is_bare)) {
        line.append(value);
        return;
    }
    auto out = fmt::appender(line);
    line.push_back('"');
    auto known = [&](char32_t c, std::string_view bytes) {
        if (char letter = short_escape(c)) {
            fmt::format_to(out, "\\{}", letter);
        } else if (is_obeyed(c) && c < 0x80) {
            fmt::format_to(out, "\\x{:02x}", std::uint32_t{c});
        } else if (is_obeyed(c)) {
            fmt::format_to(out, "\\u{{{:04x}}}", std::uint32_t{c});
        } else {
            line.append(bytes);
        }
    };
    auto unknown = [&](unsigned char byte) { fmt::format_to(out, "\\x{:02x}", byte); };
    walk(value, known, unknown);
    line.push_back('"');
}

void append_json(fmt::memory_buffer& line, std::string_view value) {
    auto out = fmt::appender(line);
    line.push_back('"');
    auto known = [&](char32_t c, std::string_view bytes) {
        if (char letter = short_escape(c)) {
            fmt::format_to(out, "\\{}", letter);
        } else if (is_obeyed(c)) {
            fmt::format_to(out, "\\u{:04x}", std::uint32_t{c});
        } else {
            line.append(bytes);
        }
    };
    if (std::ranges::all_of(value, [](unsigned char c) { return is_harmless(c) || c == ' '; })) {
        line.append(value);
    } else {
        walk(value, known, [&](unsigned char) { line.append(std::string_view("\\ufffd")); });
    }
    line.push_back('"');
}

}  // namespace cardea::log
