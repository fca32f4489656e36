// ID tokens (OpenID Connect Core section 3.1.3.7): claims first, then the key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/oauth/token.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

/// The ID token is missing, malformed, for somebody else, too old, or forged. The detail says
/// which.
inline constexpr Reason id_token_refused{
    Code::peer_failed, "oauth.id_token_refused",
    "The provider's proof of who you are is not valid. Start again."};

/// How far the clocks of a provider and of this server may differ.
inline constexpr Seconds clock_skew = 60s;

/// What must be true of the claims beyond the provider's own facts.
struct Expectation {
    std::string nonce;        ///< Empty: none was sent.
    SecretText access_token;  ///< For at_hash.
    Instant now{};
};

/// An ID token whose claims fit and whose signature is still to be verified.
struct ClaimedIdToken {
    jose::Unverified token;
};

/// Who signed in, proven.
struct IdClaims {
    std::string issuer;
    std::string subject;
    schema::Json claims;
};

/// Reads the token and checks algorithm, iss, aud, azp, exp, nbf, iat, nonce, sub and, when there,
/// at_hash. No key is needed: nonsense never costs a key fetch.
Result<ClaimedIdToken> check_claims(const Provider& provider, std::string_view id_token,
                                    const Expectation& expected);
/// Verifies the signature with one of the provider's keys, and takes the claims out of the token
/// when it is valid.
Result<IdClaims> verify(const Provider& provider, ClaimedIdToken& token, const jose::KeySet& keys);
/// The same for a provider that signs with the client secret (HS256 alone in its row), or with the
/// previous one; a secret of less than 32 bytes verifies nothing.
Result<IdClaims> verify_with_secret(const Provider& provider, ClaimedIdToken& token);

}  // namespace cardea::oauth
