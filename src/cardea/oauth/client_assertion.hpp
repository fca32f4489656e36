// The JWT by which a client proves itself (RFC 7523 section 2.2; Apple's signed client secret).
#pragma once

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/oauth/provider.hpp"

namespace cardea::oauth {

/// The operator's private key cannot be read, or is of another kind than the row says.
inline constexpr Reason client_key_unusable{
    Code::peer_failed, "oauth.client_key_unusable",
    "This server's key for that provider cannot be used. Tell the operator."};

/// Whether requests to the provider need with_assertion() first.
bool needs_assertion(const Provider& provider);
/// The provider with a fresh assertion for its next request, signed with the private key (PKCS #8,
/// PEM) that its client_secret is. Costs one signature.
Result<Provider> with_assertion(const Provider& provider, crypto::Random& random, Instant now);

}  // namespace cardea::oauth
