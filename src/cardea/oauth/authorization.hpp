// begin(): the authorization request (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core 3.1.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/provider.hpp"

namespace cardea::oauth {

/// How long a sign-in may take at the provider.
inline constexpr Milliseconds pending_lifetime = 10min;

/// What is kept between sending a browser to the provider and its coming back. Single use.
struct Pending {
    std::string state_hash;  ///< Hex SHA-256 of the state; the state itself is not kept.
    std::string provider;
    std::string issuer;
    std::string redirect_uri;
    std::string return_to;
    std::string transport;     ///< `cookie` or `bearer`: what the finished sign-in issues.
    std::string nonce;         ///< Empty when the provider does not carry it back.
    SecretText code_verifier;  ///< Empty when PKCE is off for this provider.
    /// What the code is bound to where the request was pushed with a proof (RFC 9449 section 10.1).
    std::optional<SecretText> dpop_key;
    Instant expires_at{};
};

/// What the caller chooses for one sign-in.
struct Beginning {
    std::string redirect_uri;
    std::string return_to;
    std::string transport;
};

struct Authorization {
    std::string url;  ///< Where the browser goes.
    Pending pending;
    http::Parameters parameters;  ///< What the URL says: see pushed_authorization.hpp.
};

/// Builds the authorization request. State, nonce and verifier are new each time, 256 random bits
/// each but the state, which has 128 and the form `<uuid>:<provider>`. The provider needs an
/// authorization endpoint (after discovery).
Authorization begin(const Provider& provider, Beginning beginning, crypto::Random& random,
                    Instant now);

/// Hex SHA-256 of a state: what Pending is stored and found by.
std::string state_hash(std::string_view state);
/// The provider's name in `<uuid>:<provider>`; empty for anything else.
std::string_view provider_of_state(std::string_view state);
/// base64url(SHA-256(verifier)): RFC 7636 section 4.2, method S256.
std::string code_challenge(std::string_view code_verifier);

/// Pending as one text to be sealed and stored, verifier included.
SecretText write(const Pending& pending);
/// Fails with `internal` for anything that write() did not make.
Result<Pending> read_pending(std::string_view text);

}  // namespace cardea::oauth
