// bcrypt's own texts, `$2b$…`, and passlib's `$bcrypt-sha256$…`: what the bcrypt side makes itself.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_bcrypt(std::string_view text);
/// Version 2 alone: version 1 had no key (`unsupported_hash`).
Result<Reading> read_bcrypt_sha256(std::string_view text);

}  // namespace cardea::password::formats
