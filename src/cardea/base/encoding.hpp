// Text forms of bytes: base64url, base64, hex, base62.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/bytes.hpp"

namespace cardea {

/// base64url without padding (RFC 7515 appendix C).
std::string to_base64url(ByteView bytes);
/// Strict: no padding, no other alphabet, no stray bits in the last character (RFC 4648
/// section 3.5).
std::optional<Bytes> from_base64url(std::string_view text);

/// base64 with padding (RFC 4648 section 4).
std::string to_base64(ByteView bytes);
/// Strict in the same way; padding is demanded.
std::optional<Bytes> from_base64(std::string_view text);

/// Lower-case hex.
std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);

/// A big-endian number in base 62 (0-9A-Za-z), left-padded with zeros to `width` characters.
/// 32 bytes need 43.
std::string to_base62(ByteView bytes, std::size_t width);

}  // namespace cardea
