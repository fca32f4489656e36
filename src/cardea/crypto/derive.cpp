// PBKDF2, scrypt, old digests and AES-CTR by OpenSSL.
#include "cardea/crypto/derive.hpp"

#include <openssl/evp.h>

#include <memory>

namespace cardea::crypto {
namespace {

struct Free {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const char* name_of(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5:
            return "MD5";
        case DigestKind::sha1:
            return "SHA1";
        case DigestKind::sha256:
            return "SHA256";
        case DigestKind::sha384:
            return "SHA384";
        case DigestKind::sha512:
            return "SHA512";
    }
    return "";
}

template <DigestKind kind>
const EVP_MD* fetched() {
    static const std::unique_ptr<EVP_MD, Free> digest(
        EVP_MD_fetch(nullptr, name_of(kind), nullptr));
    return digest.get();
}

// Fetched once each: phpass digests thousands of times. Null where OpenSSL's configuration has
// turned the algorithm off.
const EVP_MD* algorithm(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5:
            return fetched<DigestKind::md5>();
        case DigestKind::sha1:
            return fetched<DigestKind::sha1>();
        case DigestKind::sha256:
            return fetched<DigestKind::sha256>();
        case DigestKind::sha384:
            return fetched<DigestKind::sha384>();
        case DigestKind::sha512:
            return fetched<DigestKind::sha512>();
    }
    return nullptr;
}

unsigned char* raw(Bytes& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::size_t size_of(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5:
            return 16;
        case DigestKind::sha1:
            return 20;
        case DigestKind::sha256:
            return 32;
        case DigestKind::sha384:
            return 48;
        case DigestKind::sha512:
            return 64;
    }
    return 0;
}

Result<Bytes> digest(DigestKind kind, ByteView bytes) {
    const auto* md = algorithm(kind);
    if (md == nullptr) return fail(derive_failed, name_of(kind));
    Bytes sum(size_of(kind));
    if (EVP_Digest(bytes.data(), bytes.size(), raw(sum), nullptr, md, nullptr) != 1) {
        return fail(derive_failed, name_of(kind));
    }
    return sum;
}

Result<Bytes> pbkdf2(std::string_view password, ByteView salt, const Pbkdf2& parameters) {
    const auto* md = algorithm(parameters.prf);
    if (md == nullptr) return fail(derive_failed, name_of(parameters.prf));
    Bytes key(parameters.size);
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt),
                          static_cast<int>(salt.size()), static_cast<int>(parameters.iterations),
                          md, static_cast<int>(key.size()), raw(key)) != 1) {
        return fail(derive_failed, "PBKDF2");
    }
    return key;
}

Result<Bytes> scrypt(std::string_view password, ByteView salt, const Scrypt& parameters) {
    Bytes key(parameters.size);
    // OpenSSL's own limit is 32 MiB; the caller has set one already.
    auto memory = parameters.memory() + 1024 * 1024;
    if (EVP_PBE_scrypt(password.data(), password.size(), raw(salt), salt.size(), parameters.n,
                       parameters.r, parameters.p, memory, raw(key), key.size()) != 1) {
        return fail(derive_failed, "scrypt");
    }
    return key;
}

Result<Bytes> aes256_ctr(ByteView key, ByteView bytes) {
    static constexpr unsigned char counter[16] = {};
    if (key.size() != 32) return fail(derive_failed, "AES-256 takes a key of 32 bytes");
    std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    Bytes result(bytes.size());
    int written = 0;
    bool done =
        context &&
        EVP_EncryptInit_ex2(context.get(), EVP_aes_256_ctr(), raw(key), counter, nullptr) == 1 &&
        EVP_EncryptUpdate(context.get(), raw(result), &written, raw(bytes),
                          static_cast<int>(bytes.size())) == 1;
    if (!done) return fail(derive_failed, "AES-256-CTR");
    return result;
}

}  // namespace cardea::crypto
