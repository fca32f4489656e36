// SHA-256, HMAC, HKDF and SHA-1 by OpenSSL.
#include "cardea/crypto/hash.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <stdexcept>

#include "cardea/base/wipe.hpp"

namespace cardea::crypto {
namespace {

struct Free {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

// Fetched once: every request with a token hashes it, and an implicit fetch costs as much again.
const EVP_MD* digest() {
    static const std::unique_ptr<EVP_MD, Free> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    return fetched.get();
}

unsigned char* raw(Sha256& sum) {
    return reinterpret_cast<unsigned char*>(sum.data());
}
const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes expand(const Sha256& key, ByteView info, std::size_t size) {
    Bytes result;
    result.reserve(size + sizeof(Sha256));
    Bytes block;
    for (unsigned char counter = 1; result.size() < size; ++counter) {
        block.insert(block.end(), info.begin(), info.end());
        block.push_back(std::byte{counter});
        auto sum = hmac_sha256(key, block);
        result.insert(result.end(), sum.begin(), sum.end());
        wipe(block);
        block.assign(sum.begin(), sum.end());
        wipe(sum.data(), sum.size());
    }
    wipe(block);
    wipe(result.data() + size, result.size() - size);
    result.resize(size);
    return result;
}

}  // namespace

Sha256 sha256(ByteView bytes) {
    Sha256 sum;
    if (EVP_Digest(bytes.data(), bytes.size(), raw(sum), nullptr, digest(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed inside OpenSSL");
    }
    return sum;
}

Sha1 sha1(ByteView bytes) {
    static const std::unique_ptr<EVP_MD, Free> fetched(EVP_MD_fetch(nullptr, "SHA1", nullptr));
    Sha1 sum;
    auto* out = reinterpret_cast<unsigned char*>(sum.data());
    if (EVP_Digest(bytes.data(), bytes.size(), out, nullptr, fetched.get(), nullptr) != 1) {
        throw std::runtime_error("SHA-1 failed inside OpenSSL");
    }
    return sum;
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
    Sha256 sum;
    static constexpr unsigned char no_key = 0;  // a null key would mean "the key of the last call"
    const void* key_bytes = key.empty() ? &no_key : static_cast<const void*>(key.data());
    if (HMAC(digest(), key_bytes, static_cast<int>(key.size()), raw(message), message.size(),
             raw(sum), nullptr) == nullptr) {
        throw std::runtime_error("HMAC-SHA-256 failed inside OpenSSL");
    }
    return sum;
}

Bytes hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t size) {
    if (size > 255 * sizeof(Sha256)) throw std::length_error("HKDF gives at most 8160 bytes");
    auto extracted = hmac_sha256(salt, key);
    auto result = expand(extracted, info, size);
    wipe(extracted.data(), extracted.size());
    return result;
}

}  // namespace cardea::crypto
