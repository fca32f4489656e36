// The two ways to write a value into a log line so that it stays one line and one value.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace cardea::log {

/// A bare word where that is unambiguous, otherwise in quotes with escapes. Control characters,
/// terminal escapes, marks that reorder text and bytes that are not UTF-8 become `\n`, `\xNN` or
/// `\u{NNNN}`.
void append_text(fmt::memory_buffer& line, std::string_view value);
/// A JSON string (RFC 8259). Bytes that are not UTF-8 become U+FFFD.
void append_json(fmt::memory_buffer& line, std::string_view value);

}  // namespace cardea::log
