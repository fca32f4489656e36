// An emulated provider's endpoints found, what it says of itself, and its refusals.
#include "server/emulator/emulated_provider.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cardea/base/text.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

using http::Parameters;
using http::Request;
using http::Response;
using schema::Json;
using schema::JsonObject;

}  // namespace

const jose::Key& SigningKeys::key(jose::Algorithm algorithm) {
    auto found = keys_.find(algorithm);
    if (found != keys_.end()) return found->second;
    auto key = jose::Key::generate(algorithm, "emulated-" + std::string(to_string(algorithm)));
    if (!key) throw std::runtime_error(key.error().describe());
    return keys_.emplace(algorithm, std::move(*key)).first->second;
}

EmulatedProvider::EmulatedProvider(std::string name, const Behaviour& behaviour,
                                   Registration client, Parts parts)
    : name_(std::move(name)),
      behaviour_(behaviour),
      client_(std::move(client)),
      parts_(parts),
      ledger_(name_, parts.clock, parts.random),
      proofs_(parts.clock, parts.random) {}

std::optional<Endpoint> EmulatedProvider::endpoint_of(const Request& request) const {
    auto url = url_of(request);
    if (is_revocation(behaviour_, client_, request)) return Endpoint::revocation;
    const auto& b = behaviour_;
    if (url == b.authorization_endpoint) return Endpoint::authorization;
    if (b.pushed_authorization && url == b.pushed_authorization->endpoint)
        return Endpoint::pushed_authorization;
    bool token = url == b.token_endpoint ||
                 (!b.refresh_endpoint.empty() && url == b.refresh_endpoint) ||
                 (b.chain && url == b.chain->endpoint);
    if (token) return Endpoint::token;
    if (is_profile_url(b, url)) return Endpoint::userinfo;
    if (b.emails && url == b.emails->endpoint) return Endpoint::emails;
    if (!b.is_openid()) return std::nullopt;
    if (url == b.jwks_uri) return Endpoint::keys;
    if (url == discovery_url(b)) return Endpoint::discovery;
    return std::nullopt;
}

bool EmulatedProvider::is_meant(const Request& request) const {
    auto text = everything_in(request);
    return text.contains(client_.id) || ledger_.is_ours(text);
}

Response EmulatedProvider::answer(Endpoint endpoint, const Request& request) {
    problem_.clear();
    auto response = answer_of(endpoint, request);
    if (behaviour_.dpop && behaviour_.dpop->nonce)
        response.headers.set("DPoP-Nonce", proofs_.nonce());
    return response;
}

Response EmulatedProvider::answer_of(Endpoint endpoint, const Request& request) {
    switch (endpoint) {
        case Endpoint::discovery:
            return discovery();
        case Endpoint::keys:
            return key_set();
        case Endpoint::authorization:
            return authorize(request);
        case Endpoint::pushed_authorization:
            return push(request);
        case Endpoint::token:
            return token(request);
        case Endpoint::userinfo:
            return userinfo(request);
        case Endpoint::emails:
            return emails(request);
        case Endpoint::revocation:
            return revoke(request);
    }
    return {};
}

void EmulatedProvider::withdraw_consents() {
    ledger_.end_all("");
}

bool EmulatedProvider::is_live(const std::string& token) {
    const Handed* handed = ledger_.find_any(token);
    return handed != nullptr && ledger_.find(handed->kind, token) != nullptr;
}

// Discovery and keys.

Response EmulatedProvider::discovery() const {
    const auto& b = behaviour_;
    JsonObject document{
        {"issuer", b.issuer},
        {"authorization_endpoint", b.authorization_endpoint},
        {"token_endpoint", b.token_endpoint},
        {"jwks_uri", b.jwks_uri},
        {"response_types_supported", {"code"}},
        {"subject_types_supported", {"public"}},
        {"id_token_signing_alg_values_supported", {b.id_token_alg}},
        {"token_endpoint_auth_methods_supported", {auth_method_name(b.client_auth)}},
        {"code_challenge_methods_supported", {"S256"}}};
    if (!b.userinfo_endpoint.empty()) document["userinfo_endpoint"] = b.userinfo_endpoint;
    if (!b.revocation_endpoint.empty()) document["revocation_endpoint"] = b.revocation_endpoint;
    if (b.pushed_authorization) {
        document["pushed_authorization_request_endpoint"] = b.pushed_authorization->endpoint;
        document["require_pushed_authorization_requests"] = b.pushed_authorization->required;
    }
    if (b.dpop) document["dpop_signing_alg_values_supported"] = schema::JsonArray{"ES256"};
    return json_response(200, Json(std::move(document)));
}

Response EmulatedProvider::key_set() {
    auto algorithm = jose::algorithm_from(behaviour_.id_token_alg);
    bool is_public = algorithm && *algorithm != jose::Algorithm::HS256;
    Response response = json_response(200, JsonObject());
    response.body = R"({"keys":[)" +
                    (is_public ? parts_.keys.key(*algorithm).to_public_jwk() : std::string()) +
                    "]}";
    return response;
}

// Refusals.

Response EmulatedProvider::refuse(int status, std::string_view error, Problem problem) {
    problem_ = std::move(problem);
    const ErrorShape& shape = behaviour_.errors;
    Json answer = JsonObject{{"error_description", "<b>" + problem_ + "</b>"}};
    put(answer, shape.pointer, plain_value(error));
    const AnswerShape& good = behaviour_.answer;
    if (!good.success.empty())
        put(answer, good.success, good.success_value == "true" ? Json(false) : Json(293));
    return json_response(status, answer);
}

Response EmulatedProvider::refuse_request(Problem problem) {
    return refuse(400, "invalid_request", std::move(problem));
}

Response EmulatedProvider::refuse_code(Problem problem) {
    const auto& names = behaviour_.errors.code;
    if (names.empty()) return refuse_grant(std::move(problem));
    return refuse(behaviour_.errors.status, names[grant_refusals_++ % names.size()],
                  std::move(problem));
}

Response EmulatedProvider::refuse_grant(Problem problem) {
    const auto& names = behaviour_.errors.grant;
    return refuse(behaviour_.errors.status, names[grant_refusals_++ % names.size()],
                  std::move(problem));
}

Response EmulatedProvider::refuse_client(Problem problem) {
    const auto& names = behaviour_.errors.client;
    int status = behaviour_.errors.status == 200 ? 200 : 401;
    return refuse(status, names[client_refusals_++ % names.size()], std::move(problem));
}

Response EmulatedProvider::refuse_call(Problem problem) {
    auto response = refuse(401, "invalid_token", std::move(problem));
    response.headers.set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    return response;
}

/// At the authorization server (RFC 9449 section 5).
Response EmulatedProvider::refuse_proof(ProofProblem problem) {
    return refuse(400, problem.error, std::move(problem.text));
}

/// At a resource (RFC 9449 section 7.1).
Response EmulatedProvider::refuse_proven_call(ProofProblem problem) {
    auto challenge = fmt::format(R"(DPoP error="{}", algs="ES256")", problem.error);
    auto response = refuse(401, problem.error, std::move(problem.text));
    response.headers.set("WWW-Authenticate", challenge);
    return response;
}

// Comparing with what the table wants.

std::expected<std::string, ProofProblem> EmulatedProvider::proven_key(const Request& request) {
    if (!behaviour_.dpop) return std::string();
    return proofs_.key_of(*behaviour_.dpop, request, "");
}

std::optional<std::string> EmulatedProvider::expected(const std::string& wanted,
                                                      const Agreement& consent) const {
    if (wanted == "{random}") return std::nullopt;
    return fill_expectation(wanted, [&](std::string_view name) -> std::optional<std::string> {
        if (name == "client_id") return client_.id;
        if (name == "client_secret") return client_.secret.reveal();
        if (name == "redirect_uri") return consent.redirect_uri;
        if (name == "state") return consent.state;
        if (name == "subject") return consent.person.subject;
        if (name.starts_with("callback:")) {
            auto found = consent.callback.find(std::string(name.substr(9)));
            if (found != consent.callback.end()) return found->second;
        }
        if (name.starts_with("token_response:")) return own_value(name.substr(15));
        return std::nullopt;
    });
}

std::string EmulatedProvider::problem_with_texts(const Texts& wanted, const Parameters& given,
                                                 const Agreement& consent) const {
    for (const auto& [name, text] : wanted) {
        auto value = given.only(name);
        if (!value || value->empty()) return name + " is missing";
        if (text == "{short_token}") continue;
        if (text == "{scopes}") {
            auto scopes = sorted_texts(*value, behaviour_.scope_separator);
            if (scopes != consent.scopes) return name + " is another";
            continue;
        }
        auto right = expected(text, consent);
        if (right && *right != *value) return name + " is another";
    }
    return "";
}

std::string EmulatedProvider::problem_with_headers(const Texts& wanted, const Request& request,
                                                   const Agreement& consent) const {
    for (const auto& [name, text] : wanted)
        if (request.headers.get(name) != expected(text, consent)) return name + " is another";
    return "";
}

}  // namespace cardea::emulator
