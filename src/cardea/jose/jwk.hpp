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

/// One key, parsed and checked: point on its curve, RSA of at least 2048 bits. Holds an OpenSSL
/// key. Copies share it; immutable: any thread.
class Key {
  public:
    /// Reads a JWK object. `use` other than `sig` and `key_ops` without `verify` make it unusable,
    /// which is an error here and a skip in KeySet.
    static Result<Key> from_jwk(std::string_view json);
    static Key from_hmac_secret(const SecretText& secret);
    /// A new private key; for the development provider, the emulator and tests.
    static Result<Key> generate(Algorithm algorithm, std::string kid);

    const std::string& kid() const;
    /// True when the key's type and curve fit, and `alg`, where the JWK names one, is this one.
    bool fits(Algorithm algorithm) const;
    bool verify(Algorithm algorithm, ByteView message, ByteView signature) const;
    /// Only with a private key or secret.
    Result<Bytes> sign(Algorithm algorithm, ByteView message) const;
    /// The public JWK as JSON text.
    std::string to_public_jwk() const;

  private:
    struct State;
    explicit Key(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

/// A JWK Set. Keys that cannot be used are skipped (RFC 7517 section 5).
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
