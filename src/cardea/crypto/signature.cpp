// Verifying and signing with a SignatureKey.
#include "cardea/crypto/signature.hpp"

#include <openssl/rsa.h>

#include <stdexcept>

#include "cardea/crypto/signature_state.hpp"

namespace cardea::crypto {
namespace {

const char* digest_name(Digest digest) {
    switch (digest) {
        case Digest::sha256:
            return "SHA256";
        case Digest::sha384:
            return "SHA384";
        case Digest::sha512:
            return "SHA512";
    }
    return nullptr;
}

const char* digest_name(const PublicNumbers& numbers, const Scheme& scheme) {
    const bool has_its_own = std::holds_alternative<Ed25519Point>(numbers);
    return has_its_own ? nullptr : digest_name(scheme.digest);
}

bool set_padding(EVP_PKEY_CTX* context, const PublicNumbers& numbers, const Scheme& scheme) {
    if (!std::holds_alternative<RsaNumbers>(numbers) || scheme.padding == RsaPadding::pkcs1) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

std::size_t index_of(const Scheme& scheme) {
    return static_cast<std::size_t>(scheme.digest) * 2 + static_cast<std::size_t>(scheme.padding);
}

// OpenSSL speaks DER, the JOSE standards speak of two numbers side by side (RFC 7518 section 3.4).
Bytes to_der(const EcPoint& point, ByteView signature) {
    const auto size = coordinate_size(point.curve);
    if (signature.size() != 2 * size) return {};
    EcdsaPair pair(ECDSA_SIG_new());
    ECDSA_SIG_set0(pair.get(), to_number(signature.first(size)).release(),
                   to_number(signature.subspan(size)).release());
    Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
    auto* end = raw(der.data());
    i2d_ECDSA_SIG(pair.get(), &end);
    return der;
}

Bytes from_der(const EcPoint& point, ByteView der) {
    const auto* start = raw(der);
    EcdsaPair pair(d2i_ECDSA_SIG(nullptr, &start, static_cast<long>(der.size())));
    const auto size = coordinate_size(point.curve);
    auto signature = to_bytes(ECDSA_SIG_get0_r(pair.get()), size);
    const auto s = to_bytes(ECDSA_SIG_get0_s(pair.get()), size);
    signature.insert(signature.end(), s.begin(), s.end());
    return signature;
}

void check(int outcome) {
    if (outcome != 1) throw std::runtime_error("signing failed inside OpenSSL");
}

}  // namespace

bool SignatureKey::verify(const Scheme& scheme, ByteView message, ByteView signature) const {
    const auto* point = std::get_if<EcPoint>(&state_->numbers);
    const Bytes der = point ? to_der(*point, signature) : Bytes();
    const ByteView checked = point ? ByteView(der) : signature;
    if (checked.empty()) return false;

    const EVP_MD_CTX* ready = state_->ready_to_verify(scheme);
    DigestContext context(EVP_MD_CTX_new());
    if (ready == nullptr || EVP_MD_CTX_copy_ex(context.get(), ready) != 1) return false;
    return EVP_DigestVerify(context.get(), raw(checked), checked.size(), raw(message),
                            message.size()) == 1;
}

const EVP_MD_CTX* SignatureKey::State::ready_to_verify(const Scheme& scheme) const {
    std::lock_guard lock(ready->mutex);
    auto& context = ready->contexts.at(index_of(scheme));
    if (context) return context.get();
    DigestContext made(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;  // owned by the context
    if (EVP_DigestVerifyInit_ex(made.get(), &options, digest_name(numbers, scheme), nullptr,
                                nullptr, key.get(), nullptr) != 1) {
        return nullptr;
    }
    if (!set_padding(options, numbers, scheme)) return nullptr;
    context = std::move(made);
    return context.get();
}

Bytes SignatureKey::sign(const Scheme& scheme, ByteView message) const {
    if (!state_->has_private) throw std::logic_error("a public key cannot sign");
    DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;  // owned by the context
    check(EVP_DigestSignInit_ex(context.get(), &options, digest_name(state_->numbers, scheme),
                                nullptr, nullptr, state_->key.get(), nullptr));
    check(set_padding(options, state_->numbers, scheme));
    std::size_t size = 0;
    check(EVP_DigestSign(context.get(), nullptr, &size, raw(message), message.size()));
    Bytes signature(size);
    check(
        EVP_DigestSign(context.get(), raw(signature.data()), &size, raw(message), message.size()));
    signature.resize(size);
    const auto* point = std::get_if<EcPoint>(&state_->numbers);
    return point ? from_der(*point, signature) : signature;
}

}  // namespace cardea::crypto
