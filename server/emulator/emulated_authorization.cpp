// The authorization endpoint: the person says yes, and the browser goes back.
#include <algorithm>

#include "cardea/http/responses.hpp"
#include "cardea/web/html.hpp"
#include "server/emulator/emulated_provider.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

using http::Parameters;
using http::Request;
using http::Response;

constexpr std::int64_t code_lifetime = 60;

/// RFC 6749 has the client leave it to the browser to go back; some providers post a form instead.
Response form_page(const std::string& action, const Parameters& answer) {
    web::Html fields;
    for (const auto& [name, value] : answer)
        fields += web::html("<input type=\"hidden\" name=\"{}\" value=\"{}\">", name, value);
    auto page = web::html(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Going back</title>"
        "</head><body><form method=\"post\" action=\"{}\">{}<button>Go on</button></form></body>"
        "</html>",
        action, fields);
    return http::responses::html(page.text(), 200);
}

}  // namespace

Response EmulatedProvider::authorize(const Request& request) {
    auto query = query_of(request);
    const auto& pushing = behaviour_.pushed_authorization;
    if (pushing && query.count("request_uri") > 0) return authorize_pushed(query);
    // RFC 6749 section 4.1.2.1: nobody is sent to an address that is not registered.
    if (!is_registered(query))
        return refuse_call("the client or the redirect_uri is not registered");
    auto consent = asked_in(query);
    problem_ = problem_with_authorization(query);
    if (pushing && pushing->required) problem_ = "the request was not pushed";
    if (!problem_.empty())
        return send_back(*consent, {{"error", "invalid_request"}, {"error_description", problem_}});
    return agree(std::move(consent), "");
}

bool EmulatedProvider::is_registered(const Parameters& query) const {
    const auto& uris = client_.redirect_uris;
    return only(query, behaviour_.authorization_client_id_param) == client_.id &&
           std::ranges::find(uris, only(query, "redirect_uri")) != uris.end();
}

std::shared_ptr<Agreement> EmulatedProvider::asked_in(const Parameters& query) {
    saw_challenge_ = query.count("code_challenge") > 0;
    auto consent = std::make_shared<Agreement>();
    consent->person = person_;
    if (auto hint = query.only("login_hint")) consent->person = somebody_at(*hint);
    consent->redirect_uri = only(query, "redirect_uri");
    consent->state = only(query, "state");
    consent->nonce = only(query, "nonce");
    consent->challenge = only(query, "code_challenge");
    consent->scopes = sorted_texts(only(query, "scope"), behaviour_.scope_separator);
    consent->with_refresh_token = wants_refresh_token(query);
    return consent;
}

Response EmulatedProvider::agree(std::shared_ptr<Agreement> consent, std::string key) {
    consent->callback = callback_facts(behaviour_, *consent);
    Terms terms{code_lifetime, std::move(key)};
    return send_back(*consent, {{"code", ledger_.hand_out(Kind::code, consent, std::move(terms))}});
}

Response EmulatedProvider::send_back(const Agreement& consent, Parameters answer) const {
    if (!consent.state.empty()) answer.add("state", consent.state);
    for (const auto& [name, value] : consent.callback) answer.add(name, value);
    sign_answer(behaviour_, client_, answer);
    if (behaviour_.response_mode == "form_post") return form_page(consent.redirect_uri, answer);
    Response response;
    response.status = 302;
    bool has_query = consent.redirect_uri.contains('?');
    response.headers.set("Location",
                         consent.redirect_uri + (has_query ? '&' : '?') + answer.encode());
    return response;
}

std::string EmulatedProvider::problem_with_authorization(const Parameters& query) const {
    const auto& b = behaviour_;
    for (const auto& [name, value] : query)
        if (query.count(name) > 1) return name + " stands twice";
    if (b.response_type.empty() && query.count("response_type") > 0)
        return "response_type must be left out";
    if (only(query, "response_type") != b.response_type) return "another response_type";
    if (only(query, "response_mode") != b.response_mode) return "another response_mode";
    if (only(query, "state").size() < 16) return "no state";
    // It is what ties the ID token to this request: nobody should leave it out.
    bool openid = b.is_openid() && only(query, "scope").contains("openid");
    if (openid && b.nonce == Carried::supported && only(query, "nonce").size() < 16)
        return "no nonce";
    if (auto problem = problem_with_challenge(query); !problem.empty()) return problem;
    if (auto problem = problem_with_scopes(query); !problem.empty()) return problem;
    return problem_with_texts(b.authorization_params, query, {});
}

std::string EmulatedProvider::problem_with_challenge(const Parameters& query) const {
    auto challenge = only(query, "code_challenge");
    bool wanted = behaviour_.pkce == Challenge::required;
    bool unwanted = behaviour_.pkce == Challenge::forbidden;
    if (challenge.empty()) return wanted ? "no code_challenge" : "";
    if (unwanted) return "code_challenge is not known here";
    bool fits = challenge.size() == 43 && only(query, "code_challenge_method") == "S256";
    return fits ? "" : "only S256 challenges are taken";
}

std::string EmulatedProvider::problem_with_scopes(const Parameters& query) const {
    auto wanted = behaviour_.scopes;
    bool asks = query.count("scope") > 0;
    if (wanted.empty() && behaviour_.refresh.request_scope.empty())
        return asks ? "scope must be left out" : "";
    const auto& for_refresh = behaviour_.refresh.request_scope;
    bool listed = std::ranges::find(wanted, for_refresh) != wanted.end();
    if (!for_refresh.empty() && !listed) wanted.push_back(for_refresh);
    std::ranges::sort(wanted);
    auto given = sorted_texts(only(query, "scope"), behaviour_.scope_separator);
    return given == wanted ? "" : "scope is not what the client is registered for";
}

bool EmulatedProvider::wants_refresh_token(const Parameters& query) const {
    const auto& refresh = behaviour_.refresh;
    if (refresh.issued == Issued::never) return false;
    if (refresh.issued != Issued::on_request) return true;
    auto scopes = sorted_texts(only(query, "scope"), behaviour_.scope_separator);
    bool by_scope = refresh.request_scope.empty() ||
                    std::ranges::find(scopes, refresh.request_scope) != scopes.end();
    return by_scope && problem_with_texts(refresh.request_params, query, {}).empty();
}

}  // namespace cardea::emulator
