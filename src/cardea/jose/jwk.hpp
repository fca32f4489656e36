// JSON Web Keys (RFC 7517, 7518, 8037): public keys that verify, and private ones that sign.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/bytes.hpp"
#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::jose {

/// Signature algorithms (RFC 7518 section 3.1, RFC 8037). `none` does not exist here.
enum class Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA,
    HS256
};
std::string_view to_string(Algorithm algorithm);
std::optional<Algorithm> algorithm_from(std::string_view text);

inline constexpr Reason bad_key{Code::peer_failed, "jose.bad_key", "A signing key is malformed."};

/// One key, parsed and checked: point on its curve, RSA of 2048 to 8192 bits. Copies share it;
/// immutable: any thread.
class Key {
  public:
    /// Reads a public JWK object; private members are not looked at, and symmetric keys (`oct`) are
    /// refused: they come from settings, never from a key set. `use` other than `sig`, `key_ops`
    /// without `verify` and an `alg` that does not belong to the key make it unusable, which is an
    /// error here and a skip in KeySet.
    static Result<Key> from_jwk(std::string_view json);
    /// The same from JSON already parsed.
    static Result<Key> from_json(const schema::JsonObject& jwk);
    /// For HS256. A secret of less than 32 bytes fits no algorithm (RFC 7518 section 3.2).
    static Key from_hmac_secret(const SecretText& secret);
    /// A private key as operators get it from a provider: PKCS #8 in PEM, not encrypted; RSA,
    /// P-256, P-384, P-521 or Ed25519. Fails with `bad_key`.
    static Result<Key> from_private_pem(const SecretText& pem, std::string kid);
    /// A private EC key as to_private_jwk() writes it. Fails with `bad_key`.
    static Result<Key> from_private_jwk(const SecretText& jwk);
    /// A new private key, made by OpenSSL's own generator. Not for HS256.
    static Result<Key> generate(Algorithm algorithm, std::string kid);

    const std::string& kid() const;
    /// True when the key's type and curve fit, and `alg`, where the JWK names one, is this one.
    bool fits(Algorithm algorithm) const;
    /// False also for an algorithm that does not fit.
    bool verify(Algorithm algorithm, ByteView message, ByteView signature) const;
    /// Only with a private key or secret that fits; else `bad_key`.
    Result<Bytes> sign(Algorithm algorithm, ByteView message) const;
    /// The public JWK as JSON text; of a secret only that it is one.
    std::string to_public_jwk() const;
    /// The members that make an EC key (RFC 7518 section 6.2.2), `d` among them. Of any other key
    /// `bad_key`.
    Result<SecretText> to_private_jwk() const;
    /// Of those members the public ones (RFC 7638 section 3.2); of a secret only `kty`.
    schema::JsonObject public_members() const;

  private:
    struct State;
    explicit Key(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

/// A JWK Set. Keys that cannot be used are skipped (RFC 7517 section 5); of more than 100, the
/// rest.
class KeySet {
  public:
    static Result<KeySet> from_json(std::string_view json);
    /// Keys that may verify: those with that kid, or all that fit when the token names none.
    std::vector<Key> candidates(Algorithm algorithm, std::string_view kid) const;
    bool has(std::string_view kid) const;
    std::size_t size() const { return keys_.size(); }

  private:
    std::vector<Key> keys_;
};

}  // namespace cardea::jose
