// What a client proves itself with: its previous secret while that is still good, and the JWT of
// those that sign one (RFC 7523 section 2.2; Apple's signed client secret).
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

/// Whether there is a previous client secret that is another one.
bool has_previous_secret(const Provider& provider);
/// The provider as it was before its client secret changed: the previous secret, or private key
/// with its key id, in the place of the new one.
Provider with_previous_secret(const Provider& provider);

/// Whether requests to the provider need with_assertion() first.
bool needs_assertion(const Provider& provider);
/// The provider with a fresh assertion for its next request, signed with the private key (PKCS #8,
/// PEM) that its client_secret is. Costs one signature.
Result<Provider> with_assertion(const Provider& provider, crypto::Random& random, Instant now);

}  // namespace cardea::oauth
