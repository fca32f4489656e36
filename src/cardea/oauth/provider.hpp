// Provider: everything a protocol step needs to know about one provider, as plain data.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/jose/jwk.hpp"
#include "cardea/oauth/rules.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::oauth {

/// oidc: an ID token is issued and must be verified. oauth2: identity comes from the profile call.
enum class Protocol { oidc, oauth2 };
BOOST_DESCRIBE_ENUM(Protocol, oidc, oauth2)

/// RFC 7636. A challenge (S256) is sent for `required`, `supported` and `ignored`; with
/// `app_setting` the operator switches it on at the provider first and then says `required`.
enum class Pkce { required, supported, ignored, app_setting, forbidden };
BOOST_DESCRIBE_ENUM(Pkce, required, supported, ignored, app_setting, forbidden)

/// unsupported: the provider's ID tokens do not carry the nonce back.
enum class Nonce { supported, unsupported };
BOOST_DESCRIBE_ENUM(Nonce, supported, unsupported)

/// How the browser brings the answer back.
enum class ResponseMode { query, form_post };
BOOST_DESCRIBE_ENUM(ResponseMode, query, form_post)

/// RFC 9126: whether authorization requests are pushed to the provider, where it has an endpoint
/// for that.
enum class Par { when_offered, never };
BOOST_DESCRIBE_ENUM(Par, when_offered, never)

/// The spelling of a challenge: RFC 7636, or hexadecimal.
enum class PkceEncoding { base64url, hex };
BOOST_DESCRIBE_ENUM(PkceEncoding, base64url, hex)

/// The algorithms that an ID token may be signed with. HS256, keyed by the client secret, stands
/// alone or not at all: never beside public keys.
enum class IdTokenAlg { RS256, PS256, ES256, EdDSA, HS256 };
BOOST_DESCRIBE_ENUM(IdTokenAlg, RS256, PS256, ES256, EdDSA, HS256)
jose::Algorithm to_algorithm(IdTokenAlg alg);

/// One provider. The catalogue (providers/*.toml), `[OAuth.providers.NAME]`, the table
/// `oauth_providers` and the environment are all read into this, key by key.
struct Provider {
    std::string name;
    std::string title;
    bool enabled = true;
    std::map<std::string, Variable> variables;
    Texts values;
    Protocol protocol = Protocol::oidc;
    std::string issuer;
    std::vector<std::string> accepted_issuers;
    std::vector<std::string> endpoint_hosts;
    std::string discovery_endpoint;
    std::string authorization_endpoint;
    std::string pushed_authorization_request_endpoint;
    std::optional<bool> require_pushed_authorization_requests;
    Par par = Par::when_offered;
    std::string token_endpoint;
    std::string userinfo_endpoint;
    std::string jwks_uri;
    std::string revocation_endpoint;
    std::string client_id;
    SecretText client_secret;
    SecretText client_secret_previous;
    std::optional<ClientAuth> token_endpoint_auth_method;
    std::optional<ClientAssertion> client_assertion;
    TokenRequestRules token_request;
    Texts token_request_headers;
    TokenAnswerRules token_answer;
    std::optional<TokenChain> token_chain;
    RenewalRules renewal;
    AnswerFormat token_answer_format = AnswerFormat::json;
    std::vector<std::string> scopes;
    std::string scope_separator = " ";
    std::string granted_scope_separator;
    std::string client_id_param = "client_id";
    std::string response_type = "code";
    std::string authorization_url_fragment;
    CallbackRules callback;
    Pkce pkce = Pkce::supported;
    PkceEncoding pkce_encoding = PkceEncoding::base64url;
    Nonce nonce = Nonce::supported;
    std::optional<bool> authorization_response_iss_parameter_supported;
    std::vector<IdTokenAlg> id_token_algs{IdTokenAlg::RS256, IdTokenAlg::PS256, IdTokenAlg::ES256,
                                          IdTokenAlg::EdDSA};
    bool dpop_bound_access_tokens = false;
    ResponseMode response_mode = ResponseMode::query;
    Texts authorization_params;
    Texts token_params;
    Texts refresh_params;
    Texts keep;
    std::optional<Seconds> access_token_lifetime;
    std::string redirect_uri;
    ProfileRules profile;
    std::optional<EmailRequest> email_request;
    std::optional<RevocationRules> revocation;
    /// Made by with_assertion() for one request, never configured and never described.
    SecretText assertion;
    bool operator==(const Provider&) const = default;
};
DESCRIBED(
    Provider,
    (name, "Name in URLs, the environment and the command line: a-z, 0-9, _ and -.", or_default),
    (title, "What people read on the button.", or_default),
    (enabled, "false switches the provider off although it has credentials.", or_default),
    (variables, "What each installation chooses: {name} in URLs and parameters.", or_default),
    (values, "The values of variables, by name.", or_default),
    (protocol, "oidc (an ID token is verified) or oauth2 (identity from the profile call).",
     or_default),
    (issuer, "The provider's issuer URL, exactly as its ID tokens say it.", or_default),
    (accepted_issuers, "Further values of iss that are the same issuer.", or_default),
    (endpoint_hosts, "Hosts beside the issuer's own that discovered endpoints may be on.",
     or_default),
    (discovery_endpoint, "Where the discovery document is, when not below the issuer.", or_default),
    (authorization_endpoint, "From discovery when absent.", or_default),
    (pushed_authorization_request_endpoint,
     "Where authorization requests are pushed (RFC 9126); from discovery when absent.", or_default),
    (require_pushed_authorization_requests,
     "Whether the provider takes no others; from discovery when absent.", or_default),
    (par, "when_offered, or never where authorization requests are not to be pushed.", or_default),
    (token_endpoint, "From discovery when absent.", or_default),
    (userinfo_endpoint, "From discovery when absent.", or_default),
    (jwks_uri, "From discovery when absent.", or_default),
    (revocation_endpoint, "From discovery when absent. {client_id} in it is filled in.",
     or_default),
    (client_id, "Given by the provider at registration.", or_default),
    (client_secret, "Given by the provider at registration.", or_default),
    (client_secret_previous, "The one before it: used where the provider refuses the new one.",
     or_default),
    (token_endpoint_auth_method,
     "client_secret_basic, client_secret_post, none, client_secret_basic_raw, "
     "client_secret_as_basic_username, private_key_jwt or signed_client_secret; from discovery, "
     "else basic, when absent.",
     or_default),
    (client_assertion, "The JWT that proves the client, for the methods that send one.",
     or_default),
    (token_request, "Token requests, where they differ from RFC 6749.", or_default),
    (token_request_headers, "Header fields of requests to the token endpoint.", or_default),
    (token_answer_format, "json, or form where the token endpoint answers form-encoded.",
     or_default),
    (token_answer, "Where things stand in the answers of the token endpoint.", or_default),
    (token_chain, "A second exchange right after the first.", or_default),
    (renewal, "Renewals, where they differ from RFC 6749.", or_default),
    (scopes, "What is asked for; nothing is added. Unset for OpenID: openid, email and profile.",
     or_default),
    (scope_separator,
     "Joins the scopes in the authorization request; a plus sign is sent as it is.", or_default),
    (granted_scope_separator, "Separates the scopes of the answer, when it is another.",
     or_default),
    (client_id_param, "Name of the client id in the authorization request.", or_default),
    (response_type, "Of the authorization request; empty = left out.", or_default),
    (authorization_url_fragment, "Put after # at the end of the authorization URL.", or_default),
    (callback, "What a callback must carry beyond what RFC 6749 asks of it.", or_default),
    (pkce, "required, supported, ignored, app_setting or forbidden.", or_default),
    (pkce_encoding, "base64url, or hex where the provider wants the challenge so.", or_default),
    (nonce, "unsupported where the ID token does not carry the nonce back.", or_default),
    (authorization_response_iss_parameter_supported,
     "Whether callbacks carry iss (RFC 9207); from discovery when absent.", or_default),
    (id_token_algs,
     "RS256, PS256, ES256, EdDSA: what ID tokens may be signed with. HS256 only alone.",
     or_default),
    (dpop_bound_access_tokens,
     "Whether tokens are bound to a key of this server's (RFC 9449); whoever uses one needs it.",
     or_default),
    (response_mode, "query, or form_post where the callback is a POST.", or_default),
    (authorization_params, "Added to the authorization request.", or_default),
    (token_params, "Added to the code exchange.", or_default),
    (refresh_params, "Added to the refresh.", or_default),
    (keep, "Facts for the application, by name, out of the callback and the token answer.",
     or_default),
    (access_token_lifetime, "Seconds, where answers do not say it; 0 = does not expire.",
     or_default),
    (redirect_uri, "Overrides the redirect URI; {provider} in it is filled in.", or_default),
    (profile, "Where the parts of a profile stand.", or_default),
    (email_request, "Where addresses are, when not plainly in the profile.", or_default),
    (revocation, "How tokens are revoked, where it differs from RFC 7009.", or_default))

/// Whether plain http to loopback addresses is a provider's address (development mode).
enum class Loopback { refused, allowed };

/// The configuration has problems; Error::fields() has all of them.
inline constexpr Reason provider_invalid{Code::unprocessable, "oauth.provider_invalid",
                                         "The provider's configuration has problems."};

/// A name fit for URLs, the environment and state: a-z first, then a-z, 0-9, `_`, `-`; at most 40.
bool is_provider_name(std::string_view name);
/// Whether a URL may be a provider's endpoint: https with a public host (a name, or an address that
/// is not private, link-local or loopback), no user, no fragment. With Loopback::allowed also http
/// and https to 127.0.0.0/8, ::1 and localhost. Names are checked again after resolution by
/// http::Client.
bool is_endpoint(std::string_view url, Loopback loopback);
/// Everything that can be known to be wrong without asking the provider, all at once.
Result<void> check(const Provider& provider, Loopback loopback);

/// Whether nothing proves the client to the provider (RFC 6749 section 2.1): it has a name and no
/// secret. For a provider that is complete, discovery and all.
bool is_public_client(const Provider& provider);
/// Whether an answer must hold an ID token: OpenID Connect with `openid` among the scopes.
bool wants_id_token(const Provider& provider);
/// Whether ID tokens are signed with the client secret instead of a key of the provider's.
bool has_secret_id_tokens(const Provider& provider);
/// Whether discovery has something to add: an OpenID provider with endpoints missing.
bool needs_discovery(const Provider& provider);
/// The issuer's identity for a user of this provider: the issuer, or `oauth2:<name>` for a provider
/// that has none, with `@<host>` where its server is a matter of variables. (issuer, subject) is
/// who a user is.
std::string identity_issuer(const Provider& provider);

}  // namespace cardea::oauth
