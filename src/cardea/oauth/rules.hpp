// How a provider's requests and answers differ from the RFCs: the tables inside a provider's row.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::oauth {

/// Members of a row that may be left out.
inline constexpr auto or_default = schema::may_be_missing();

/// Texts by name. Values may hold placeholders: see template.hpp.
using Texts = std::map<std::string, std::string>;

/// How the client proves itself at the token endpoint (RFC 6749 section 2.3, RFC 7591 section 2).
/// client_secret_basic_raw leaves id and secret as they are instead of form-encoding them;
/// client_secret_as_basic_username sends the secret as Basic user name without a password. With
/// private_key_jwt (RFC 7523) and signed_client_secret the secret is a private key, and what is
/// sent is a short JWT signed with it: as client_assertion, or in the place of the secret.
enum class ClientAuth {
    client_secret_basic,
    client_secret_post,
    none,
    client_secret_basic_raw,
    client_secret_as_basic_username,
    private_key_jwt,
    signed_client_secret
};
BOOST_DESCRIBE_ENUM(ClientAuth, client_secret_basic, client_secret_post, none,
                    client_secret_basic_raw, client_secret_as_basic_username, private_key_jwt,
                    signed_client_secret)

enum class RequestMethod { post, get };
BOOST_DESCRIBE_ENUM(RequestMethod, post, get)
enum class RequestFormat { form, json, query };
BOOST_DESCRIBE_ENUM(RequestFormat, form, json, query)
enum class AnswerFormat { json, form };
BOOST_DESCRIBE_ENUM(AnswerFormat, json, form)
enum class TokenKind { access_token, refresh_token };
BOOST_DESCRIBE_ENUM(TokenKind, access_token, refresh_token)

/// A part of URLs that each installation chooses: `{name}` in a row stands for its value.
struct Variable {
    std::string default_value;
    std::string pattern = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
    std::vector<std::string> one_of;
    std::string note;
    bool operator==(const Variable&) const = default;
};
DESCRIBED(Variable,
          (default_value, "Its value unless one is given; without it one must be.",
           schema::named("default"), or_default),
          (pattern, "Regular expression (ECMAScript) that the whole value must match.", or_default),
          (one_of, "The only values there are; empty = any that match.", or_default),
          (note, "What to give, for the operator.", or_default))

/// The requests to the token endpoint, where they differ from RFC 6749 section 4.1.3.
struct TokenRequestRules {
    RequestMethod method = RequestMethod::post;
    RequestFormat format = RequestFormat::form;
    std::string client_id_param = "client_id";
    std::string client_secret_param = "client_secret";
    std::string code_param = "code";
    std::vector<std::string> omit;
    bool operator==(const TokenRequestRules&) const = default;
};
DESCRIBED(TokenRequestRules,
          (method, "post or get; get sends everything in the query.", or_default),
          (format, "form, json or query.", or_default),
          (client_id_param, "Name of the member that holds the client id.", or_default),
          (client_secret_param, "Name of the member that holds the secret.", or_default),
          (code_param, "Name of the member that holds the code.", or_default),
          (omit, "Standard members that are left out.", or_default))

/// Where things stand in the answers of the token endpoint: RFC 6901 pointers, the first at which
/// something stands counts.
struct TokenAnswerRules {
    std::vector<std::string> access_token{"/access_token"};
    std::vector<std::string> refresh_token{"/refresh_token"};
    std::vector<std::string> id_token{"/id_token"};
    std::vector<std::string> token_type{"/token_type"};
    std::vector<std::string> scope{"/scope"};
    std::vector<std::string> expires_in{"/expires_in"};
    std::vector<std::string> expires_at{"/expires_at"};
    std::vector<std::string> refresh_token_expires_in{
        "/refresh_token_expires_in", "/refresh_expires_in", "/x_refresh_token_expires_in"};
    std::vector<std::string> error{"/error"};
    std::vector<std::string> final_errors;
    std::vector<std::string> client_errors;
    std::string success;
    std::string success_value;
    bool operator==(const TokenAnswerRules&) const = default;
};
DESCRIBED(
    TokenAnswerRules, (access_token, "JSON pointers to the access token.", or_default),
    (refresh_token, "JSON pointers to the refresh token.", or_default),
    (id_token, "JSON pointers to the ID token.", or_default),
    (token_type, "JSON pointers to the type of the token.", or_default),
    (scope, "JSON pointers to the granted scopes; text or list.", or_default),
    (expires_in, "JSON pointers to the lifetime in seconds; number or numeric text.", or_default),
    (expires_at, "JSON pointers to the end: epoch seconds, epoch milliseconds or RFC 3339 text.",
     or_default),
    (refresh_token_expires_in, "JSON pointers to the refresh token's lifetime.", or_default),
    (error, "JSON pointers to the error, which may come with any status.", or_default),
    (final_errors, "Errors that, like invalid_grant, end the permission for good.", or_default),
    (client_errors, "Errors that, like invalid_client, refuse the client.", or_default),
    (success, "JSON pointer to what tells success; empty = the absence of an error.", or_default),
    (success_value, "What stands there in a success, written as text.", or_default))

/// What a callback must carry beyond what RFC 6749 asks of it.
struct CallbackRules {
    std::string hmac_param;
    Texts must_equal;
    bool operator==(const CallbackRules&) const = default;
};
DESCRIBED(CallbackRules,
          (hmac_param,
           "Name of the parameter that signs all others: HMAC-SHA256 in hexadecimal, keyed by the "
           "client secret.",
           or_default),
          (must_equal, "Parameters that must come with this value; variables are filled in.",
           or_default))

/// A second exchange right after the first: a token of an hour for one of months.
struct TokenChain {
    std::string endpoint;
    RequestMethod method = RequestMethod::get;
    Texts params;
    bool operator==(const TokenChain&) const = default;
};
DESCRIBED(TokenChain, (endpoint, "URL that gives the longer token."),
          (method, "get (params in the query) or post (params as a form).", or_default),
          (params, "Its parameters; {access_token}, {client_id} and {client_secret} are filled in.",
           or_default))

/// What gets a refresh token: nothing further, a scope or parameter, a switch or an approval at the
/// provider. For people who choose a provider; nothing is decided by it.
enum class RefreshTokenIssue { always, on_request, app_setting, approved_apps, never };
BOOST_DESCRIBE_ENUM(RefreshTokenIssue, always, on_request, app_setting, approved_apps, never)
/// Whether a renewal brings a new refresh token. For people, too: whatever comes is kept.
enum class Rotation { always, sometimes, never, configurable };
BOOST_DESCRIBE_ENUM(Rotation, always, sometimes, never, configurable)

/// A second token for another audience, got with the same refresh token.
struct Companion {
    Texts params;
    bool operator==(const Companion&) const = default;
};
DESCRIBED(Companion,
          (params,
           "Sent in its refresh in the place of refresh_params: scope, resource, audience."))

/// Renewals, where they differ from RFC 6749 section 6.
struct RenewalRules {
    std::string endpoint;
    std::optional<RequestMethod> method;
    std::optional<ClientAuth> auth;
    std::string grant_type = "refresh_token";
    std::string token_param = "refresh_token";
    TokenKind with = TokenKind::refresh_token;
    std::optional<Seconds> margin;
    std::optional<RefreshTokenIssue> refresh_token;
    std::optional<Rotation> rotation;
    std::map<std::string, Companion> companions;
    bool operator==(const RenewalRules&) const = default;
};
DESCRIBED(RenewalRules, (endpoint, "URL of renewals; the token endpoint when absent.", or_default),
          (method, "post or get; that of the token request when absent.", or_default),
          (auth, "Client authentication; that of the token endpoint when absent.", or_default),
          (grant_type, "Its grant_type.", or_default),
          (token_param, "Name of the member that holds the token.", or_default),
          (with, "refresh_token, or access_token where the live token is traded for a longer one.",
           or_default),
          (margin, "Seconds before its end that a token is renewed.", or_default),
          (refresh_token,
           "What gets one: always, on_request, app_setting, approved_apps or never. For readers.",
           or_default),
          (rotation,
           "Whether a renewal brings a new one: always, sometimes, never or configurable. For "
           "readers.",
           or_default),
          (companions, "Second tokens for other audiences, by name.", or_default))

enum class AssertionAlg { ES256, RS256, PS256 };
BOOST_DESCRIBE_ENUM(AssertionAlg, ES256, RS256, PS256)

/// The JWT that proves the client, for private_key_jwt and signed_client_secret.
struct ClientAssertion {
    AssertionAlg alg = AssertionAlg::ES256;
    std::string issuer = "{client_id}";
    std::string audience;
    std::string key_id;
    std::string key_id_previous;
    Seconds lifetime{300};
    bool operator==(const ClientAssertion&) const = default;
};
DESCRIBED(ClientAssertion, (alg, "ES256, RS256 or PS256.", or_default),
          (issuer, "Its iss; the client id when absent.", or_default),
          (audience, "Its aud; the token endpoint when absent.", or_default),
          (key_id, "The kid of its header.", or_default),
          (key_id_previous, "The kid of client_secret_previous; key_id when absent.", or_default),
          (lifetime, "Seconds that one is valid.", schema::between(1min, 24h), or_default))

/// Where an access token stands in a request. oauth: `Authorization: OAuth TOKEN`; raw: the token
/// alone in Authorization; header, query, form: under the name in token_param.
enum class TokenPlace { bearer, oauth, raw, header, query, form };
BOOST_DESCRIBE_ENUM(TokenPlace, bearer, oauth, raw, header, query, form)

/// Where the profile comes from.
enum class ProfileSource { userinfo, id_token, token_response };
BOOST_DESCRIBE_ENUM(ProfileSource, userinfo, id_token, token_response)

/// claim: believe `email_verified`. provider_verifies: the provider gives proven addresses only.
/// unverified: never treat an address as proven. none: the provider gives no address.
enum class EmailTrust { claim, provider_verifies, unverified, none };
BOOST_DESCRIBE_ENUM(EmailTrust, claim, provider_verifies, unverified, none)

/// Where the parts of a profile stand: RFC 6901 pointers, the first that is set counts.
struct ProfileRules {
    ProfileSource source = ProfileSource::userinfo;
    RequestMethod method = RequestMethod::get;
    TokenPlace token_in = TokenPlace::bearer;
    std::string token_param = "access_token";
    Texts query;
    Texts form;
    std::string json;
    std::vector<std::string> subject{"/sub"};
    std::vector<std::string> subject_parts;
    std::vector<std::string> email{"/email"};
    std::vector<std::string> email_verified{"/email_verified"};
    std::vector<std::string> name{"/name"};
    std::string name_template;
    std::vector<std::string> picture{"/picture"};
    std::string picture_template;
    EmailTrust email_trust = EmailTrust::unverified;
    bool email_verified_as_text = false;
    std::vector<std::string> authoritative_domains;
    Texts headers;
    bool operator==(const ProfileRules&) const = default;
};
DESCRIBED(ProfileRules, (source, "userinfo, id_token or token_response.", or_default),
          (method, "get or post.", or_default),
          (token_in, "bearer, oauth, raw, header, query or form.", or_default),
          (token_param, "Name of the header field or parameter, for header, query and form.",
           or_default),
          (query, "Added to the query of the profile call.", or_default),
          (form, "Sent as the form body of the profile call.", or_default),
          (json, "Sent as the JSON body of the profile call, as it stands.", or_default),
          (subject, "JSON pointers to what never changes for a user; text or integer.", or_default),
          (subject_parts,
           "JSON pointers of which all are joined to a subject, where one alone is not unique.",
           or_default),
          (email, "JSON pointers to the e-mail address.", or_default),
          (email_verified, "JSON pointers to whether the provider has proven the address.",
           or_default),
          (name, "JSON pointers to a name for people.", or_default),
          (name_template, "A name made of several parts: {/pointer} {/pointer}.", or_default),
          (picture, "JSON pointers to the URL of a picture.", or_default),
          (picture_template, "A picture's URL with {/pointer} in it.", or_default),
          (email_trust, "claim, provider_verifies, unverified or none.", or_default),
          (email_verified_as_text,
           "Whether this provider writes email_verified as the text \"true\".", or_default),
          (authoritative_domains,
           "Domains of addresses that this provider itself gives out; \"*\" = all. Only such "
           "addresses may link an existing account.",
           or_default),
          (headers, "Header fields of the profile and e-mail calls.", or_default))

/// Where addresses are when the profile has more than one, or none: a list of entries, of which the
/// primary proven one counts, or one address.
struct EmailRequest {
    std::string endpoint;
    std::string list;
    std::string email = "/email";
    std::string primary = "/primary";
    std::string verified = "/verified";
    bool operator==(const EmailRequest&) const = default;
};
DESCRIBED(EmailRequest,
          (endpoint,
           "URL that answers the list of addresses, or one address; empty = the profile's answer.",
           or_default),
          (list, "JSON pointer to the list; empty = the whole answer.", or_default),
          (email, "JSON pointer in an entry to the address.", or_default),
          (primary, "JSON pointer in an entry to whether it is the main address.", or_default),
          (verified, "JSON pointer in an entry to whether it is proven.", or_default))

enum class RevocationMethod { post, del };
BOOST_DESCRIBE_ENUM(RevocationMethod, post, del)
/// Where the token to be revoked stands: in the body (or query) under its name, as Bearer, in a
/// header field of that name, or elsewhere: in the endpoint as `{token}`, or told by `params`
/// alone.
enum class RevokedPlace { param, bearer, header, elsewhere };
BOOST_DESCRIBE_ENUM(RevokedPlace, param, bearer, header, elsewhere)

/// How tokens are revoked, where it differs from RFC 7009.
struct RevocationRules {
    RevocationMethod method = RevocationMethod::post;
    std::optional<ClientAuth> auth;
    RequestFormat format = RequestFormat::form;
    RevokedPlace token_in = RevokedPlace::param;
    std::string token_param = "token";
    Texts params;
    std::vector<TokenKind> accepts{TokenKind::refresh_token, TokenKind::access_token};
    bool operator==(const RevocationRules&) const = default;
};
DESCRIBED(RevocationRules, (method, "post or del (DELETE).", or_default),
          (auth,
           "Client authentication; when absent that of the token endpoint, or none where the token "
           "is its own proof (bearer, header, elsewhere).",
           or_default),
          (format, "form, json or query.", or_default),
          (token_in,
           "param, bearer, header or elsewhere (in the endpoint as {token}, or told by params).",
           or_default),
          (token_param, "Name of the member or header field that holds the token.", or_default),
          (params, "Further members.", or_default),
          (accepts, "refresh_token and access_token, the first that is kept is sent.", or_default))

}  // namespace cardea::oauth
