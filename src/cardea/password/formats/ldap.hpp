// The userPassword schemes of LDAP servers: `{SSHA}`, `{SHA}`, `{SSHA256}`, `{CRYPT}`,
// `{ARGON2}` and their kin (RFC 2307, OpenLDAP).
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

/// One digest, with a salt or without: weak, checked and never created.
Result<Reading> read_ldap_digest(std::string_view text);
/// `{CRYPT}` and `{ARGON2}`: another format in a wrapping.
Result<Reading> read_ldap_wrapped(std::string_view text);

}  // namespace cardea::password::formats
