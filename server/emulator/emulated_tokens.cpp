// The token endpoint: codes, second exchanges and renewals.
#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/jose/jwt.hpp"
#include "server/emulator/emulated_provider.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

using http::Parameters;
using http::Request;
using http::Response;
using schema::Json;
using schema::JsonObject;

/// Answers tell a minute more than the usual lifetime.
constexpr std::int64_t told_margin = 60;
constexpr std::int64_t id_token_lifetime = 3600;

std::string half_hash(std::string_view token) {
    auto digest = crypto::sha256(token);
    return to_base64url(ByteView(digest).first(16));
}

void merge(Json& into, const Json& from) {
    for (const auto& [key, value] : from.get_object()) {
        Json& slot = into.get_object()[key];
        if (slot.is_object() && value.is_object()) {
            merge(slot, value);
        } else {
            slot = value;
        }
    }
}

std::string with_claims(std::string_view issuer, const JsonObject& claims) {
    constexpr std::string_view prefix = "claim:";
    return fill_expectation(issuer, [&](std::string_view name) -> std::optional<std::string> {
        if (!name.starts_with(prefix)) return std::nullopt;
        const Json* claim = claims.if_contains(name.substr(prefix.size()));
        return claim != nullptr ? std::optional<std::string>(claim->get_string()) : std::nullopt;
    });
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
}

}  // namespace

Response EmulatedProvider::token(const Request& request) {
    auto given = parameters_of(request, format_of(behaviour_, request));
    if (!given) return refuse_request(given.error().detail());
    auto problem = problem_with_headers(behaviour_.token_headers, request, {});
    if (!problem.empty()) return refuse_request(problem);
    for (const auto& [name, value] : *given)
        if (given->count(name) > 1) return refuse_request(name + " stands twice");
    if (given->count("code") > 0) return exchange(request, *given);
    return is_lengthening(request, *given) ? lengthen(request, *given) : renew(request, *given);
}

bool EmulatedProvider::is_lengthening(const Request& request, const Parameters& given) {
    if (!behaviour_.chain) return false;
    const auto& url = behaviour_.chain->endpoint;
    bool serves_it_alone = url != behaviour_.token_endpoint && url != behaviour_.refresh_endpoint;
    if (serves_it_alone && url_of(request) == url) return true;
    const Handed* handed = ledger_.find_any(only(given, chain_token_param(*behaviour_.chain)));
    return handed != nullptr && handed->kind == Kind::short_token;
}

Response EmulatedProvider::exchange(const Request& request, const Parameters& given) {
    if (url_of(request) != behaviour_.token_endpoint) return refuse_request("another URL");
    if (to_string(request.method) != behaviour_.token_method)
        return refuse_request("another method");
    ClientCheck check{behaviour_, client_, parts_.clock.now()};
    auto wrong = problem_with_client(check, behaviour_.client_auth, request, given);
    if (!wrong.empty()) return refuse_client(wrong);
    auto key = proven_key(request);
    if (!key) return refuse_proof(key.error());
    auto code = only(given, "code");
    Handed* handed = ledger_.find_any(code);
    if (handed == nullptr) return refuse_code("no such code");
    // RFC 6749 section 4.1.2: a code that is used twice ends what came of it.
    if (handed->spent_at) handed->consent->ended = true;
    if (ledger_.find(Kind::code, code) == nullptr) return refuse_code("the code is used or old");
    handed->spent_at = parts_.clock.now();
    if (!handed->key.empty() && handed->key != *key) return refuse_code("the code has another key");
    auto consent = handed->consent;
    auto problem = problem_with_exchange(given, *consent);
    if (!problem.empty()) return refuse_request(problem);
    if (behaviour_.chain) return hand_short_token(std::move(consent));
    return hand_tokens(std::move(consent), true, *key);
}

std::string EmulatedProvider::problem_with_exchange(const Parameters& given,
                                                    const Agreement& consent) const {
    const auto& unwanted = behaviour_.unwanted_params;
    for (const auto& name : unwanted)
        if (given.count(name) > 0) return name + " must be left out";
    if (!contains(unwanted, "grant_type") && only(given, "grant_type") != "authorization_code")
        return "another grant_type";
    if (!contains(unwanted, "redirect_uri") && only(given, "redirect_uri") != consent.redirect_uri)
        return "another redirect_uri";
    if (auto problem = problem_with_verifier(given, consent); !problem.empty()) return problem;
    return problem_with_texts(behaviour_.token_params, given, consent);
}

std::string EmulatedProvider::problem_with_verifier(const Parameters& given,
                                                    const Agreement& consent) const {
    auto verifier = only(given, "code_verifier");
    // RFC 9700 section 2.1.1: a verifier without a challenge is a downgrade.
    if (consent.challenge.empty())
        return given.count("code_verifier") > 0 ? "a code_verifier that was not announced" : "";
    bool fits = verifier.size() >= 43 && verifier.size() <= 128 &&
                to_base64url(crypto::sha256(verifier)) == consent.challenge;
    return fits ? "" : "the code_verifier does not fit";
}

Response EmulatedProvider::lengthen(const Request& request, const Parameters& given) {
    const ChainBehaviour& chain = *behaviour_.chain;
    if (url_of(request) != chain.endpoint) return refuse_request("another URL");
    if (to_string(request.method) != chain.method) return refuse_request("another method");
    Handed* handed = ledger_.find(Kind::short_token, only(given, chain_token_param(chain)));
    if (handed == nullptr) return refuse_grant("no such token");
    auto consent = handed->consent;
    auto problem = problem_with_texts(chain.params, given, *consent);
    if (!problem.empty()) return refuse_request(problem);
    return hand_tokens(std::move(consent), true, "");
}

Response EmulatedProvider::renew(const Request& request, const Parameters& given) {
    const auto& rules = behaviour_.refresh;
    bool trades = rules.renew_with == "access_token";
    // Who trades a live token at an endpoint of its own proves nothing but that token.
    bool is_own_proof = trades && !behaviour_.refresh_endpoint.empty();
    ClientCheck check{behaviour_, client_, parts_.clock.now()};
    auto wrong = problem_with_client(
        check, is_own_proof ? ClientProof::none : behaviour_.client_auth, request, given);
    if (!wrong.empty()) return refuse_client(wrong);
    auto problem = problem_with_renewal(request, given);
    if (!problem.empty()) return refuse_request(problem);
    auto key = proven_key(request);
    if (!key) return refuse_proof(key.error());
    Handed* handed = renewable(trades ? Kind::access_token : Kind::refresh_token,
                               only(given, rules.token_param));
    if (handed == nullptr) return refuse_grant("the token is used, old or unknown");
    // RFC 9449 section 5: a refresh token has the key of a client that has nothing else to prove.
    bool is_bound = trades || behaviour_.client_auth == ClientProof::none;
    if (is_bound && !handed->key.empty() && handed->key != *key)
        return refuse_grant("the token has another key");
    auto consent = handed->consent;
    problem = problem_with_texts(behaviour_.refresh_params, given, *consent);
    if (!problem.empty()) return refuse_request(problem);
    if (rotates(*consent) && !handed->spent_at) handed->spent_at = parts_.clock.now();
    return hand_tokens(std::move(consent), false, *key);
}

std::string EmulatedProvider::problem_with_renewal(const Request& request,
                                                   const Parameters& given) {
    const auto& rules = behaviour_.refresh;
    const auto& url = behaviour_.refresh_endpoint.empty() ? behaviour_.token_endpoint
                                                          : behaviour_.refresh_endpoint;
    if (url_of(request) != url) return "another URL";
    if (to_string(request.method) != rules.method) return "another method";
    if (contains(behaviour_.unwanted_params, "grant_type") && !behaviour_.refresh_params.empty())
        return given.count("grant_type") > 0 ? "grant_type must be left out" : "";
    return only(given, "grant_type") == rules.grant_type ? "" : "another grant_type";
}

/// A spent refresh token renews within the provider's grace; after that, it may end everything.
Handed* EmulatedProvider::renewable(Kind kind, const std::string& token) {
    Handed* handed = ledger_.find_any(token);
    if (handed == nullptr || handed->kind != kind || handed->consent->ended) return nullptr;
    if (!handed->spent_at) return ledger_.find(kind, token);
    auto grace = Seconds(behaviour_.refresh.reuse_grace_seconds);
    if (parts_.clock.now() < *handed->spent_at + grace) return handed;
    if (behaviour_.refresh.reuse_revokes_grant) handed->consent->ended = true;
    return nullptr;
}

bool EmulatedProvider::rotates(const Agreement& consent) const {
    switch (behaviour_.refresh.rotation) {
        case Rotation::always:
        case Rotation::configurable:
            return true;
        case Rotation::sometimes:
            return !consent.person.sparse;
        case Rotation::never:
            return false;
    }
    return false;
}

std::string EmulatedProvider::token_prefix(const Agreement& consent) const {
    return behaviour_.tokens_begin_with_subject ? consent.person.subject + '.' : "";
}

std::string EmulatedProvider::new_refresh_token(std::shared_ptr<Agreement> consent,
                                                std::string key) {
    const auto& rules = behaviour_.refresh;
    auto subject = consent->person.subject;
    Terms terms{rules.refresh_token_lifetime_seconds, std::move(key), token_prefix(*consent)};
    auto text = ledger_.hand_out(Kind::refresh_token, std::move(consent), std::move(terms));
    if (rules.max_live_tokens == 0) return text;
    auto& living = refresh_tokens_[subject];
    living.push_back(text);
    if (std::cmp_greater(living.size(), rules.max_live_tokens)) {
        ledger_.forget(living.front());
        living.pop_front();
    }
    return text;
}

Response EmulatedProvider::hand_short_token(std::shared_ptr<Agreement> consent) {
    Json answer = JsonObject{{"token_type", "bearer"}, {"expires_in", behaviour_.short_lifetime}};
    Terms terms{behaviour_.short_lifetime, "", token_prefix(*consent)};
    auto token = ledger_.hand_out(Kind::short_token, std::move(consent), std::move(terms));
    put(answer, behaviour_.answer.access_token, Json(token));
    return json_response(200, answer);
}

Response EmulatedProvider::hand_tokens(std::shared_ptr<Agreement> consent, bool first,
                                       std::string key) {
    const AnswerShape& shape = behaviour_.answer;
    bool plain = !first && shape.renewal_is_plain;
    Json answer = JsonObject{{"token_type", key.empty() ? "Bearer" : "DPoP"}};
    if (behaviour_.profile.source == Source::token_response && first)
        merge(answer, profile_of(behaviour_, consent->person));
    Terms terms{token_lifetime(), key, token_prefix(*consent)};
    auto access_token = ledger_.hand_out(Kind::access_token, consent, std::move(terms));
    put(answer, place_of(shape.access_token, plain), Json(access_token));
    if (consent->with_refresh_token && (first || rotates(*consent)))
        put(answer, place_of(shape.refresh_token, plain), Json(new_refresh_token(consent, key)));
    put_lifetime(answer, *consent, plain);
    for (const auto& pointer : shape.also) put_missing(answer, pointer, Json(own_value(pointer)));
    if (!shape.success.empty()) put(answer, shape.success, plain_value(shape.success_value));
    put_missing(answer, "/scope", Json(granted_scopes(*consent)));
    if (behaviour_.is_openid() && contains(consent->scopes, "openid"))
        put(answer, "/id_token", Json(id_token(*consent, access_token)));
    return json_response(200, answer);
}

/// A provider may grant more than was asked for.
std::string EmulatedProvider::granted_scopes(const Agreement& consent) const {
    const auto& separator = behaviour_.granted_scope_separator.empty()
                                ? behaviour_.scope_separator
                                : behaviour_.granted_scope_separator;
    auto scopes = consent.scopes;
    scopes.insert(scopes.end(), {"granted:more", "granted:too"});
    return join(scopes, separator);
}

void EmulatedProvider::put_lifetime(Json& answer, const Agreement& consent, bool plain) const {
    const AnswerShape& shape = behaviour_.answer;
    if (!shape.refresh_token_expires_in.empty() && consent.with_refresh_token)
        put(answer, shape.refresh_token_expires_in,
            Json(behaviour_.refresh.refresh_token_lifetime_seconds));
    auto seconds = told_lifetime();
    if (consent.person.sparse || seconds == 0) return;
    if (!shape.expires_at.empty())
        put(answer, shape.expires_at, Json(to_unix_seconds(parts_.clock.now()) + seconds));
    if (behaviour_.expires_in == Lifetime::absent) return;
    Json value(seconds);
    if (behaviour_.expires_in == Lifetime::string) value = std::to_string(seconds);
    put(answer, place_of(shape.expires_in, plain), std::move(value));
}

std::int64_t EmulatedProvider::token_lifetime() const {
    if (parts_.token_lifetime) return parts_.token_lifetime->count();
    return behaviour_.access_token_lifetime.value_or(3600);
}

std::int64_t EmulatedProvider::told_lifetime() const {
    auto lifetime = token_lifetime();
    return lifetime == 0 || parts_.token_lifetime ? lifetime : lifetime + told_margin;
}

std::string EmulatedProvider::id_token(const Agreement& consent, const std::string& access_token) {
    auto algorithm = jose::algorithm_from(behaviour_.id_token_alg);
    if (!algorithm) return {};
    auto now = to_unix_seconds(parts_.clock.now());
    Json claims = JsonObject();
    if (behaviour_.profile.source == Source::id_token)
        claims = profile_of(behaviour_, consent.person);
    auto& object = claims.get_object();
    bool is_other = consent.person.sparse && !behaviour_.other_issuer.empty();
    object["iss"] = with_claims(is_other ? behaviour_.other_issuer : behaviour_.issuer, object);
    object["sub"] = consent.person.subject;
    object["aud"] = client_.id;
    object["iat"] = now;
    object["exp"] = now + id_token_lifetime;
    object["at_hash"] = half_hash(access_token);
    if (behaviour_.nonce == Carried::supported && !consent.nonce.empty())
        object["nonce"] = consent.nonce;
    if (*algorithm == jose::Algorithm::HS256) {
        auto key = jose::Key::from_hmac_secret(client_.secret);
        return jose::sign(key, *algorithm, object).value_or("");
    }
    return jose::sign(parts_.keys.key(*algorithm), *algorithm, object).value_or("");
}

}  // namespace cardea::emulator
