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

/// The token in `Authorization: SCHEME token`.
std::string token_in(const http::Request& request, std::string_view scheme) {
    std::string_view value = request.headers.get("Authorization");
    if (request.headers.count("Authorization") != 1 || !value.starts_with(scheme)) return {};
    return std::string(value.substr(scheme.size()));
}

constexpr Reason use_nonce{Code::invalid, "use_dpop_nonce", "The proof needs the nonce."};
constexpr Reason invalid_proof{Code::invalid, "invalid_dpop_proof", "The proof is none."};

bool says(const JsonObject& object, std::string_view name, std::string_view text) {
    auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() && value->get_string() == text;
}

/// The parameters of a POST; nothing when it is none.
std::optional<http::Parameters> form_of(const http::Request& request) {
    bool is_form = http::media_type(request.headers.get("Content-Type")) ==
                   "application/x-www-form-urlencoded";
    auto form = http::Parameters::parse(request.body);
    if (!form || !is_form || request.method != http::Method::post) return std::nullopt;
    return std::move(*form);
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
        {"/par", "par"},
        {"/token", "token"},
        {"/token/longer", "longer"},
        {"/token/renewal", "renewal"},
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
    if (response && options.demands_nonce && request.headers.has("DPoP")) {
        nonce_ = random_name("nonce-");
        if (change_nonce) change_nonce(nonce_);
        response->headers.set("DPoP-Nonce", nonce_);
    }
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
    if (endpoint == "par") return par(request);
    if (endpoint == "token" || endpoint == "longer" || endpoint == "renewal") return token(request);
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
    if (options.offers_par)
        document["pushed_authorization_request_endpoint"] = options.issuer + "/par";
    if (options.demands_par) document["require_pushed_authorization_requests"] = true;
    if (change_discovery) change_discovery(document);
    return json_response(200, document);
}

FakeProvider::Answer FakeProvider::key_set() const {
    http::Response response;
    response.body = R"({"keys":[)" + key_->to_public_jwk() + "]}";
    return response;
}

FakeProvider::Answer FakeProvider::par(const http::Request& request) {
    constexpr Seconds lifetime = 60s;
    auto form = form_of(request);
    if (!form || form->count("request_uri") > 0) return error_response(400, "invalid_request");
    if (!is_client(request, *form)) return error_response(401, "invalid_client");
    auto key = proven_key(request, "");
    if (!key) return no_proof(400, key.error());
    auto request_uri = random_name("urn:ietf:params:oauth:request_uri:");
    pushed_[request_uri] = {std::move(*form), clock_.now() + lifetime, std::move(*key)};
    JsonObject answer{{"request_uri", request_uri}, {"expires_in", lifetime.count()}};
    if (change_par_answer) change_par_answer(answer);
    return json_response(201, answer);
}

std::optional<FakeProvider::Request> FakeProvider::requested(const http::Parameters& query) {
    bool by_reference = query.count("request_uri") > 0;
    if (!by_reference && options.demands_par) return std::nullopt;
    if (!by_reference) return Request{query, {}};
    auto at = pushed_.find(one(query, "request_uri"));
    if (at == pushed_.end() || query.size() != 2) return std::nullopt;
    auto pushed = std::move(at->second);
    pushed_.erase(at);
    bool fit = pushed.expires_at > clock_.now() &&
               one(query, "client_id") == one(pushed.parameters, "client_id");
    if (!fit) return std::nullopt;
    return Request{std::move(pushed.parameters), std::move(pushed.key)};
}

bool FakeProvider::is_fit(const http::Parameters& query) const {
    bool has_challenge =
        one(query, "code_challenge_method") == "S256" && one(query, "code_challenge").size() == 43;
    return one(query, "response_type") == "code" && one(query, "client_id") == options.client_id &&
           (has_challenge || !options.demands_challenge);
}

FakeProvider::Answer FakeProvider::authorization_page(const http::Request& request) {
    auto url = http::Url::parse(request.target);
    auto query = http::Parameters::parse(url ? url->query() : "");
    auto asked = query ? requested(*query) : std::nullopt;
    http::Response response;
    response.status = asked && is_fit(asked->parameters) ? 200 : 400;
    response.headers.set("Content-Type", "text/html");
    return response;
}

std::string FakeProvider::authorize(std::string_view text) {
    auto url = http::Url::parse(text);
    if (!url) throw std::runtime_error("the authorization URL is not a URL");
    auto in_url = http::Parameters::parse(url->query());
    if (!in_url) throw std::runtime_error("the authorization URL's query is not well formed");
    auto request = requested(*in_url);
    const auto* query = request ? &request->parameters : nullptr;
    http::Parameters back;
    if (!query || !is_fit(*query)) {
        back.add("error", "invalid_request");
    } else {
        Grant grant{one(*query, "redirect_uri"),
                    one(*query, "code_challenge"),
                    one(*query, "nonce"),
                    one(*query, "scope"),
                    user,
                    random_name("chain-"),
                    request->key};
        auto code = random_name("code-");
        codes_.emplace(code, std::move(grant));
        back.add("code", code);
    }
    back.add("state", query ? one(*query, "state") : "");
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
    auto form = form_of(request);
    if (!form) return error_response(400, "invalid_request");
    if (!is_client(request, *form)) return error_response(401, "invalid_client");
    auto key = proven_key(request, "");
    if (!key) return no_proof(400, key.error());
    auto grant_type = one(*form, "grant_type");
    if (grant_type == "authorization_code") return by_code(*form, *key);
    if (grant_type == "refresh_token") return by_refresh_token(*form, *key);
    return error_response(400, "unsupported_grant_type");
}

Result<std::string> FakeProvider::proven_key(const http::Request& request,
                                             const std::string& access_token) {
    if (!options.demands_dpop) return std::string();
    auto refused = [this](const Reason& reason, std::string why) {
        why_no_proof = why;
        return cardea::fail(reason, std::move(why));
    };
    if (request.headers.count("DPoP") != 1) return refused(invalid_proof, "not one proof");
    auto proof = jose::parse(request.headers.get("DPoP"));
    if (!proof) return refused(invalid_proof, proof.error().describe());
    auto wrong = wrong_key_of(*proof);
    if (wrong.empty()) wrong = wrong_with(*proof, request, access_token);
    if (!wrong.empty()) return refused(invalid_proof, wrong);
    bool has_nonce =
        !options.forgets_nonces && !nonce_.empty() && says(proof->payload, "nonce", nonce_);
    if (options.demands_nonce && !has_nonce) return refused(use_nonce, "nonce");
    if (!seen_proofs_.insert(std::string(proof->payload.at("jti").as_string())).second)
        return refused(invalid_proof, "jti was seen before");
    return schema::write_json(proof->header.at("jwk"));
}

std::string FakeProvider::wrong_key_of(const jose::Unverified& proof) const {
    if (!says(proof.header, "typ", "dpop+jwt")) return "typ";
    auto* jwk = proof.header.if_contains("jwk");
    if (jwk == nullptr || !jwk->is_object()) return "jwk";
    if (jwk->get_object().contains("d")) return "the private key was sent";
    auto key = jose::Key::from_json(jwk->get_object());
    if (!key || !jose::verify_signature(proof, *key, {jose::Algorithm::ES256})) return "signature";
    return {};
}

std::string FakeProvider::wrong_with(const jose::Unverified& proof, const http::Request& request,
                                     const std::string& access_token) const {
    constexpr Seconds oldest = 60s;
    const auto& claims = proof.payload;
    auto target = request.target.substr(0, request.target.find_first_of("?#"));
    if (!says(claims, "htm", http::to_string(request.method))) return "htm";
    if (!says(claims, "htu", target)) return "htu";
    auto* iat = claims.if_contains("iat");
    if (iat == nullptr || !iat->is_int64()) return "iat";
    Seconds age(to_unix_seconds(clock_.now()) - iat->get_int64());
    if (age > oldest || age < -oldest) return "iat is old";
    auto* jti = claims.if_contains("jti");
    if (jti == nullptr || !jti->is_string() || jti->get_string().size() < 16) return "jti";
    if (access_token.empty()) return claims.contains("ath") ? "ath without a token" : "";
    auto hash = to_base64url(crypto::sha256(access_token));
    return says(claims, "ath", hash) ? "" : "ath";
}

http::Response FakeProvider::no_proof(int status, const Error& error) {
    auto response = error_response(status, error.reason().slug);
    if (status != 401) return response;
    std::string slug(error.reason().slug);
    response.body.clear();
    response.headers.set("WWW-Authenticate", R"(DPoP algs="ES256", error=")" + slug + '"');
    return response;
}

std::expected<const FakeProvider::Grant*, http::Response> FakeProvider::granted(
    const http::Request& request) {
    if (!options.api_key.empty() && request.headers.get("x-api-key") != options.api_key)
        return std::unexpected(error_response(403, "forbidden"));
    auto token = token_in(request, options.demands_dpop ? "DPoP " : "Bearer ");
    auto at = access_.find(token);
    auto refused = std::unexpected(error_response(401, "invalid_token"));
    if (at == access_.end()) return refused;
    auto key = proven_key(request, token);
    if (!key) return std::unexpected(no_proof(401, key.error()));
    if (*key != at->second.key) return refused;
    return &at->second;
}

FakeProvider::Answer FakeProvider::by_code(const http::Parameters& form, const std::string& key) {
    auto at = codes_.find(one(form, "code"));
    if (at == codes_.end()) return error_response(400, "invalid_grant");
    Grant grant = std::move(at->second);
    codes_.erase(at);
    auto verifier = one(form, "code_verifier");
    bool proven = verifier.size() >= 43 && verifier.size() <= 128 &&
                  to_base64url(crypto::sha256(verifier)) == grant.challenge;
    bool is_bound_elsewhere = !grant.key.empty() && grant.key != key;
    if (!proven || one(form, "redirect_uri") != grant.redirect_uri || is_bound_elsewhere)
        return error_response(400, "invalid_grant");
    grant.key = key;
    return issue(std::move(grant));
}

FakeProvider::Answer FakeProvider::by_refresh_token(const http::Parameters& form,
                                                    const std::string& key) {
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
    bool is_bound = options.client_secret.empty();  // RFC 9449 section 5
    if (is_bound && grant.key != key) return error_response(400, "invalid_grant");
    grant.key = key;
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
                      {"token_type", grant.key.empty() ? "Bearer" : "DPoP"},
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
    auto grant = granted(request);
    if (!grant) return grant.error();
    const User& who = (*grant)->user;
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
    auto grant = granted(request);
    if (!grant) return grant.error();
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
