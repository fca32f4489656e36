// OpenSSL's objects, freed when they go out of scope. Private to crypto.
#pragma once

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

#include "cardea/base/bytes.hpp"

namespace cardea::crypto {

template <auto free>
struct FreeWith {
    void operator()(auto* object) const { free(object); }
};
using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using EcdsaPair = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using PKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

inline unsigned char* raw(std::byte* bytes) {
    return reinterpret_cast<unsigned char*>(bytes);
}
inline const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

inline BigNumber to_number(ByteView bytes) {
    return BigNumber(BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), nullptr));
}
/// Big-endian, zeros in front up to `size`; without zeros in front for size 0.
inline Bytes to_bytes(const BIGNUM* number, std::size_t size = 0) {
    Bytes bytes(size > 0 ? size : static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2binpad(number, raw(bytes.data()), static_cast<int>(bytes.size()));
    return bytes;
}

}  // namespace cardea::crypto
