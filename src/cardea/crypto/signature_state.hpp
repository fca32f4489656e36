// What a SignatureKey holds. Private to crypto.
#pragma once

#include <array>
#include <mutex>

#include "cardea/crypto/openssl_handles.hpp"
#include "cardea/crypto/signature.hpp"

namespace cardea::crypto {

/// A context for each scheme that was verified with, ready to be copied: OpenSSL looks its
/// algorithms up by name anew for each one that is made, which costs as much as a tenth of an RSA
/// verification.
struct ReadyToVerify {
    std::mutex mutex;
    std::array<DigestContext, 6> contexts;
};

struct SignatureKey::State {
    /// Null when the key cannot verify so.
    const EVP_MD_CTX* ready_to_verify(const Scheme& scheme) const;

    PublicNumbers numbers;
    PKey key;
    bool has_private = false;
    std::unique_ptr<ReadyToVerify> ready = std::make_unique<ReadyToVerify>();
};

}  // namespace cardea::crypto
