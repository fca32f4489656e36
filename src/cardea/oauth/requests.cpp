// Building the requests to a provider's token, profile and revocation endpoints.
#include "cardea/oauth/requests.hpp"

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

namespace {

constexpr auto form_type = "application/x-www-form-urlencoded";

/// RFC 6749 section 2.3.1 and appendix B: id and secret are form-encoded before they are joined, so
/// that a colon in them is none.
std::string form_encode(std::string_view text) {
    std::string encoded = http::percent_encode(text);
    for (auto at = encoded.find("%20"); at != std::string::npos; at = encoded.find("%20", at))
        encoded.replace(at, 3, "+");
    return encoded;
}

std::string basic(const Provider& provider) {
    std::string pair =
        form_encode(provider.client_id) + ':' + form_encode(provider.client_secret.reveal());
    std::string value = "Basic " + to_base64(as_bytes(pair));
    wipe(pair);
    return value;
}

/// Exactly the configured method, never two at once.
void authenticate(const Provider& provider, ClientAuth method, http::Request& request,
                  http::Parameters& form) {
    switch (method) {
        case ClientAuth::client_secret_basic:
            request.headers.set("Authorization", basic(provider));
            return;
        case ClientAuth::client_secret_post:
            form.add("client_id", provider.client_id);
            form.add("client_secret", provider.client_secret.reveal());
            return;
        case ClientAuth::none:
            form.add("client_id", provider.client_id);
            return;
    }
}

ClientAuth auth_method(const Provider& provider) {
    return provider.token_endpoint_auth_method.value_or(ClientAuth::client_secret_basic);
}

http::Request form_post(const Provider& provider, const std::string& url) {
    http::Request request;
    request.method = http::Method::post;
    request.target = url;
    request.headers.set("Accept", "application/json");
    request.headers.set("Content-Type", form_type);
    for (const auto& [name, value] : provider.token_request_headers)
        request.headers.set(name, value);
    return request;
}

http::Request bearer_get(const Provider& provider, const std::string& url,
                         const SecretText& access_token) {
    http::Request request;
    request.method = http::Method::get;
    request.target = url;
    request.headers.set("Accept", "application/json");
    for (const auto& [name, value] : provider.profile.headers) request.headers.set(name, value);
    request.headers.set("Authorization", "Bearer " + access_token.reveal());
    return request;
}

std::string revocation_url(const Provider& provider) {
    static constexpr std::string_view placeholder = "{client_id}";
    std::string url = provider.revocation_endpoint;
    if (auto at = url.find(placeholder); at != std::string::npos)
        url.replace(at, placeholder.size(), http::percent_encode(provider.client_id));
    return url;
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

void write_body(const RevocationRules& rules, const Revoked& revoked, http::Parameters form,
                http::Request& request) {
    if (rules.format == RevocationFormat::json) {
        std::map<std::string, std::string> members{{rules.token_param, revoked.token->reveal()}};
        for (const auto& [name, value] : form) members[name] = value;
        request.headers.set("Content-Type", "application/json");
        request.body = schema::write_json(members);
        return;
    }
    form.add(rules.token_param, revoked.token->reveal());
    form.add("token_type_hint",
             revoked.kind == TokenKind::refresh_token ? "refresh_token" : "access_token");
    request.body = form.encode();
}

}  // namespace

http::Request token_request(const Provider& provider, const AuthorizationCode& code) {
    auto request = form_post(provider, provider.token_endpoint);
    http::Parameters form;
    form.add("grant_type", "authorization_code");
    form.add("code", code.code().reveal());
    form.add("redirect_uri", code.redirect_uri());
    if (!code.code_verifier().empty()) form.add("code_verifier", code.code_verifier().reveal());
    authenticate(provider, auth_method(provider), request, form);
    for (const auto& [name, value] : provider.token_params) form.add(name, value);
    request.body = form.encode();
    return request;
}

http::Request refresh_request(const Provider& provider, const SecretText& refresh_token) {
    auto request = form_post(provider, provider.token_endpoint);
    http::Parameters form;
    form.add("grant_type", "refresh_token");
    form.add("refresh_token", refresh_token.reveal());
    authenticate(provider, auth_method(provider), request, form);
    for (const auto& [name, value] : provider.refresh_params) form.add(name, value);
    request.body = form.encode();
    return request;
}

std::optional<http::Request> revocation_request(const Provider& provider, const TokenSet& tokens) {
    if (provider.revocation_endpoint.empty()) return std::nullopt;
    RevocationRules rules = provider.revocation.value_or(RevocationRules{});
    auto revoked = token_to_revoke(rules, tokens);
    if (!revoked) return std::nullopt;
    auto request = form_post(provider, revocation_url(provider));
    if (rules.method == RevocationMethod::del) request.method = http::Method::delete_;
    http::Parameters form;
    authenticate(provider, rules.auth.value_or(auth_method(provider)), request, form);
    write_body(rules, *revoked, std::move(form), request);
    return request;
}

http::Request userinfo_request(const Provider& provider, const SecretText& access_token) {
    return bearer_get(provider, provider.userinfo_endpoint, access_token);
}

http::Request email_request(const Provider& provider, const SecretText& access_token) {
    return bearer_get(provider, provider.email_request.value_or(EmailRequest{}).endpoint,
                      access_token);
}

}  // namespace cardea::oauth
