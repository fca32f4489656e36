// Public-key signatures: keys from their numbers, verify, sign.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "cardea/base/bytes.hpp"
#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::crypto {

/// Too small, too large, not on its curve, or known to be breakable.
inline constexpr Reason bad_public_key{Code::peer_failed, "crypto.bad_public_key",
                                       "A signing key cannot be used."};

enum class Curve { p256, p384, p521 };
/// Bytes of one coordinate: 32, 48, 66.
std::size_t coordinate_size(Curve curve);

/// Big-endian numbers.
struct RsaNumbers {
    Bytes modulus;
    Bytes exponent;
};
/// Coordinates of exactly coordinate_size() bytes.
struct EcPoint {
    Curve curve = Curve::p256;
    Bytes x;
    Bytes y;
};
struct Ed25519Point {
    Bytes bytes;
};
using PublicNumbers = std::variant<RsaNumbers, EcPoint, Ed25519Point>;

enum class Digest { sha256, sha384, sha512 };
enum class RsaPadding { pkcs1, pss };

/// How an RSA or EC key signs. Ed25519 has its own digest and padding is RSA's: what a key does not
/// use is not looked at. PSS salts are as long as the digest.
struct Scheme {
    Digest digest = Digest::sha256;
    RsaPadding padding = RsaPadding::pkcs1;
};

/// A public key, with its private half when it was generated here or read from one. Read once, used
/// often: verifying costs what OpenSSL's verification costs. Copies share it; immutable: any
/// thread.
class SignatureKey {
  public:
    /// RSA of 2048 to 8192 bits with an odd exponent of at least 3 and without the ROCA flaw
    /// (CVE-2017-15361); EC points on their curve. Fails with `bad_public_key`.
    static Result<SignatureKey> from_numbers(PublicNumbers numbers);
    /// A private key in PEM (PKCS #8), not encrypted. What holds for public keys holds for its
    /// public half. Fails with `bad_public_key`.
    static Result<SignatureKey> from_private_pem(const SecretText& pem);
    /// An EC key from its point and its private number, which must belong to each other. Fails with
    /// `bad_public_key`.
    static Result<SignatureKey> from_ec_pair(EcPoint point, const SecretBytes& private_number);
    /// New private keys. OpenSSL's own generator makes them: RSA takes a tenth of a second.
    static SignatureKey generate_rsa(unsigned bits = 2048);
    static SignatureKey generate_ec(Curve curve);
    static SignatureKey generate_ed25519();

    const PublicNumbers& numbers() const;
    bool has_private() const;
    /// PKCS #8 in PEM, not encrypted: what from_private_pem() reads. Throws std::logic_error
    /// without a private half.
    SecretText to_private_pem() const;
    /// Big-endian, of coordinate_size() bytes; empty for what is no private EC key.
    SecretBytes ec_private_number() const;

    /// Signatures are PKCS#1 or PSS, ECDSA's r and s side by side (IEEE P1363), or Ed25519.
    bool verify(const Scheme& scheme, ByteView message, ByteView signature) const;
    /// Throws std::logic_error without a private half.
    Bytes sign(const Scheme& scheme, ByteView message) const;

  private:
    struct State;
    explicit SignatureKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

}  // namespace cardea::crypto
