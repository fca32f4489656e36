#include "cardea/sign_in/bcrypt_side.hpp"

#include "cardea/password/formats/fit.hpp"
#include "cardea/password/long_form/long_hasher.hpp"

namespace cardea::sign_in {

std::unique_ptr<password::formats::BcryptSide> bcrypt_side(const password::Settings& settings) {
    auto hasher = std::make_unique<password::Hasher>(settings);
    return password::formats::fit(std::make_unique<password::LongHasher>(std::move(hasher)));
}

}  // namespace cardea::sign_in
