// The text form of a bcrypt hash: `$2b$10$` + 22 characters of salt + 31 of digest.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"

namespace cardea::password {

/// The stored text is no bcrypt hash. Somebody should look at the account; to the person signing
/// in it is a wrong password.
inline constexpr Reason malformed_hash{Code::internal, "password.malformed_hash",
                                       "A stored password hash is damaged."};
/// A bcrypt hash that is not checked here: `$2x$`, made by a version with a known defect.
inline constexpr Reason unsupported_hash{Code::internal, "password.unsupported_hash",
                                         "A stored password hash is of a kind not supported."};

inline constexpr int lowest_cost = 4;
inline constexpr int highest_cost = 31;

/// The letter after `$2`. `b` and `y` are the same function; `a` carries crypt_blowfish's counter
/// measure against colliding 8-bit passwords.
enum class Variant { a, b, y };

using Salt = std::array<std::byte, 16>;
/// bcrypt's 24 bytes without the last, which the text form leaves out.
using Digest = std::array<std::byte, 23>;

struct BcryptHash {
    Variant variant = Variant::b;
    int cost = 10;
    Salt salt{};
    Digest digest{};
};

/// Strict: exact length, two-digit cost from 04 to 31, no stray bits in the last characters.
Result<BcryptHash> parse_bcrypt(std::string_view text);
std::string to_string(const BcryptHash& hash);

}  // namespace cardea::password
