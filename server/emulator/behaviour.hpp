// Behaviour: what one real provider demands and answers, as the emulator plays it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/schema/described.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::emulator {

// The tables (behaviours.toml) are written from what vendors document and never from the catalogue
// (providers/*.toml), and nothing here is shared with the catalogue's reader: a mistake in one of
// the two shows as a disagreement.

inline constexpr auto or_default = schema::may_be_missing();

using Texts = std::map<std::string, std::string>;
using Pointers = std::vector<std::string>;

/// How the client must prove itself at the token endpoint: exactly so, and in no second way.
enum class ClientProof { post, basic, basic_raw, secret_as_username, none, signed_secret };
BOOST_DESCRIBE_ENUM(ClientProof, post, basic, basic_raw, secret_as_username, none, signed_secret)
enum class BodyFormat { form, json, query };
BOOST_DESCRIBE_ENUM(BodyFormat, form, json, query)
enum class Challenge { required, supported, ignored, app_setting, forbidden };
BOOST_DESCRIBE_ENUM(Challenge, required, supported, ignored, app_setting, forbidden)
enum class Carried { supported, unsupported };
BOOST_DESCRIBE_ENUM(Carried, supported, unsupported)
/// How an answer tells the lifetime of the access token.
enum class Lifetime { number, string, absent };
BOOST_DESCRIBE_ENUM(Lifetime, number, string, absent)
enum class Issued { always, on_request, app_setting, approved_apps, never };
BOOST_DESCRIBE_ENUM(Issued, always, on_request, app_setting, approved_apps, never)
enum class Rotation { always, sometimes, never, configurable };
BOOST_DESCRIBE_ENUM(Rotation, always, sometimes, never, configurable)
enum class Source { userinfo, id_token, token_response };
BOOST_DESCRIBE_ENUM(Source, userinfo, id_token, token_response)
enum class Place { bearer, oauth, raw, header, query, form, param };
BOOST_DESCRIBE_ENUM(Place, bearer, oauth, raw, header, query, form, param)
enum class Trust { claim, provider_verifies, unverified, none };
BOOST_DESCRIBE_ENUM(Trust, claim, provider_verifies, unverified, none)
enum class Effect { token, grant };
BOOST_DESCRIBE_ENUM(Effect, token, grant)

/// A client secret that is a JWT.
struct AssertionDemand {
    std::string alg;
    std::string iss;
    std::string aud;
    std::string kid;
};
DESCRIBED(AssertionDemand, (alg, "Its algorithm."), (iss, "Its issuer."), (aud, "Its audience."),
          (kid, "The key id of its header."))

/// Where things stand in a token answer.
struct AnswerShape {
    std::string access_token = "/access_token";
    std::string refresh_token = "/refresh_token";
    std::string expires_in = "/expires_in";
    std::string expires_at;
    std::string refresh_token_expires_in;
    std::string success;
    std::string success_value;
    Pointers also;
    bool renewal_is_plain = false;
};
DESCRIBED(AnswerShape, (access_token, "Pointer.", or_default),
          (refresh_token, "Pointer.", or_default), (expires_in, "Pointer.", or_default),
          (expires_at, "Pointer to the end in epoch seconds; empty = not told.", or_default),
          (refresh_token_expires_in, "Pointer; empty = not told.", or_default),
          (success, "Pointer to what tells success; empty = nothing does.", or_default),
          (success_value, "What stands there in a success.", or_default),
          (also, "Pointers to members of the provider's own.", or_default),
          (renewal_is_plain, "Whether renewals answer at the top level.", or_default))

/// How the token endpoint refuses.
struct ErrorShape {
    std::string pointer = "/error";
    int status = 400;
    std::vector<std::string> code;
    std::vector<std::string> grant{"invalid_grant"};
    std::vector<std::string> client{"invalid_client"};
    bool client_is_vague = false;
};
DESCRIBED(ErrorShape, (pointer, "Where the error stands.", or_default),
          (status, "The status it comes with.", or_default),
          (code, "The names of a dead code; those of a dead token when absent.", or_default),
          (grant, "The names of a dead token; of several, one each time.", or_default),
          (client, "The names of a wrong client; of several, one each time.", or_default),
          (client_is_vague, "Whether other troubles have that name, too.", or_default))

struct RefreshBehaviour {
    Issued issued = Issued::never;
    std::string request_scope;
    Texts request_params;
    std::string renew_with = "refresh_token";
    std::string method = "POST";
    std::string grant_type = "refresh_token";
    std::string token_param = "refresh_token";
    Rotation rotation = Rotation::never;
    std::int64_t reuse_grace_seconds = 0;
    bool reuse_revokes_grant = false;
    std::int64_t refresh_token_lifetime_seconds = 0;
    std::int64_t max_live_tokens = 0;
};
DESCRIBED(RefreshBehaviour, (issued, "When a refresh token comes.", or_default),
          (request_scope, "The scope that asks for one.", or_default),
          (request_params, "Parameters of the authorization request that ask for one.", or_default),
          (renew_with, "refresh_token, or access_token where that is traded for a longer one.",
           or_default),
          (method, "Of the renewal.", or_default), (grant_type, "Of the renewal.", or_default),
          (token_param, "What the renewal calls its token.", or_default),
          (rotation, "Whether a renewal gives a new refresh token; the old one is dead then.",
           or_default),
          (reuse_grace_seconds, "How long it may be repeated.", or_default),
          (reuse_revokes_grant, "Whether using a dead one ends everything.", or_default),
          (refresh_token_lifetime_seconds, "0 = no end.", or_default),
          (max_live_tokens, "Refresh tokens of one user; the oldest dies. 0 = any number.",
           or_default))

/// The second exchange of a short token.
struct ChainBehaviour {
    std::string endpoint;
    std::string method = "GET";
    Texts params;
};
DESCRIBED(ChainBehaviour, (endpoint, "Its URL."), (method, "Its method.", or_default),
          (params, "What must be sent; {short_token} is the first answer's.", or_default))

struct ProfileBehaviour {
    Source source = Source::userinfo;
    std::string method = "GET";
    Place token_in = Place::bearer;
    std::string token_param;
    Texts query;
    Texts form;
    Texts headers;
    std::string json;
    Pointers subject;
    bool numeric_subject = false;
    Pointers subject_parts;
    Pointers email;
    Pointers email_verified;
    bool email_verified_as_text = false;
    Trust email_trust = Trust::none;
    std::vector<std::string> own_domains;
    Pointers name;
    std::string name_template;
    Pointers picture;
    std::string picture_template;
};
DESCRIBED(ProfileBehaviour, (source, "Where the profile comes from.", or_default),
          (method, "Of the profile call.", or_default),
          (token_in, "Where it wants the access token.", or_default),
          (token_param, "The name of that header field or parameter.", or_default),
          (query, "What must stand in the query.", or_default),
          (form, "What must stand in the form.", or_default),
          (headers, "Header fields that must come.", or_default),
          (json, "The body that must come.", or_default),
          (subject, "Pointers; the first that is set counts.", or_default),
          (numeric_subject, "Whether the subject is a number.", or_default),
          (subject_parts, "Pointers of which all together are the subject.", or_default),
          (email, "Pointers.", or_default), (email_verified, "Pointers.", or_default),
          (email_verified_as_text, "Whether it is the text \"true\".", or_default),
          (email_trust, "What the provider's word on an address is worth.", or_default),
          (own_domains, "Domains whose addresses it gives out itself.", or_default),
          (name, "Pointers.", or_default), (name_template, "Pointers in braces.", or_default),
          (picture, "Pointers.", or_default), (picture_template, "Pointers in braces.", or_default))

/// The call that lists addresses.
struct EmailBehaviour {
    std::string endpoint;
    std::optional<std::string> list;
    std::string email = "/email";
    std::string primary;
    std::string verified;
};
DESCRIBED(EmailBehaviour, (endpoint, "Its URL."),
          (list, "Pointer to the list; absent = the answer is one address.", or_default),
          (email, "Pointer in an entry.", or_default),
          (primary, "Pointer in an entry.", or_default),
          (verified, "Pointer in an entry.", or_default))

struct RevocationBehaviour {
    std::string method = "POST";
    std::optional<ClientProof> auth;
    BodyFormat format = BodyFormat::form;
    Place token_in = Place::param;
    std::string token_param = "token";
    Texts params;
    std::vector<std::string> accepts;
    Effect effect = Effect::token;
};
DESCRIBED(RevocationBehaviour, (method, "Its method.", or_default),
          (auth, "How the client proves itself; absent where the token is the proof.", or_default),
          (format, "Of its parameters.", or_default),
          (token_in, "Where the token stands.", or_default),
          (token_param, "The name of that parameter or header field.", or_default),
          (params, "Further parameters.", or_default),
          (accepts, "access_token, refresh_token, account.", or_default),
          (effect, "What ends: that token, or everything of the consent.", or_default))

/// Where authorization requests are pushed (RFC 9126).
struct PushingBehaviour {
    std::string endpoint;
    bool required = false;
    std::int64_t lifetime_seconds = 60;
};
DESCRIBED(PushingBehaviour, (endpoint, "Its URL."),
          (required, "Whether no other authorization request is taken.", or_default),
          (lifetime_seconds, "How long what was pushed can be used, once.", or_default))

/// Proofs of possession (RFC 9449): codes and tokens are bound to the key of those that they come
/// with.
struct ProofBehaviour {
    bool required = false;
    bool nonce = false;
};
DESCRIBED(ProofBehaviour,
          (required, "Whether nothing is pushed and no token given without one.", or_default),
          (nonce, "Whether each must carry the nonce that the server gave last.", or_default))

struct Behaviour {
    std::string title;
    std::string protocol = "oauth2";
    std::string issuer;
    std::string other_issuer;
    std::string discovery_endpoint;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string refresh_endpoint;
    std::string userinfo_endpoint;
    std::string jwks_uri;
    std::string revocation_endpoint;
    std::optional<PushingBehaviour> pushed_authorization;
    std::optional<ProofBehaviour> dpop;
    Texts values;
    Texts own_values;
    ClientProof client_auth = ClientProof::post;
    std::optional<AssertionDemand> assertion;
    std::string token_method = "POST";
    BodyFormat token_format = BodyFormat::form;
    std::string client_id_param = "client_id";
    std::string authorization_client_id_param = "client_id";
    std::string client_secret_param = "client_secret";
    std::vector<std::string> unwanted_params;
    Texts token_headers;
    Texts authorization_params;
    Texts token_params;
    Texts refresh_params;
    std::vector<std::string> scopes;
    std::string scope_separator = " ";
    std::string granted_scope_separator;
    std::string fragment;
    std::string response_type = "code";
    std::string response_mode;
    std::vector<std::string> callback_params;
    Challenge pkce = Challenge::supported;
    Carried nonce = Carried::supported;
    std::string id_token_alg = "RS256";
    std::optional<std::int64_t> access_token_lifetime;
    bool silence_means_no_end = false;
    std::int64_t short_lifetime = 3600;
    std::int64_t renewal_margin = 0;
    bool tokens_begin_with_subject = false;
    Lifetime expires_in = Lifetime::number;
    AnswerShape answer;
    ErrorShape errors;
    RefreshBehaviour refresh;
    std::optional<ChainBehaviour> chain;
    ProfileBehaviour profile;
    std::optional<EmailBehaviour> emails;
    std::optional<RevocationBehaviour> revocation;

    bool is_openid() const { return protocol == "oidc"; }
};
DESCRIBED(
    Behaviour, (title, "What people call it."), (protocol, "oauth2 or oidc.", or_default),
    (issuer, "The iss of its ID tokens; {claim:name} is taken from their claims.", or_default),
    (other_issuer, "The iss that some of them have.", or_default),
    (discovery_endpoint, "Where it describes itself; below the issuer when absent.", or_default),
    (authorization_endpoint, "Its URL.", or_default), (token_endpoint, "Its URL.", or_default),
    (refresh_endpoint, "Its URL, when it is another than the token endpoint.", or_default),
    (userinfo_endpoint, "Its URL; {subject} in it must be that of the token's owner.", or_default),
    (jwks_uri, "Its URL.", or_default), (revocation_endpoint, "Its URL.", or_default),
    (pushed_authorization, "Pushed authorization requests; absent = none are taken.", or_default),
    (dpop, "Proofs of possession; absent = nobody looks at one.", or_default),
    (values, "What an operator must give: {name} in URLs.", or_default),
    (own_values, "The same where there is a usual value.", or_default),
    (client_auth, "How the client proves itself.", or_default),
    (assertion, "The JWT that does it.", or_default),
    (token_method, "Of the code exchange.", or_default),
    (token_format, "Of the code exchange.", or_default),
    (client_id_param, "Its name in token requests.", or_default),
    (authorization_client_id_param, "Its name in the authorization request.", or_default),
    (client_secret_param, "Its name.", or_default),
    (unwanted_params, "Standard parameters that must not be sent.", or_default),
    (token_headers, "Header fields that token requests must have.", or_default),
    (authorization_params, "Parameters that must come.", or_default),
    (token_params, "Parameters that must come with a code.", or_default),
    (refresh_params, "Parameters that must come with a renewal.", or_default),
    (scopes, "What the client is registered for.", or_default),
    (scope_separator, "In requests and answers.", or_default),
    (granted_scope_separator, "In answers, when it is another.", or_default),
    (fragment, "What must stand behind # in the authorization URL.", or_default),
    (response_type, "Empty = must be left out.", or_default),
    (response_mode, "form_post where the answer is a POST.", or_default),
    (callback_params, "What comes back beside code and state.", or_default),
    (pkce, "What becomes of a code_challenge.", or_default),
    (nonce, "Whether ID tokens carry it back.", or_default),
    (id_token_alg, "What ID tokens are signed with.", or_default),
    (access_token_lifetime, "Seconds; 0 = no end, absent = not known.", or_default),
    (silence_means_no_end, "Whether tokens of which nothing is told live on.", or_default),
    (short_lifetime, "Of the token before the second exchange.", or_default),
    (renewal_margin, "Seconds before its end that a token must be renewed.", or_default),
    (tokens_begin_with_subject, "Whether tokens begin with their owner's subject and a dot.",
     or_default),
    (expires_in, "How answers tell the lifetime.", or_default),
    (answer, "The shape of token answers.", or_default),
    (errors, "The shape of refusals.", or_default), (refresh, "Renewals.", or_default),
    (chain, "A second exchange.", or_default), (profile, "The profile.", or_default),
    (emails, "The call that lists addresses.", or_default),
    (revocation, "How tokens are revoked; RFC 7009 when absent.", or_default))

/// Tables by provider name.
using Behaviours = std::map<std::string, Behaviour>;

/// The tables in a text like behaviours.toml, their values filled in. Fails with `internal` for one
/// that cannot be read.
Result<Behaviours> read_behaviours(std::string_view toml);

/// All tables of behaviours.toml. Read at the first call and kept. Fails with
/// `internal` for a table that cannot be read, which a test rules out. Any thread.
const Result<Behaviours>& behaviours();

}  // namespace cardea::emulator
