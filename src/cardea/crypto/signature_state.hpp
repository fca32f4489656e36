// What a SignatureKey holds. Private to crypto.
#pragma once

#include "cardea/crypto/openssl_handles.hpp"
#include "cardea/crypto/signature.hpp"

namespace cardea::crypto {

struct SignatureKey::State {
    PublicNumbers numbers;
    PKey key;
    bool has_private = false;
};

}  // namespace cardea::crypto
