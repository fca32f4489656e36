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
#include "cardea/schema/described.hpp"

namespace cardea::oauth {

/// Members of a row that may be left out.
inline constexpr auto or_default = schema::may_be_missing();

/// oidc: an ID token is issued and must be verified. oauth2: identity comes from the profile call.
enum class Protocol { oidc, oauth2 };
BOOST_DESCRIBE_ENUM(Protocol, oidc, oauth2)

/// How the client proves itself at the token endpoint (RFC 6749 section 2.3, RFC 7591 section 2).
enum class ClientAuth { client_secret_basic, client_secret_post, none };
BOOST_DESCRIBE_ENUM(ClientAuth, client_secret_basic, client_secret_post, none)

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

enum class AnswerFormat { json, form };
BOOST_DESCRIBE_ENUM(AnswerFormat, json, form)

/// The algorithms that an ID token may be signed with. HMAC is not among them: it never stands
/// beside public keys.
enum class IdTokenAlg { RS256, PS256, ES256, EdDSA };
BOOST_DESCRIBE_ENUM(IdTokenAlg, RS256, PS256, ES256, EdDSA)
jose::Algorithm to_algorithm(IdTokenAlg alg);

/// Where the profile comes from.
enum class ProfileSource { userinfo, id_token, token_response };
BOOST_DESCRIBE_ENUM(ProfileSource, userinfo, id_token, token_response)

/// claim: believe `email_verified`. provider_verifies: the provider gives proven addresses only.
/// unverified: never treat an address as proven. none: the provider gives no address.
enum class EmailTrust { claim, provider_verifies, unverified, none };
BOOST_DESCRIBE_ENUM(EmailTrust, claim, provider_verifies, unverified, none)

enum class RevocationMethod { post, del };
BOOST_DESCRIBE_ENUM(RevocationMethod, post, del)
enum class RevocationFormat { form, json };
BOOST_DESCRIBE_ENUM(RevocationFormat, form, json)
enum class TokenKind { access_token, refresh_token };
BOOST_DESCRIBE_ENUM(TokenKind, access_token, refresh_token)

/// Where the parts of a profile stand: RFC 6901 pointers, the first that is set counts.
struct ProfileRules {
    ProfileSource source = ProfileSource::userinfo;
    std::vector<std::string> subject{"/sub"};
    std::vector<std::string> email{"/email"};
    std::vector<std::string> email_verified{"/email_verified"};
    std::vector<std::string> name{"/name"};
    std::vector<std::string> picture{"/picture"};
    EmailTrust email_trust = EmailTrust::unverified;
    bool email_verified_as_text = false;
    std::vector<std::string> authoritative_domains;
    std::map<std::string, std::string> headers;
    bool operator==(const ProfileRules&) const = default;
};
DESCRIBED(ProfileRules, (source, "userinfo, id_token or token_response.", or_default),
          (subject, "JSON pointers to what never changes for a user; text or integer.", or_default),
          (email, "JSON pointers to the e-mail address.", or_default),
          (email_verified, "JSON pointers to whether the provider has proven the address.",
           or_default),
          (name, "JSON pointers to a name for people.", or_default),
          (picture, "JSON pointers to the URL of a picture.", or_default),
          (email_trust, "claim, provider_verifies, unverified or none.", or_default),
          (email_verified_as_text,
           "Whether this provider writes email_verified as the text \"true\".", or_default),
          (authoritative_domains,
           "Domains of addresses that this provider itself gives out; \"*\" = all. Only such "
           "addresses may link an existing account.",
           or_default),
          (headers, "Header fields of the profile and e-mail calls.", or_default))

/// A second call for addresses: a list of entries, of which the primary proven one counts.
struct EmailRequest {
    std::string endpoint;
    std::string list;
    std::string email = "/email";
    std::string primary = "/primary";
    std::string verified = "/verified";
    bool operator==(const EmailRequest&) const = default;
};
DESCRIBED(EmailRequest, (endpoint, "URL that answers the list of addresses."),
          (list, "JSON pointer to the list; empty = the whole answer.", or_default),
          (email, "JSON pointer in an entry to the address.", or_default),
          (primary, "JSON pointer in an entry to whether it is the main address.", or_default),
          (verified, "JSON pointer in an entry to whether it is proven.", or_default))

/// How tokens are revoked, where it differs from RFC 7009.
struct RevocationRules {
    RevocationMethod method = RevocationMethod::post;
    std::optional<ClientAuth> auth;
    RevocationFormat format = RevocationFormat::form;
    std::string token_param = "token";
    std::vector<TokenKind> accepts{TokenKind::refresh_token, TokenKind::access_token};
    bool operator==(const RevocationRules&) const = default;
};
DESCRIBED(RevocationRules, (method, "post or del (DELETE).", or_default),
          (auth, "Client authentication; that of the token endpoint when absent.", or_default),
          (format, "form or json.", or_default),
          (token_param, "Name of the member that holds the token.", or_default),
          (accepts, "refresh_token and access_token, the first that is kept is sent.", or_default))

/// One provider. The catalogue (providers/*.toml), `[OAuth.providers.NAME]`, the table
/// `oauth_providers` and the environment are all read into this, key by key.
struct Provider {
    std::string name;
    std::string title;
    bool enabled = true;
    Protocol protocol = Protocol::oidc;
    std::string issuer;
    std::vector<std::string> accepted_issuers;
    std::vector<std::string> endpoint_hosts;
    std::string discovery_endpoint;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string userinfo_endpoint;
    std::string jwks_uri;
    std::string revocation_endpoint;
    std::string client_id;
    SecretText client_secret;
    std::optional<ClientAuth> token_endpoint_auth_method;
    std::map<std::string, std::string> token_request_headers;
    AnswerFormat token_answer_format = AnswerFormat::json;
    std::vector<std::string> scopes;
    std::string scope_separator = " ";
    std::string granted_scope_separator;
    Pkce pkce = Pkce::supported;
    Nonce nonce = Nonce::supported;
    std::optional<bool> authorization_response_iss_parameter_supported;
    std::vector<IdTokenAlg> id_token_algs{IdTokenAlg::RS256, IdTokenAlg::PS256, IdTokenAlg::ES256,
                                          IdTokenAlg::EdDSA};
    ResponseMode response_mode = ResponseMode::query;
    std::map<std::string, std::string> authorization_params;
    std::map<std::string, std::string> token_params;
    std::map<std::string, std::string> refresh_params;
    std::optional<Seconds> access_token_lifetime;
    std::optional<Seconds> renewal_margin;
    std::string redirect_uri;
    ProfileRules profile;
    std::optional<EmailRequest> email_request;
    std::optional<RevocationRules> revocation;
    bool operator==(const Provider&) const = default;
};
DESCRIBED(
    Provider,
    (name, "Name in URLs, the environment and the command line: a-z, 0-9, _ and -.", or_default),
    (title, "What people read on the button.", or_default),
    (enabled, "false switches the provider off although it has credentials.", or_default),
    (protocol, "oidc (an ID token is verified) or oauth2 (identity from the profile call).",
     or_default),
    (issuer, "The provider's issuer URL, exactly as its ID tokens say it.", or_default),
    (accepted_issuers, "Further values of iss that are the same issuer.", or_default),
    (endpoint_hosts, "Hosts beside the issuer's own that discovered endpoints may be on.",
     or_default),
    (discovery_endpoint, "Where the discovery document is, when not below the issuer.", or_default),
    (authorization_endpoint, "From discovery when absent.", or_default),
    (token_endpoint, "From discovery when absent.", or_default),
    (userinfo_endpoint, "From discovery when absent.", or_default),
    (jwks_uri, "From discovery when absent.", or_default),
    (revocation_endpoint, "From discovery when absent. {client_id} in it is filled in.",
     or_default),
    (client_id, "Given by the provider at registration.", or_default),
    (client_secret, "Given by the provider at registration.", or_default),
    (token_endpoint_auth_method,
     "client_secret_basic, client_secret_post or none; from discovery, else basic, when absent.",
     or_default),
    (token_request_headers, "Header fields of requests to the token endpoint.", or_default),
    (token_answer_format, "json, or form where the token endpoint answers form-encoded.",
     or_default),
    (scopes, "What is asked for; nothing is added. Unset for OpenID: openid, email and profile.",
     or_default),
    (scope_separator, "Joins the scopes in the authorization request.", or_default),
    (granted_scope_separator, "Separates the scopes of the answer, when it is another.",
     or_default),
    (pkce, "required, supported, ignored, app_setting or forbidden.", or_default),
    (nonce, "unsupported where the ID token does not carry the nonce back.", or_default),
    (authorization_response_iss_parameter_supported,
     "Whether callbacks carry iss (RFC 9207); from discovery when absent.", or_default),
    (id_token_algs, "RS256, PS256, ES256, EdDSA: what ID tokens may be signed with.", or_default),
    (response_mode, "query, or form_post where the callback is a POST.", or_default),
    (authorization_params, "Added to the authorization request.", or_default),
    (token_params, "Added to the code exchange.", or_default),
    (refresh_params, "Added to the refresh.", or_default),
    (access_token_lifetime, "Seconds, where answers do not say it; 0 = does not expire.",
     or_default),
    (renewal_margin, "Seconds before its end that a token is renewed.", or_default),
    (redirect_uri, "Overrides the redirect URI; {provider} in it is filled in.", or_default),
    (profile, "Where the parts of a profile stand.", or_default),
    (email_request, "A second call for e-mail.", or_default),
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

/// Whether an answer must hold an ID token: OpenID Connect with `openid` among the scopes.
bool wants_id_token(const Provider& provider);
/// Whether discovery has something to add: an OpenID provider with endpoints missing.
bool needs_discovery(const Provider& provider);
/// The issuer's identity for a user of this provider: the issuer, or `oauth2:<name>` for a provider
/// that has none. (issuer, subject) is who a user is.
std::string identity_issuer(const Provider& provider);

}  // namespace cardea::oauth
