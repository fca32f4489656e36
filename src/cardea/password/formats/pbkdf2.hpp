// PBKDF2 as passlib writes it: `$pbkdf2$`, `$pbkdf2-sha256$`, `$pbkdf2-sha512$` + iterations, salt
// and key. Werkzeug's and Django's forms stand with the rest of theirs.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_pbkdf2_text(std::string_view text);

}  // namespace cardea::password::formats
