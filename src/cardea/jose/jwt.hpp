// JSON Web Tokens: parse, verify, sign (RFC 7515, 7519). Pure: no clock, no network.
#pragma once

#include <string>
#include <string_view>

#include "cardea/jose/jwk.hpp"

namespace cardea::jose {

inline constexpr Reason malformed{Code::peer_failed, "jose.malformed",
                                  "A signed token is malformed."};
inline constexpr Reason bad_signature{Code::peer_failed, "jose.bad_signature",
                                      "A signed token's signature is not valid."};
inline constexpr Reason bad_algorithm{Code::peer_failed, "jose.bad_algorithm",
                                      "A signed token uses an algorithm that is not allowed."};

/// A token taken apart and NOT verified: read its header to choose a key, then verify().
struct Unverified {
    Algorithm algorithm;
    std::string kid;
    schema::JsonObject header;
    schema::JsonObject payload;
    std::string signing_input;
    Bytes signature;
};

/// Strict compact form: three base64url parts, JSON objects without duplicate members, no `crit`,
/// no `b64`, no `none`, at most 16 KiB. Keys that the header brings along (`jwk`, `jku`, `x5u`,
/// `x5c`) are never used.
Result<Unverified> parse(std::string_view token);

/// Whether one of the candidate keys verifies: then the payload may be believed. `allowed` is what
/// the reader of the token expects, never what the token says. With a key set HS256 is never
/// allowed: public keys are no secrets.
Result<void> verify_signature(const Unverified& token, const KeySet& keys,
                              const std::vector<Algorithm>& allowed);
/// The same with one key, which is the only way to HS256.
Result<void> verify_signature(const Unverified& token, const Key& key,
                              const std::vector<Algorithm>& allowed);
/// verify_signature(), and a copy of the payload.
Result<schema::JsonObject> verify(const Unverified& token, const KeySet& keys,
                                  const std::vector<Algorithm>& allowed);
Result<schema::JsonObject> verify(const Unverified& token, const Key& key,
                                  const std::vector<Algorithm>& allowed);

/// Compact form with `alg`, `typ` JWT and the key's `kid`.
Result<std::string> sign(const Key& key, Algorithm algorithm, const schema::JsonObject& payload);

/// The same with a header of one's own, to which `alg` is added.
Result<std::string> sign(const Key& key, Algorithm algorithm, schema::JsonObject header,
                         const schema::JsonObject& payload);

}  // namespace cardea::jose
