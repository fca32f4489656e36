// The form in which passwords are compared with lists: upper and lower case as one.
#pragma once

#include <string_view>

#include "cardea/base/secret.hpp"

namespace cardea::password {

/// NFC and full case folding (Unicode section 3.13): `STRASSE` and `straße` are one. For comparing
/// only, never for hashing. Empty for what is not UTF-8.
SecretText fold(std::string_view text);

}  // namespace cardea::password
