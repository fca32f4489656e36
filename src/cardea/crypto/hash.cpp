// SHA-256, HMAC, HKDF and SHA-1 by OpenSSL.
#include "cardea/crypto/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <new>
#include <stdexcept>

#include "cardea/base/wipe.hpp"

namespace cardea::crypto {
namespace {

struct Free {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, Free>;

// Fetched once: every request with a token hashes it, and an implicit fetch costs as much again.
const EVP_MD* digest() {
    static const std::unique_ptr<EVP_MD, Free> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    return fetched.get();
}

void check_mac(int outcome) {
    if (outcome != 1) throw std::runtime_error("HMAC-SHA-256 failed inside OpenSSL");
}

void set_key(EVP_MAC_CTX* context, ByteView key, const OSSL_PARAM* settings) {
    static constexpr unsigned char no_key = 0;  // a null key would mean "the key of the last call"
    const auto* bytes = key.empty() ? &no_key : reinterpret_cast<const unsigned char*>(key.data());
    if (context == nullptr) throw std::bad_alloc();
    check_mac(EVP_MAC_init(context, bytes, key.size(), settings));
}

// Copied for each call: to find HMAC and its digest by name takes several times as long as the
// rest.
MacContext new_mac_context() {
    static const MacContext prepared = [] {
        std::unique_ptr<EVP_MAC, Free> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
        MacContext context(EVP_MAC_CTX_new(mac.get()));
        char name[] = "SHA256";
        const OSSL_PARAM settings[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
            OSSL_PARAM_construct_end()};
        // A context that never had a key cannot be copied.
        set_key(context.get(), {}, settings);
        return context;
    }();
    return MacContext(EVP_MAC_CTX_dup(prepared.get()));
}

unsigned char* raw(Sha256& sum) {
    return reinterpret_cast<unsigned char*>(sum.data());
}
const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Sha256 finish(EVP_MAC_CTX* context, ByteView message) {
    check_mac(EVP_MAC_update(context, raw(message), message.size()));
    Sha256 sum;
    std::size_t written = 0;
    check_mac(EVP_MAC_final(context, raw(sum), &written, sum.size()));
    return sum;
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
    auto context = new_mac_context();
    set_key(context.get(), key, nullptr);
    return finish(context.get(), message);
}

struct HmacSha256::State {
    MacContext context = new_mac_context();
};

HmacSha256::HmacSha256(ByteView key) : state_(std::make_unique<State>()) {
    set_key(state_->context.get(), key, nullptr);
}
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

Sha256 HmacSha256::of(ByteView message) const {
    // A copy, because some versions of OpenSSL 3.0 do not start over with the key that they have.
    const MacContext context(EVP_MAC_CTX_dup(state_->context.get()));
    if (context == nullptr) throw std::bad_alloc();
    return finish(context.get(), message);
}

Bytes hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t size) {
    if (size > 255 * sizeof(Sha256)) throw std::length_error("HKDF gives at most 8160 bytes");
    auto extracted = hmac_sha256(salt, key);
    auto result = expand(extracted, info, size);
    wipe(extracted.data(), extracted.size());
    return result;
}

}  // namespace cardea::crypto
