// Digests and keyed digests.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "cardea/base/bytes.hpp"

namespace cardea::crypto {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(ByteView bytes);
inline Sha256 sha256(std::string_view text) {
    return sha256(as_bytes(text));
}
using Sha1 = std::array<std::byte, 20>;
/// For lists that others keyed by it, never for a secret or a signature: SHA-1 is broken.
Sha1 sha1(ByteView bytes);

/// RFC 2104 with SHA-256.
Sha256 hmac_sha256(ByteView key, ByteView message);
/// The same with one key, prepared once for many messages. Any thread.
class HmacSha256 {
  public:
    explicit HmacSha256(ByteView key);
    HmacSha256(HmacSha256&&) noexcept;
    HmacSha256& operator=(HmacSha256&&) noexcept;
    ~HmacSha256();
    Sha256 of(ByteView message) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};
/// RFC 5869 extract and expand with SHA-256. Throws std::length_error over 8160 bytes.
Bytes hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t size);

}  // namespace cardea::crypto
