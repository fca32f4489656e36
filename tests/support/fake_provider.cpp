// The fake provider's endpoints.
#include "tests/support/fake_provider.hpp"

#include <stdexcept>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/url.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea {

namespace {

using schema::Json;
using schema::JsonObject;

http::Response json_response(int status, const JsonObject& object) {
    http::Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = schema::write_json(Json(object));
    return response;
}

http::Response error_response(int status, std::string_view error) {
    return json_response(status, JsonObject{{"error", error}});
}

std::string form_decode(std::string text) {
    for (char& c : text)
        if (c == '+') c = ' ';
    return http::percent_decode(text).value_or("");
}

std::string one(const http::Parameters& parameters, std::string_view name) {
    return std::string(parameters.only(name).value_or(""));
}

std::string bearer(const http::Request& request) {
    std::string_view value = request.headers.get("Authorization");
    return value.starts_with("Bearer ") ? std::string(value.substr(7)) : std::string();
}

http::Response misbehave(FakeProvider::Failure failure, http::Response response) {
    using enum FakeProvider::Failure;
    switch (failure) {
        case not_found:
            response = http::Response();
            response.status = 404;
            return response;
        case redirect:
            response = http::Response();
            response.status = 302;
            response.headers.set("Location", "https://idp.example/elsewhere");
            return response;
        case status_500:
            return error_response(500, "server_error");
        case busy:
            response = error_response(503, "temporarily_unavailable");
            response.headers.set("Retry-After", "7");
            return response;
        case html:
            response.headers.set("Content-Type", "text/html");
            response.body = "<!doctype html><title>Maintenance</title>";
            return response;
        case garbage:
            response.body = std::string("\x00\xff{]", 4);
            return response;
        case ten_megabytes:
            response.body = std::string(10 << 20, ' ');
            return response;
        case cut_off:
            response.body.resize(response.body.size() / 2);
            return response;
        case none:
        case hang:
        case broken:
        case bad_certificate:
            return response;
    }
    return response;
}

}  // namespace

FakeProvider::FakeProvider(const Clock& clock, crypto::Random& random)
    : FakeProvider(clock, random, Options()) {}

FakeProvider::FakeProvider(const Clock& clock, crypto::Random& random, Options with)
    : options(std::move(with)), clock_(clock), random_(random) {
    rotate_keys();
}

void FakeProvider::rotate_keys() {
    auto key = jose::Key::generate(options.algorithm, "key-" + std::to_string(++key_number_));
    if (!key) throw std::runtime_error(key.error().describe());
    key_ = std::move(*key);
}

std::string FakeProvider::random_name(const char* prefix) {
    return prefix + to_hex(random_.bytes(16));
}

JsonObject FakeProvider::row() const {
    return {{"issuer", options.issuer},
            {"client_id", options.client_id},
            {"client_secret", options.client_secret},
            {"scopes", {"openid", "email", "profile"}},
            {"profile", {{"email_trust", "claim"}}}};
}

oauth::Provider FakeProvider::provider(std::string name) const {
    oauth::Provider provider;
    provider.name = provider.title = std::move(name);
    provider.issuer = options.issuer;
    provider.client_id = options.client_id;
    provider.client_secret = SecretText(options.client_secret);
    provider.scopes = {"openid", "email", "profile"};
    provider.profile.email_trust = oauth::EmailTrust::claim;
    return provider;
}

int FakeProvider::count(const std::string& endpoint) const {
    auto at = counts_.find(endpoint);
    return at == counts_.end() ? 0 : at->second;
}

std::string FakeProvider::endpoint_of(const std::string& target) const {
    static const std::map<std::string, std::string> paths{
        {"/.well-known/openid-configuration", "discovery"},
        {"/authorize", "authorization"},
        {"/jwks", "jwks"},
        {"/token", "token"},
        {"/userinfo", "userinfo"},
        {"/emails", "emails"},
        {"/revoke", "revocation"}};
    if (!target.starts_with(options.issuer)) return "elsewhere";
    auto path = target.substr(options.issuer.size());
    auto at = paths.find(path.substr(0, path.find('?')));
    return at == paths.end() ? "elsewhere" : at->second;
}

Task<http::Response> FakeProvider::send(http::Request request, http::Limits limits) {
    // As over a network, the answer comes later than the call.
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    std::string endpoint = endpoint_of(request.target);
    requests.push_back(request);
    ++counts_[endpoint];
    auto failure = failures_.contains(endpoint) ? failures_[endpoint] : Failure::none;
    if (failure == Failure::hang) co_return cardea::fail(http::peer_timeout, endpoint);
    if (failure == Failure::broken) co_return cardea::fail(http::peer_unreachable, endpoint);
    if (failure == Failure::bad_certificate) co_return cardea::fail(http::peer_tls, endpoint);
    auto response = answer(endpoint, request);
    if (response) *response = misbehave(failure, std::move(*response));
    if (response && response->body.size() > limits.response_bytes)
        co_return cardea::fail(http::peer_too_large, endpoint);
    co_return response;
}

FakeProvider::Answer FakeProvider::answer(const std::string& endpoint,
                                          const http::Request& request) {
    if (endpoint == "discovery") return discovery();
    if (endpoint == "authorization") return authorization_page(request);
    if (endpoint == "jwks") return key_set();
    if (endpoint == "token") return token(request);
    if (endpoint == "userinfo") return userinfo(request);
    if (endpoint == "emails") return email_list(request);
    if (endpoint == "revocation") return revoke(request);
    return cardea::fail(http::peer_unreachable, request.target);
}

FakeProvider::Answer FakeProvider::discovery() const {
    JsonObject document{{"issuer", options.issuer},
                        {"authorization_endpoint", options.issuer + "/authorize"},
                        {"token_endpoint", options.issuer + "/token"},
                        {"userinfo_endpoint", options.issuer + "/userinfo"},
                        {"jwks_uri", options.issuer + "/jwks"},
                        {"revocation_endpoint", options.issuer + "/revoke"},
                        {"authorization_response_iss_parameter_supported", true},
                        {"something_else", {1, 2, 3}}};
    if (change_discovery) change_discovery(document);
    return json_response(200, document);
}

FakeProvider::Answer FakeProvider::key_set() const {
    http::Response response;
    response.body = R"({"keys":[)" + key_->to_public_jwk() + "]}";
    return response;
}

bool FakeProvider::is_fit(const http::Parameters& query) const {
    bool has_challenge =
        one(query, "code_challenge_method") == "S256" && one(query, "code_challenge").size() == 43;
    return one(query, "response_type") == "code" && one(query, "client_id") == options.client_id &&
           (has_challenge || !options.demands_challenge);
}

FakeProvider::Answer FakeProvider::authorization_page(const http::Request& request) const {
    auto url = http::Url::parse(request.target);
    auto query = http::Parameters::parse(url ? url->query() : "");
    http::Response response;
    response.status = query && is_fit(*query) ? 200 : 400;
    response.headers.set("Content-Type", "text/html");
    return response;
}

std::string FakeProvider::authorize(std::string_view text) {
    auto url = http::Url::parse(text);
    if (!url) throw std::runtime_error("the authorization URL is not a URL");
    auto query = http::Parameters::parse(url->query());
    if (!query) throw std::runtime_error("the authorization URL's query is not well formed");
    http::Parameters back;
    if (!is_fit(*query)) {
        back.add("error", "invalid_request");
    } else {
        Grant grant{one(*query, "redirect_uri"),
                    one(*query, "code_challenge"),
                    one(*query, "nonce"),
                    one(*query, "scope"),
                    user,
                    random_name("chain-")};
        auto code = random_name("code-");
        codes_.emplace(code, std::move(grant));
        back.add("code", code);
    }
    back.add("state", one(*query, "state"));
    back.add("iss", options.issuer);
    return back.encode();
}

std::string FakeProvider::refuse(std::string_view text) {
    auto url = http::Url::parse(text);
    auto query = http::Parameters::parse(url ? url->query() : "");
    http::Parameters back{{"error", "access_denied"}, {"error_description", "<b>no</b>"}};
    back.add("state", query ? one(*query, "state") : "");
    back.add("iss", options.issuer);
    return back.encode();
}

/// Basic with form-encoded parts (RFC 6749 section 2.3.1), or id and secret in the body; both at
/// once are refused as that section demands.
bool FakeProvider::is_client(const http::Request& request, const http::Parameters& form) const {
    std::string_view header = request.headers.get("Authorization");
    if (header.empty())
        return one(form, "client_id") == options.client_id &&
               one(form, "client_secret") == options.client_secret;
    if (form.count("client_secret") > 0 || !header.starts_with("Basic ")) return false;
    auto pair = from_base64(header.substr(6));
    if (!pair) return false;
    auto parts = split(as_text(*pair), ':');
    return parts.size() == 2 && form_decode(std::string(parts[0])) == options.client_id &&
           form_decode(std::string(parts[1])) == options.client_secret;
}

FakeProvider::Answer FakeProvider::token(const http::Request& request) {
    auto form = http::Parameters::parse(request.body);
    bool is_form = http::media_type(request.headers.get("Content-Type")) ==
                   "application/x-www-form-urlencoded";
    if (!form || !is_form || request.method != http::Method::post)
        return error_response(400, "invalid_request");
    if (!is_client(request, *form)) return error_response(401, "invalid_client");
    auto grant_type = one(*form, "grant_type");
    if (grant_type == "authorization_code") return by_code(*form);
    if (grant_type == "refresh_token") return by_refresh_token(*form);
    return error_response(400, "unsupported_grant_type");
}

FakeProvider::Answer FakeProvider::by_code(const http::Parameters& form) {
    auto at = codes_.find(one(form, "code"));
    if (at == codes_.end()) return error_response(400, "invalid_grant");
    Grant grant = std::move(at->second);
    codes_.erase(at);
    auto verifier = one(form, "code_verifier");
    bool proven = verifier.size() >= 43 && verifier.size() <= 128 &&
                  to_base64url(crypto::sha256(verifier)) == grant.challenge;
    if (!proven || one(form, "redirect_uri") != grant.redirect_uri)
        return error_response(400, "invalid_grant");
    return issue(std::move(grant));
}

FakeProvider::Answer FakeProvider::by_refresh_token(const http::Parameters& form) {
    auto token = one(form, "refresh_token");
    if (auto dead = dead_.find(token); dead != dead_.end()) {
        // Somebody has used it before: whoever holds the newer one is cut off, too.
        std::erase_if(refresh_,
                      [&](const auto& entry) { return entry.second.chain == dead->second; });
        return error_response(400, "invalid_grant");
    }
    auto at = refresh_.find(token);
    if (at == refresh_.end()) return error_response(400, "invalid_grant");
    Grant grant = at->second;
    grant.nonce.clear();
    if (options.rotates) {
        dead_[token] = grant.chain;
        refresh_.erase(at);
    }
    return issue(std::move(grant));
}

FakeProvider::Answer FakeProvider::issue(Grant grant) {
    auto access_token = random_name("at-");
    JsonObject answer{{"access_token", access_token},
                      {"token_type", "Bearer"},
                      {"expires_in", options.expires_in},
                      {"scope", grant.scope}};
    bool first = !grant.nonce.empty();
    if (options.rotates || first) {
        auto refresh_token = random_name("rt-");
        refresh_[refresh_token] = grant;
        answer["refresh_token"] = refresh_token;
    }
    answer["id_token"] = id_token(grant, access_token);
    access_[access_token] = std::move(grant);
    if (change_token_answer) change_token_answer(answer);
    return json_response(200, answer);
}

std::string FakeProvider::id_token(const Grant& grant, const std::string& access_token) {
    auto now = to_unix_seconds(clock_.now());
    auto digest = crypto::sha256(access_token);
    auto half = to_base64url(ByteView(digest).first(16));
    JsonObject claims{{"iss", options.issuer},
                      {"sub", grant.user.subject},
                      {"aud", options.client_id},
                      {"exp", now + 300},
                      {"iat", now},
                      {"at_hash", half}};
    if (!grant.nonce.empty()) claims["nonce"] = grant.nonce;
    if (grant.user.email) {
        claims["email"] = *grant.user.email;
        claims["email_verified"] = grant.user.email_verified;
    }
    if (change_claims) change_claims(claims);
    auto forged = jose::Key::generate(options.algorithm, key_->kid());
    auto signed_token = jose::sign(forging_ && forged ? *forged : *key_, options.algorithm, claims);
    if (!signed_token) throw std::runtime_error(signed_token.error().describe());
    if (change_id_token) change_id_token(*signed_token);
    return *signed_token;
}

FakeProvider::Answer FakeProvider::userinfo(const http::Request& request) {
    auto at = access_.find(bearer(request));
    if (at == access_.end()) return error_response(401, "invalid_token");
    const User& who = at->second.user;
    JsonObject answer{{"sub", who.subject}};
    if (who.email) {
        answer["email"] = *who.email;
        answer["email_verified"] = who.email_verified;
    }
    if (who.name) answer["name"] = *who.name;
    if (who.picture) answer["picture"] = *who.picture;
    if (change_userinfo) change_userinfo(answer);
    return json_response(200, answer);
}

FakeProvider::Answer FakeProvider::email_list(const http::Request& request) {
    if (!access_.contains(bearer(request))) return error_response(401, "invalid_token");
    http::Response response;
    response.body = schema::write_json(emails);
    return response;
}

FakeProvider::Answer FakeProvider::revoke(const http::Request& request) {
    auto form = http::Parameters::parse(request.body);
    if (!form || !is_client(request, *form)) return error_response(401, "invalid_client");
    auto token = one(*form, "token");
    revoked.push_back(token);
    refresh_.erase(token);
    access_.erase(token);
    return http::Response();
}

}  // namespace cardea
