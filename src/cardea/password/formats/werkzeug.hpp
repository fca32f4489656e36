// Werkzeug's (Flask's) hashes: `pbkdf2:sha256:iterations$salt$hex` and `scrypt:n:r:p$salt$hex`.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_werkzeug(std::string_view text);

}  // namespace cardea::password::formats
