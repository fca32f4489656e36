// Discovery (OpenID Connect Discovery 1.0 section 4, RFC 8414): what a provider says of itself.
#pragma once

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"
#include "cardea/oauth/provider.hpp"

namespace cardea::oauth {

/// The document names another issuer, or endpoints that no request may go to.
inline constexpr Reason discovery_refused{
    Code::peer_failed, "oauth.discovery_refused",
    "The provider's description of itself cannot be used. Tell the operator."};

/// The GET for the document: `discovery_endpoint`, else below the issuer.
http::Request discovery_request(const Provider& provider);
/// The provider with what the document adds; what the row says stays. The document's issuer must be
/// the configured one, its endpoints https and public (Loopback::allowed: or loopback).
Result<Provider> read_discovery(const Provider& provider, const http::Response& response,
                                Loopback loopback);

}  // namespace cardea::oauth
