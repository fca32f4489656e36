// Pushed authorization requests (RFC 9126): the provider takes the parameters from this server, not
// from the browser.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/provider.hpp"

namespace cardea::oauth {

/// Where a pushed request lies at the provider.
struct PushedAuthorization {
    std::string request_uri;  ///< At most 1024 characters of RFC 3986.
};

/// Whether authorization requests are pushed: the provider has an endpoint for them, and its row
/// does not forbid it.
bool is_pushed(const Provider& provider);
/// The POST of Authorization::parameters, with the client's authentication of the token endpoint.
http::Request pushed_authorization_request(const Provider& provider,
                                           const http::Parameters& parameters);
/// Reads JSON, however the provider's token endpoint writes and whatever tells its successes.
/// `expires_in` is not looked at: whoever comes too late is told so by the provider.
/// Fails with `oauth.client_rejected` where the operator must act, with `oauth.provider_error` for
/// other errors, and with `oauth.answer_malformed` for what is no answer.
Result<PushedAuthorization> read_pushed_authorization(const Provider& provider,
                                                      const http::Response& response);
/// Where the browser goes instead of Authorization::url.
std::string pushed_authorization_url(const Provider& provider, std::string_view request_uri);

}  // namespace cardea::oauth
