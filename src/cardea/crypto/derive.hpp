// Keys made from passwords, and the digests that other systems' password hashes are made with.
#pragma once

#include <cstdint>
#include <string_view>

#include "cardea/base/bytes.hpp"
#include "cardea/base/error.hpp"

namespace cardea::crypto {

/// OpenSSL could not compute: no memory, or an algorithm that its configuration turns off.
inline constexpr Reason derive_failed{Code::unavailable, "crypto.derive_failed",
                                      "This cannot be computed just now. Try again in a moment."};

/// MD5 and SHA-1 are broken as digests; they are here to check what others stored, never to create.
enum class DigestKind { md5, sha1, sha256, sha384, sha512 };

/// Bytes of a digest.
std::size_t size_of(DigestKind kind);
Result<Bytes> digest(DigestKind kind, ByteView bytes);

struct Pbkdf2 {
    DigestKind prf = DigestKind::sha256;
    std::uint32_t iterations = 1;  ///< At most 2^31 - 1.
    std::size_t size = 32;         ///< Bytes wanted.
};
/// RFC 8018 section 5.2 with HMAC.
Result<Bytes> pbkdf2(std::string_view password, ByteView salt, const Pbkdf2& parameters);

struct Scrypt {
    std::uint64_t n = 2;  ///< A power of two.
    std::uint32_t r = 8;
    std::uint32_t p = 1;
    std::size_t size = 32;  ///< Bytes wanted.

    /// Bytes of memory that it takes.
    std::uint64_t memory() const { return std::uint64_t{128} * r * (n + p + 2); }
};
/// RFC 7914. The caller bounds memory() and the work, which is proportional to n * r * p.
Result<Bytes> scrypt(std::string_view password, ByteView salt, const Scrypt& parameters);

/// AES-256 in counter mode, the counter beginning at zero: a key stream that is safe once per key.
Result<Bytes> aes256_ctr(ByteView key, ByteView bytes);

}  // namespace cardea::crypto
