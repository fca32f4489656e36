// Where authorization requests are pushed, and what is made of them when the browser comes.
#include "server/emulator/emulated_provider.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

using http::Parameters;
using http::Request;
using http::Response;

constexpr std::string_view uri_prefix = "urn:ietf:params:oauth:request_uri:";

}  // namespace

Response EmulatedProvider::push(const Request& request) {
    auto given = parameters_of(request, BodyFormat::form);
    if (request.method != http::Method::post) return refuse_request("not a POST");
    if (!given) return refuse_request(given.error().detail());
    ClientCheck check{behaviour_, client_, parts_.clock.now()};
    auto wrong = problem_with_client(check, behaviour_.client_auth, request, *given);
    if (!wrong.empty()) return refuse_client(wrong);
    auto key = proven_key(request);
    if (!key) return refuse_proof(key.error());
    auto problem = problem_with_pushed(*given);
    if (!problem.empty()) return refuse_request(problem);
    auto lifetime = behaviour_.pushed_authorization->lifetime_seconds;
    auto reference = ledger_.hand_out(Kind::pushed_request, asked_in(*given), {lifetime, *key});
    return json_response(201,
                         schema::JsonObject{{"request_uri", std::string(uri_prefix) + reference},
                                            {"expires_in", lifetime}});
}

std::string EmulatedProvider::problem_with_pushed(const Parameters& given) const {
    // RFC 9126 section 2.1.
    if (given.count("request_uri") > 0) return "a request_uri cannot be pushed";
    if (!is_registered(given)) return "the client or the redirect_uri is not registered";
    return problem_with_authorization(given);
}

/// What was pushed serves once, and whoever sends more than its client and its place is refused.
Response EmulatedProvider::authorize_pushed(const Parameters& query) {
    auto uri = only(query, "request_uri");
    bool fits = query.size() == 2 && uri.starts_with(uri_prefix) &&
                only(query, behaviour_.authorization_client_id_param) == client_.id;
    Handed* pushed =
        fits ? ledger_.find(Kind::pushed_request, uri.substr(uri_prefix.size())) : nullptr;
    if (pushed == nullptr)
        return refuse(400, "invalid_request_uri", "nothing was pushed there, or it is used or old");
    pushed->spent_at = parts_.clock.now();
    return agree(pushed->consent, pushed->key);
}

}  // namespace cardea::emulator
