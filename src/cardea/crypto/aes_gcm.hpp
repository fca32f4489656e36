// AES-256-GCM, the one cipher under every sealed value. Private to crypto.
#pragma once

#include <optional>

#include "cardea/base/secret.hpp"

namespace cardea::crypto {

inline constexpr std::size_t gcm_key_size = 32;
inline constexpr std::size_t gcm_nonce_size = 12;
inline constexpr std::size_t gcm_tag_size = 16;

/// A key, the nonce it is used with, and what is authenticated beside the text.
struct Gcm {
    ByteView key;
    ByteView nonce;
    ByteView aad;
};

/// The ciphertext with its tag behind it. A nonce is used once with a key, or all is lost.
Bytes gcm_encrypt(const Gcm& gcm, ByteView plain);
/// Empty when key, nonce, associated data, ciphertext or tag are not those of the encryption.
std::optional<SecretBytes> gcm_decrypt(const Gcm& gcm, ByteView sealed);

}  // namespace cardea::crypto
