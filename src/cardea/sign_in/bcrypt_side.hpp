// The bcrypt that the flows stand on: the engine, with passwords over 72 bytes in their long form.
#pragma once

#include "cardea/password/formats/bcrypt_side.hpp"
#include "cardea/password/settings.hpp"

namespace cardea::sign_in {

/// For password::formats::AnyHasher, which knows nothing of the long form itself.
std::unique_ptr<password::formats::BcryptSide> bcrypt_side(const password::Settings& settings);

}  // namespace cardea::sign_in
