#include "cardea/base/log_escape.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "cardea/base/text.hpp"

namespace cardea::log {

namespace {

/// Printable ASCII without what text and JSON need to escape: nearly every value is made of these.
constexpr bool is_harmless(unsigned char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/// The same as a table, because every byte of the access log passes here.
constexpr auto harmless = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = is_harmless(static_cast<unsigned char>(c));
    }
    return table;
}();

std::size_t harmless_length(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && harmless[static_cast<unsigned char>(text[length])]) ++length;
    return length;
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

/// Copies what is harmless; calls `special(code point, its bytes)` and `unknown(byte)` for the
/// rest.
template <class Special, class Unknown>
void walk(fmt::memory_buffer& line, std::string_view text, Special special, Unknown unknown) {
    while (!text.empty()) {
        auto length = harmless_length(text);
        line.append(text.substr(0, length));
        text.remove_prefix(length);
        if (text.empty()) return;
        length = utf8_length(text);
        if (length == 0) {
            unknown(static_cast<unsigned char>(text.front()));
        } else {
            special(code_point(text.substr(0, length)), text.substr(0, length));
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

}  // namespace

void append_text(fmt::memory_buffer& line, std::string_view value) {
    bool is_bare = !value.empty() && value.find_first_of(" =") == value.npos &&
                   harmless_length(value) == value.size();
    if (is_bare) return line.append(value);
    auto out = fmt::appender(line);
    auto special = [&](char32_t c, std::string_view bytes) {
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
    line.push_back('"');
    walk(line, value, special, unknown);
    line.push_back('"');
}

void append_json(fmt::memory_buffer& line, std::string_view value) {
    auto out = fmt::appender(line);
    auto special = [&](char32_t c, std::string_view bytes) {
        if (char letter = short_escape(c)) {
            fmt::format_to(out, "\\{}", letter);
        } else if (is_obeyed(c)) {
            fmt::format_to(out, "\\u{:04x}", std::uint32_t{c});
        } else {
            line.append(bytes);
        }
    };
    auto unknown = [&](unsigned char) { line.append(std::string_view("\\ufffd")); };
    line.push_back('"');
    walk(line, value, special, unknown);
    line.push_back('"');
}

}  // namespace cardea::log
