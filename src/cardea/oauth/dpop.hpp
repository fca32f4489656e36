// DPoP (RFC 9449): tokens that are of use only to whoever has a key.
#pragma once

#include <optional>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/http/message.hpp"
#include "cardea/oauth/token.hpp"

namespace cardea::oauth {

/// A token came that anybody could use, although one bound to a key was asked for.
inline constexpr Reason token_not_bound{
    Code::peer_failed, "oauth.token_not_bound",
    "The provider did not bind the token as it was asked to. Tell the operator."};

/// A new P-256 key as a private JWK (RFC 7517, RFC 7518 section 6.2): what TokenSet::dpop_key
/// holds.
Result<SecretText> new_dpop_key();

/// What a request is proven with.
struct DpopBinding {
    SecretText key;           ///< From new_dpop_key().
    SecretText access_token;  ///< Of a resource call; empty at the authorization server.
    std::string nonce;        ///< What the server gave last; empty when it gave none.
};

/// The request with a proof that it comes from the key's holder (section 4.2). A resource call gets
/// `Authorization: DPoP` in the place of what it had. A proof serves once: one that is sent again
/// needs a new one. Fails with `jose.bad_key`. Costs one signature.
Result<http::Request> with_dpop_proof(http::Request request, const DpopBinding& binding,
                                      crypto::Random& random, Instant now);

/// The nonce that a server wants in the proofs of further requests (section 8): at most 512 of the
/// characters that the section allows, and no two of them. Anything else is none.
std::optional<std::string> dpop_nonce(const http::Response& response);
/// Whether the request was refused for want of that nonce alone: an authorization server says it in
/// the body (section 8), a resource in its challenge (section 9).
bool wants_dpop_nonce(const http::Response& response);

/// The tokens with the key that they are bound to. Fails with `oauth.token_not_bound` when their
/// type is not DPoP (section 5).
Result<TokenSet> bound_to(const SecretText& key, TokenSet tokens);

}  // namespace cardea::oauth
