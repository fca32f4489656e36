// The requests to a provider and the reading of its token answers. Builds and reads, sends nothing.
#pragma once

#include <optional>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/oauth/token.hpp"

namespace cardea::oauth {

/// The token answer is no answer: HTML, garbage, cut off, without an access token.
inline constexpr Reason answer_malformed{
    Code::peer_failed, "oauth.answer_malformed",
    "The provider answered something that cannot be read. Try again in a moment."};
/// `invalid_grant`: final, trying again will not help. Of a refresh: the user must consent again.
/// Of a code exchange: the code was used or is too old.
inline constexpr Reason consent_withdrawn{
    Code::conflict, "oauth.consent_withdrawn",
    "The provider no longer accepts this permission. Sign in there again."};
/// `invalid_client` and `unauthorized_client`: the operator's client id or secret is wrong.
inline constexpr Reason client_rejected{
    Code::peer_failed, "oauth.client_rejected",
    "The provider does not accept this server's credentials. Tell the operator."};

/// RFC 6749 section 4.1.3.
http::Request token_request(const Provider& provider, const AuthorizationCode& code);
/// RFC 6749 section 6. The scopes are left out (unchanged) unless the row adds them. `callback`:
/// what TokenSet::callback has kept.
http::Request refresh_request(const Provider& provider, const SecretText& refresh_token,
                              const Texts& callback = {});
/// The provider with what a companion's refresh_request() sends in the place of refresh_params;
/// nothing when the row has no companion of that name.
std::optional<Provider> for_companion(const Provider& provider, const std::string& name);
/// The second exchange, of a provider whose row has one: a token of an hour for one of months. Its
/// answer is read like that of the first.
std::optional<http::Request> chain_request(const Provider& provider, const TokenSet& tokens);
/// RFC 7009, or as the provider's row says. Empty when the provider cannot revoke what there is.
std::optional<http::Request> revocation_request(const Provider& provider, const TokenSet& tokens);
/// The companions' tokens, each alone, for requests of their own beside that of the first. None
/// where the request names no token: it ends the grant as a whole, and once is enough.
std::vector<TokenSet> companions_to_revoke(const Provider& provider, const TokenSet& tokens);
/// OpenID Connect Core 5.3.1, or the provider's profile call. Needs a userinfo endpoint.
http::Request userinfo_request(const Provider& provider, const TokenSet& tokens);
/// The second call for addresses. Only for a provider with email_request.
http::Request email_request(const Provider& provider, const SecretText& access_token);

/// Reads the answer to a code exchange or a refresh. `consent_withdrawn` is final,
/// `client_rejected` is for the operator; any other failure is worth a retry (`retry_after` is set
/// when the provider said how long to wait). Errors in a 200 answer are errors.
Result<TokenSet> read_token_response(const Provider& provider, const http::Response& response,
                                     Instant received_at);

/// Sets what the row keeps beside the tokens: `kept`, out of their answer and the callback, and of
/// the callback itself what renewals repeat. A value that is no short, printable text is left out.
void keep_facts(const Provider& provider, const Texts& callback, TokenSet& tokens);

}  // namespace cardea::oauth
