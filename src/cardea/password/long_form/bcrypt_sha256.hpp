// passlib's `$bcrypt-sha256$` in its version 2: what a password over bcrypt's 72 bytes is stored
// as.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/secret.hpp"
#include "cardea/password/bcrypt.hpp"

namespace cardea::password {

/// `$bcrypt-sha256$v=2,t=2b,r=10$` + 22 characters of salt + `$` + 31 of digest. The digest is that
/// of `$2b$` over condense()'s text: HMAC and not a plain digest, so that a list of leaked SHA-256
/// sums is no list of passwords to try ("password shucking").
inline constexpr std::string_view bcrypt_sha256_prefix = "$bcrypt-sha256$";

inline bool is_bcrypt_sha256(std::string_view stored) {
    return stored.starts_with(bcrypt_sha256_prefix);
}

/// The `$2b$` hash inside. Strict, as passlib is: `malformed_hash` for another length, a padded
/// cost, a foreign character; `unsupported_hash` for version 1, which had no key.
Result<BcryptHash> parse_bcrypt_sha256(std::string_view stored);
std::string to_bcrypt_sha256(const BcryptHash& hash);

/// The 44 characters that bcrypt hashes in place of the password: base64 of HMAC-SHA-256, keyed
/// with the salt as it is written in the hash.
SecretText condense(const SecretText& password, const Salt& salt);

}  // namespace cardea::password
