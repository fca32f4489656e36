// Small questions about text, in ASCII and UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cardea {

/// Without the given characters at both ends; spaces, tabs, CR and LF unless told.
std::string_view trim(std::string_view text, std::string_view characters = " \t\r\n");
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string ascii_lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Bytes of the well-formed UTF-8 sequence that a text starts with; 0 when there is none.
std::size_t utf8_length(std::string_view text);
/// True for well-formed UTF-8 without surrogates and overlong forms (RFC 3629).
bool is_utf8(std::string_view text);
/// True when a C0 control, DEL or NUL stands in the text.
bool has_control(std::string_view text);
/// At most `bytes` bytes, cut at the start of a code point where the text is UTF-8.
std::string_view cut(std::string_view text, std::size_t bytes);
/// How many edits lead from one word to the other; for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace cardea
