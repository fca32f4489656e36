// Django's hashers: `pbkdf2_sha256$iterations$salt$key`, `argon2$argon2id$…`,
// `bcrypt_sha256$$2b$…`, `scrypt$n$salt$r$p$key` and their kin.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_django_pbkdf2(std::string_view text);
Result<Reading> read_django_scrypt(std::string_view text);
Result<Reading> read_django_argon2(std::string_view text);
Result<Reading> read_django_bcrypt(std::string_view text);

}  // namespace cardea::password::formats
