// AES-256-GCM by OpenSSL's EVP.
#include "cardea/crypto/aes_gcm.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace cardea::crypto {
namespace {

struct Free {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

enum class Direction { decrypt = 0, encrypt = 1 };

unsigned char* raw(std::byte* bytes) {
    return reinterpret_cast<unsigned char*>(bytes);
}
const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Fetched once: an implicit fetch for each record costs more than sealing it.
const EVP_CIPHER* cipher() {
    static const std::unique_ptr<EVP_CIPHER, Free> fetched(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    return fetched.get();
}

void check(int outcome) {
    if (outcome != 1) throw std::runtime_error("AES-256-GCM failed inside OpenSSL");
}

Context start(const Gcm& gcm, Direction direction) {
    if (gcm.key.size() != gcm_key_size || gcm.nonce.size() != gcm_nonce_size) {
        throw std::invalid_argument("AES-256-GCM wants a key of 32 and a nonce of 12 bytes");
    }
    Context context(EVP_CIPHER_CTX_new());
    check(EVP_CipherInit_ex2(context.get(), cipher(), raw(gcm.key), raw(gcm.nonce),
                             static_cast<int>(direction), nullptr));
    int written = 0;
    if (!gcm.aad.empty()) {
        check(EVP_CipherUpdate(context.get(), nullptr, &written, raw(gcm.aad),
                               static_cast<int>(gcm.aad.size())));
    }
    return context;
}

// OpenSSL takes a null input for "nothing more", so nothing is handed over when there is nothing.
void update(EVP_CIPHER_CTX* context, ByteView in, std::byte* out) {
    int written = 0;
    if (in.empty()) return;
    check(EVP_CipherUpdate(context, raw(out), &written, raw(in), static_cast<int>(in.size())));
}

}  // namespace

Bytes gcm_encrypt(const Gcm& gcm, ByteView plain) {
    auto context = start(gcm, Direction::encrypt);
    Bytes sealed(plain.size() + gcm_tag_size);
    update(context.get(), plain, sealed.data());
    std::byte* tag = sealed.data() + plain.size();
    int written = 0;
    check(EVP_CipherFinal_ex(context.get(), raw(tag), &written));
    check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, gcm_tag_size, tag));
    return sealed;
}

std::optional<SecretBytes> gcm_decrypt(const Gcm& gcm, ByteView sealed) {
    if (sealed.size() < gcm_tag_size) return std::nullopt;
    auto context = start(gcm, Direction::decrypt);
    auto text = sealed.first(sealed.size() - gcm_tag_size);
    Bytes tag(sealed.end() - gcm_tag_size, sealed.end());
    Bytes plain(text.size());
    update(context.get(), text, plain.data());
    check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, gcm_tag_size, tag.data()));
    SecretBytes result(std::move(plain));
    int written = 0;
    unsigned char rest[gcm_tag_size];
    if (EVP_CipherFinal_ex(context.get(), rest, &written) != 1) return std::nullopt;
    return result;
}

}  // namespace cardea::crypto
