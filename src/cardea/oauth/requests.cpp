// Building the requests to a provider's token, profile and revocation endpoints.
#include "cardea/oauth/requests.hpp"

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/pushed_authorization.hpp"
#include "cardea/oauth/template.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

namespace {

constexpr auto form_type = "application/x-www-form-urlencoded";
constexpr auto assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// RFC 6749 section 2.3.1 and appendix B: id and secret are form-encoded before they are joined, so
/// that a colon in them is none.
std::string form_encode(std::string_view text) {
    std::string encoded = http::percent_encode(text);
    for (auto at = encoded.find("%20"); at != std::string::npos; at = encoded.find("%20", at))
        encoded.replace(at, 3, "+");
    return encoded;
}

std::string basic(std::string pair) {
    std::string value = "Basic " + to_base64(as_bytes(pair));
    wipe(pair);
    return value;
}

/// Exactly the configured method, never two at once. A private key never leaves: what is sent for
/// it is the assertion that with_assertion() has made.
void authenticate(const Provider& provider, ClientAuth method, http::Request& request,
                  http::Parameters& form) {
    const TokenRequestRules& names = provider.token_request;
    const std::string& id = provider.client_id;
    const std::string& secret = provider.client_secret.reveal();
    switch (method) {
        case ClientAuth::client_secret_basic:
            request.headers.set("Authorization",
                                basic(form_encode(id) + ':' + form_encode(secret)));
            return;
        case ClientAuth::client_secret_basic_raw:
            request.headers.set("Authorization", basic(id + ':' + secret));
            return;
        case ClientAuth::client_secret_as_basic_username:
            request.headers.set("Authorization", basic(secret + ':'));
            return;
        case ClientAuth::client_secret_post:
            form.add(names.client_id_param, id);
            form.add(names.client_secret_param, secret);
            return;
        case ClientAuth::signed_client_secret:
            form.add(names.client_id_param, id);
            form.add(names.client_secret_param, provider.assertion.reveal());
            return;
        case ClientAuth::private_key_jwt:
            form.add(names.client_id_param, id);
            form.add("client_assertion_type", assertion_type);
            form.add("client_assertion", provider.assertion.reveal());
            return;
        case ClientAuth::none:
            form.add(names.client_id_param, id);
            return;
    }
}

ClientAuth auth_method(const Provider& provider) {
    return provider.token_endpoint_auth_method.value_or(ClientAuth::client_secret_basic);
}

http::Request to_token_endpoint(const Provider& provider, const std::string& url) {
    http::Request request;
    request.method = http::Method::post;
    request.target = url;
    request.headers.set("Accept", "application/json");
    for (const auto& [name, value] : fill_request(provider, provider.token_request_headers, {}))
        request.headers.set(name, value);
    return request;
}

void write_json_body(const http::Parameters& form, http::Request& request) {
    schema::JsonObject members;
    for (const auto& [name, value] : form) members[name] = value;
    request.headers.set("Content-Type", "application/json");
    request.body = schema::write_json(schema::Json(std::move(members)));
}

void write_form_body(const http::Parameters& form, http::Request& request) {
    request.headers.set("Content-Type", form_type);
    request.body = form.encode();
}

/// A GET has no body, whatever the row says of the format.
void write(RequestFormat format, const http::Parameters& form, http::Request& request) {
    if (request.method == http::Method::get) format = RequestFormat::query;
    switch (format) {
        case RequestFormat::form:
            return write_form_body(form, request);
        case RequestFormat::json:
            return write_json_body(form, request);
        case RequestFormat::query:
            request.target = with_query(request.target, form);
            return;
    }
}

http::Method method_of(RequestMethod method) {
    return method == RequestMethod::get ? http::Method::get : http::Method::post;
}

void add_all(const Texts& texts, http::Parameters& form) {
    for (const auto& [name, value] : texts) form.add(name, value);
}

http::Parameters without(const std::vector<std::string>& omitted, const http::Parameters& form) {
    http::Parameters kept;
    for (const auto& [name, value] : form)
        if (std::ranges::find(omitted, name) == omitted.end()) kept.add(name, value);
    return kept;
}

/// The access token where the row wants it: in a header field or among the parameters.
void place_token(const ProfileRules& rules, const SecretText& token, http::Request& request,
                 http::Parameters& query, http::Parameters& form) {
    switch (rules.token_in) {
        case TokenPlace::bearer:
            request.headers.set("Authorization", "Bearer " + token.reveal());
            return;
        case TokenPlace::oauth:
            request.headers.set("Authorization", "OAuth " + token.reveal());
            return;
        case TokenPlace::raw:
            request.headers.set("Authorization", token.reveal());
            return;
        case TokenPlace::header:
            request.headers.set(rules.token_param, token.reveal());
            return;
        case TokenPlace::query:
            query.add(rules.token_param, token.reveal());
            return;
        case TokenPlace::form:
            form.add(rules.token_param, token.reveal());
            return;
    }
}

struct Parts {
    http::Parameters query;
    http::Parameters form;
};

http::Request with_token(const Provider& provider, const std::string& url, const SecretText& token,
                         Parts parts) {
    const ProfileRules& rules = provider.profile;
    http::Request request;
    request.headers.set("Accept", "application/json");
    for (const auto& [name, value] : fill_request(provider, rules.headers, {}))
        request.headers.set(name, value);
    place_token(rules, token, request, parts.query, parts.form);
    request.target = with_query(url, parts.query);
    if (parts.form.size() > 0) write_form_body(parts.form, request);
    return request;
}

std::string revocation_url(const Provider& provider, const SecretText& token) {
    return fill(provider.revocation_endpoint,
                [&](std::string_view name) -> std::optional<std::string> {
                    if (name == "client_id") return http::percent_encode(provider.client_id);
                    if (name == "token") return http::percent_encode(token.reveal());
                    return std::nullopt;
                });
}

/// Tokens of some providers begin with their owner's id and a dot.
std::string userinfo_url(const Provider& provider, const SecretText& token) {
    std::string_view text = token.reveal();
    auto dot = text.find('.');
    auto prefix = dot == std::string_view::npos ? std::string_view() : text.substr(0, dot);
    return fill(provider.userinfo_endpoint,
                [&](std::string_view name) -> std::optional<std::string> {
                    if (name != "token_prefix") return std::nullopt;
                    return http::percent_encode(prefix);
                });
}

struct Revoked {
    const SecretText* token;
    TokenKind kind;
};

std::optional<Revoked> token_to_revoke(const RevocationRules& rules, const TokenSet& tokens) {
    for (TokenKind kind : rules.accepts) {
        if (kind == TokenKind::refresh_token && tokens.refresh_token)
            return Revoked{&*tokens.refresh_token, kind};
        if (kind == TokenKind::access_token && !tokens.access_token.empty())
            return Revoked{&tokens.access_token, kind};
    }
    return std::nullopt;
}

void place_revoked(const RevocationRules& rules, const Revoked& revoked, http::Request& request,
                   http::Parameters& form) {
    const std::string& token = revoked.token->reveal();
    switch (rules.token_in) {
        case RevokedPlace::bearer:
            request.headers.set("Authorization", "Bearer " + token);
            return;
        case RevokedPlace::header:
            request.headers.set(rules.token_param, token);
            return;
        case RevokedPlace::elsewhere:
            return;
        case RevokedPlace::param:
            form.add(rules.token_param, token);
            break;
    }
    // RFC 7009 has a hint beside its own parameter; others may not know it.
    if (rules.format != RequestFormat::form || rules.token_param != "token") return;
    form.add("token_type_hint",
             revoked.kind == TokenKind::refresh_token ? "refresh_token" : "access_token");
}

/// Whether a revocation is about the token that stands in it.
bool revokes_one_token(const Provider& provider, const RevocationRules& rules) {
    if (rules.token_in != RevokedPlace::elsewhere) return true;
    auto has_it = [](const auto& param) { return param.second.contains("{access_token}"); };
    return provider.revocation_endpoint.contains("{token}") ||
           std::ranges::any_of(rules.params, has_it);
}

/// A token as a member is proven by the client; elsewhere it is its own proof.
void authenticate_revocation(const Provider& provider, const RevocationRules& rules,
                             http::Request& request, http::Parameters& form) {
    bool is_own_proof = rules.token_in != RevokedPlace::param;
    if (is_own_proof && !rules.auth) return;
    authenticate(provider, rules.auth.value_or(auth_method(provider)), request, form);
}

}  // namespace

http::Request pushed_authorization_request(const Provider& provider,
                                           const http::Parameters& parameters) {
    auto request = to_token_endpoint(provider, provider.pushed_authorization_request_endpoint);
    http::Parameters form;
    authenticate(provider, auth_method(provider), request, form);
    // The client id is both a proof and a parameter of the request; nothing may stand twice.
    for (const auto& [name, value] : parameters)
        if (form.count(name) == 0) form.add(name, value);
    write(RequestFormat::form, form, request);
    return request;
}

http::Request token_request(const Provider& provider, const AuthorizationCode& code) {
    const TokenRequestRules& rules = provider.token_request;
    auto request = to_token_endpoint(provider, provider.token_endpoint);
    request.method = method_of(rules.method);
    http::Parameters form;
    form.add("grant_type", "authorization_code");
    form.add(rules.code_param, code.code().reveal());
    form.add("redirect_uri", code.redirect_uri());
    if (!code.code_verifier().empty()) form.add("code_verifier", code.code_verifier().reveal());
    authenticate(provider, auth_method(provider), request, form);
    RequestFacts facts;
    facts.callback = code.parameters();
    add_all(fill_request(provider, provider.token_params, facts), form);
    write(rules.format, without(rules.omit, form), request);
    return request;
}

http::Request refresh_request(const Provider& provider, const SecretText& refresh_token,
                              const Texts& callback) {
    const TokenRequestRules& rules = provider.token_request;
    const RenewalRules& renewal = provider.renewal;
    auto request = to_token_endpoint(
        provider, renewal.endpoint.empty() ? provider.token_endpoint : renewal.endpoint);
    request.method = method_of(renewal.method.value_or(rules.method));
    http::Parameters form;
    form.add("grant_type", renewal.grant_type);
    form.add(renewal.token_param, refresh_token.reveal());
    authenticate(provider, renewal.auth.value_or(auth_method(provider)), request, form);
    RequestFacts facts;
    facts.callback = callback;
    add_all(fill_request(provider, provider.refresh_params, facts), form);
    write(rules.format, without(rules.omit, form), request);
    return request;
}

std::optional<Provider> for_companion(const Provider& provider, const std::string& name) {
    auto companion = provider.renewal.companions.find(name);
    if (companion == provider.renewal.companions.end()) return std::nullopt;
    Provider asked = provider;
    asked.refresh_params = companion->second.params;
    return asked;
}

std::optional<http::Request> chain_request(const Provider& provider, const TokenSet& tokens) {
    if (!provider.token_chain) return std::nullopt;
    const TokenChain& chain = *provider.token_chain;
    auto request = to_token_endpoint(provider, chain.endpoint);
    request.method = method_of(chain.method);
    RequestFacts facts{tokens.access_token.reveal(), tokens.answer.reveal(), {}};
    http::Parameters form;
    add_all(fill_request(provider, chain.params, facts), form);
    write(RequestFormat::form, form, request);
    return request;
}

std::optional<http::Request> revocation_request(const Provider& provider, const TokenSet& tokens) {
    if (provider.revocation_endpoint.empty()) return std::nullopt;
    RevocationRules rules = provider.revocation.value_or(RevocationRules{});
    auto revoked = token_to_revoke(rules, tokens);
    if (!revoked) return std::nullopt;
    auto request = to_token_endpoint(provider, revocation_url(provider, *revoked->token));
    if (rules.method == RevocationMethod::del) request.method = http::Method::delete_;
    http::Parameters form;
    authenticate_revocation(provider, rules, request, form);
    place_revoked(rules, *revoked, request, form);
    RequestFacts facts{tokens.access_token.reveal(), tokens.answer.reveal(), {}};
    add_all(fill_request(provider, rules.params, facts), form);
    if (form.size() > 0) write(rules.format, form, request);
    return request;
}

std::vector<TokenSet> companions_to_revoke(const Provider& provider, const TokenSet& tokens) {
    std::vector<TokenSet> alone;
    if (!revokes_one_token(provider, provider.revocation.value_or(RevocationRules{}))) return alone;
    alone.reserve(tokens.companions.size());
    for (const auto& [name, companion] : tokens.companions) {
        auto& one = alone.emplace_back();
        one.access_token = companion.access_token;
        one.answer = tokens.answer;
    }
    return alone;
}

http::Request userinfo_request(const Provider& provider, const TokenSet& tokens) {
    const ProfileRules& rules = provider.profile;
    RequestFacts facts{tokens.access_token.reveal(), tokens.answer.reveal(), {}};
    Parts parts;
    add_all(fill_request(provider, rules.query, facts), parts.query);
    add_all(fill_request(provider, rules.form, facts), parts.form);
    auto request = with_token(provider, userinfo_url(provider, tokens.access_token),
                              tokens.access_token, std::move(parts));
    request.method = method_of(rules.method);
    if (rules.json.empty()) return request;
    request.headers.set("Content-Type", "application/json");
    request.body = rules.json;
    return request;
}

http::Request email_request(const Provider& provider, const SecretText& access_token) {
    return with_token(provider, provider.email_request.value_or(EmailRequest{}).endpoint,
                      access_token, {});
}

}  // namespace cardea::oauth
