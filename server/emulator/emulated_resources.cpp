// What access tokens open, and how tokens are revoked.
#include "server/emulator/emulated_provider.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

using http::Request;
using http::Response;
using schema::JsonObject;

}  // namespace

std::expected<Handed*, Response> EmulatedProvider::presented(const Request& request) {
    auto token = behaviour_.dpop ? authorization_in(request, "DPoP ") : "";
    bool as_bound = !token.empty();
    if (!as_bound) token = token_in(behaviour_.profile, request);
    Handed* handed = ledger_.find(Kind::access_token, token);
    if (handed == nullptr) return std::unexpected(refuse_call("no access token, or a dead one"));
    // RFC 9449 section 7.1: a token with a key is no bearer token, whoever shows it.
    bool is_bound = !handed->key.empty();
    if (as_bound != is_bound) return std::unexpected(refuse_call("the token is of the other kind"));
    if (!is_bound) return handed;
    auto key = proofs_.key_of(*behaviour_.dpop, request, token);
    if (!key) return std::unexpected(refuse_proven_call(key.error()));
    if (*key != handed->key) return std::unexpected(refuse_call("the token has another key"));
    return handed;
}

Response EmulatedProvider::userinfo(const Request& request) {
    auto handed = presented(request);
    if (!handed) return handed.error();
    const Agreement& consent = *(*handed)->consent;
    if (expected(behaviour_.userinfo_endpoint, consent) != url_of(request))
        return refuse(403, "forbidden", "another person's profile");
    // What must stand there is mostly a key for the interface.
    auto wrong = problem_with_headers(behaviour_.profile.headers, request, consent);
    if (!wrong.empty()) return refuse(403, "forbidden", wrong);
    auto problem = problem_with_profile_call(request, consent);
    if (!problem.empty()) return refuse_request(problem);
    return json_response(200, profile_of(behaviour_, consent.person));
}

std::string EmulatedProvider::problem_with_profile_call(const Request& request,
                                                        const Agreement& consent) const {
    const ProfileBehaviour& rules = behaviour_.profile;
    if (to_string(request.method) != rules.method) return "another method";
    if (auto problem = problem_with_texts(rules.query, query_of(request), consent);
        !problem.empty())
        return problem;
    if (!rules.json.empty()) return problem_with_json(rules.json, request);
    if (rules.form.empty()) return "";
    auto form = parameters_of(request, BodyFormat::form);
    return form ? problem_with_texts(rules.form, *form, consent) : form.error().detail();
}

Response EmulatedProvider::emails(const Request& request) {
    auto handed = presented(request);
    if (!handed) return handed.error();
    if (request.method != http::Method::get) return refuse(405, "invalid_request", "not a GET");
    return json_response(200, addresses_of(behaviour_.emails.value(), (*handed)->consent->person));
}

Response EmulatedProvider::revoke(const Request& request) {
    const auto rules = behaviour_.revocation.value_or(RevocationBehaviour{});
    auto given = revocation_parameters(rules, request);
    if (!given) return refuse_request(given.error().detail());
    ClientCheck check{behaviour_, client_, parts_.clock.now()};
    auto proof = revocation_proof(behaviour_, rules);
    auto wrong = proof ? problem_with_client(check, *proof, request, *given) : std::string();
    if (!wrong.empty()) return refuse_client(wrong);
    if (tells_too_much(behaviour_, rules, request, *given))
        return refuse_request("credentials that nobody asked for");
    auto problem = problem_with_texts(rules.params, *given, {});
    if (!problem.empty()) return refuse_request(problem);
    auto token = revoked_token(rules, request, *given);
    if (names_account(rules)) {
        ledger_.end_all(token);
        return json_response(200, JsonObject());
    }
    Handed* handed = ledger_.find_any(token);
    if (handed == nullptr || !accepts(rules, handed->kind))
        return refuse_request("no token that can be revoked");
    if (rules.effect == Effect::grant) handed->consent->ended = true;
    handed->spent_at = parts_.clock.now();
    return json_response(200, JsonObject());
}

}  // namespace cardea::emulator
