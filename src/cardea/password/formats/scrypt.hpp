// scrypt as passlib writes it: `$scrypt$ln=16,r=8,p=1$salt$key`. Werkzeug's and Django's forms
// stand with the rest of theirs.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_scrypt_text(std::string_view text);

}  // namespace cardea::password::formats
