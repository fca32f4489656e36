// What each algorithm asks of a key. Private to jose.
#pragma once

#include "cardea/crypto/signature.hpp"
#include "cardea/jose/jwk.hpp"

namespace cardea::jose {

enum class KeyType { rsa, p256, p384, p521, ed25519, secret };

KeyType key_type(Algorithm algorithm);
KeyType key_type(const crypto::PublicNumbers& numbers);
crypto::Scheme scheme(Algorithm algorithm);

}  // namespace cardea::jose
