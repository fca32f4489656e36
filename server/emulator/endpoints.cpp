#include "server/emulator/endpoints.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/base/text.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/url.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/emulator/page.hpp"

namespace cardea::emulator {
namespace {

using http::Exchange;
using http::Method;
using http::Parameters;
using http::Response;

constexpr Reason bad_request{Code::invalid, "invalid_request", "The request is malformed."};
constexpr Reason other_grant{Code::invalid, "unsupported_grant_type", "Only codes and refreshing."};

std::string value_of(const Parameters& parameters, std::string_view name) {
    return std::string(parameters.only(name).value_or(""));
}

std::string text_in(const schema::JsonObject& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

Response json(int status, schema::JsonObject body) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Cache-Control", "no-store");
    response.body = schema::write_json(schema::Json(std::move(body)));
    return response;
}

// RFC 6749 section 5.2: the reason's slug is the error's name there.
Response refusal(int status, const Error& error) {
    return json(status,
                {{"error", error.reason().slug}, {"error_description", error.reason().text}});
}

std::string_view problem_of(const Parameters& query) {
    if (value_of(query, "response_type") != "code") return "unsupported_response_type";
    auto scopes = ' ' + value_of(query, "scope") + ' ';
    if (scopes.find(" openid ") == std::string::npos) return "invalid_scope";
    if (value_of(query, "code_challenge_method") != "S256") return "invalid_request";
    auto challenge = from_base64url(value_of(query, "code_challenge"));
    if (!challenge || challenge->size() != 32) return "invalid_request";
    auto mode = value_of(query, "response_mode");
    if (!mode.empty() && mode != "query") return "invalid_request";
    return {};
}

std::string origin_of(const std::string& uri) {
    auto url = http::Url::parse(uri);
    return url ? url->origin() : "";
}

// RFC 6749 section 2.3.1: id and secret stand in the header as they would in a form.
std::string form_decoded(const std::string& text) {
    auto parsed = Parameters::parse("text=" + text);
    return parsed ? value_of(*parsed, "text") : "";
}

bool looks_like_email(std::string_view text) {
    auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
           text.find_first_of(" <>,;\"") == std::string_view::npos && !has_control(text);
}

Person person_in(const Parameters& form) {
    Person person{ascii_lower(trim(value_of(form, "email"))),
                  std::string(cut(trim(value_of(form, "name")), 100))};
    if (person.name.empty()) person.name = person.email.substr(0, person.email.find('@'));
    return person;
}

}  // namespace

Endpoints::Endpoints(std::string issuer, Client client, Person suggestion, Grants grants)
    : issuer_(std::move(issuer)),
      client_(std::move(client)),
      suggestion_(std::move(suggestion)),
      grants_(std::move(grants)) {}

void Endpoints::add_to(http::Router& router) {
    constexpr auto anyone = http::Access::anyone;
    auto add = [&](Method method, std::string path, auto handler) {
        router.add(route(method, std::move(path), anyone, "", *this, handler));
    };
    router.add(route(Method::get, "/", anyone, "", *this, &Endpoints::welcome).page());
    add(Method::get, "/.well-known/openid-configuration", &Endpoints::discovery);
    add(Method::get, "/jwks", &Endpoints::key_set);
    router.add(route(Method::get, "/authorize", anyone, "", *this, &Endpoints::authorize).page());
    router.add(
        route(Method::post, "/decide", anyone, "", *this, &Endpoints::decide).page().takes_form());
    add(Method::post, "/token", &Endpoints::token);
    add(Method::get, "/userinfo", &Endpoints::userinfo);
    add(Method::post, "/userinfo", &Endpoints::userinfo);
    add(Method::post, "/revoke", &Endpoints::revoke);
}

Task<Response> Endpoints::welcome(Exchange&) {
    co_return show_welcome(issuer_);
}

Task<Response> Endpoints::discovery(Exchange&) {
    using List = schema::JsonArray;
    schema::JsonObject document;
    document["issuer"] = issuer_;
    document["authorization_endpoint"] = issuer_ + "/authorize";
    document["token_endpoint"] = issuer_ + "/token";
    document["userinfo_endpoint"] = issuer_ + "/userinfo";
    document["revocation_endpoint"] = issuer_ + "/revoke";
    document["jwks_uri"] = issuer_ + "/jwks";
    document["response_types_supported"] = List{"code"};
    document["response_modes_supported"] = List{"query"};
    document["grant_types_supported"] = List{"authorization_code", "refresh_token"};
    document["subject_types_supported"] = List{"public"};
    document["id_token_signing_alg_values_supported"] = List{"ES256"};
    document["scopes_supported"] = List{"openid", "email", "profile", "offline_access"};
    document["token_endpoint_auth_methods_supported"] =
        List{"client_secret_basic", "client_secret_post"};
    document["code_challenge_methods_supported"] = List{"S256"};
    document["authorization_response_iss_parameter_supported"] = true;
    co_return json(200, std::move(document));
}

Task<Response> Endpoints::key_set(Exchange&) {
    co_return http::responses::ok(grants_.key_set(), "application/jwk-set+json");
}

Task<Response> Endpoints::authorize(Exchange& exchange) {
    auto query = exchange.query_parameters();
    if (!query) co_return std::unexpected(query.error());
    // Whoever cannot prove where the answer goes gets no redirect (RFC 9700 section 4.11).
    if (value_of(*query, "client_id") != client_.id) co_return show_problem("Unknown client_id.");
    auto redirect_uri = value_of(*query, "redirect_uri");
    if (std::ranges::find(client_.redirect_uris, redirect_uri) == client_.redirect_uris.end()) {
        co_return show_problem("This redirect_uri is not registered: " + redirect_uri);
    }
    schema::JsonObject request;
    for (std::string_view name : {"redirect_uri", "state", "scope", "nonce", "code_challenge"}) {
        request[name] = value_of(*query, name);
    }
    auto problem = problem_of(*query);
    if (!problem.empty()) {
        Parameters answer{{"error", std::string(problem)}};
        co_return http::responses::see_other(back(request, std::move(answer)));
    }
    ChoicePage page{origin_of(redirect_uri), grants_.seal_request(std::move(request)),
                    suggestion_.email, suggestion_.name, ""};
    co_return show(page);
}

Task<Response> Endpoints::decide(Exchange& exchange) {
    auto form = Parameters::parse(exchange.request.body);
    if (!form) co_return std::unexpected(form.error());
    auto sealed = value_of(*form, "request");
    auto request = grants_.unseal("request", sealed);
    if (!request) co_return show_problem("This page is too old. Begin again at the application.");
    if (value_of(*form, "decision") != "allow") {
        Parameters answer{{"error", "access_denied"}};
        co_return http::responses::see_other(back(*request, std::move(answer)));
    }
    auto person = person_in(*form);
    auto redirect_uri = text_in(*request, "redirect_uri");
    if (!looks_like_email(person.email)) {
        ChoicePage page{origin_of(redirect_uri), sealed, value_of(*form, "email"), person.name,
                        "Give an e-mail address such as " + suggestion_.email + "."};
        co_return show(page);
    }
    Consent consent{std::move(person), text_in(*request, "scope"), text_in(*request, "nonce"),
                    redirect_uri, text_in(*request, "code_challenge")};
    Parameters answer{{"code", grants_.give_code(std::move(consent))}};
    co_return http::responses::see_other(back(*request, std::move(answer)));
}

std::string Endpoints::back(const schema::JsonObject& request, Parameters answer) const {
    auto uri = text_in(request, "redirect_uri");
    auto state = text_in(request, "state");
    if (!state.empty()) answer.add("state", state);
    answer.add("iss", issuer_);
    return uri + (uri.find('?') == std::string::npos ? '?' : '&') + answer.encode();
}

Task<Response> Endpoints::token(Exchange& exchange) {
    auto form = Parameters::parse(exchange.request.body);
    if (!form) co_return refusal(400, Error(bad_request, form.error()));
    if (!is_client(exchange, *form)) {
        auto response = json(401, {{"error", "invalid_client"}});
        response.headers.set("WWW-Authenticate", "Basic realm=\"token\"");
        co_return response;
    }
    auto answer = grant(*form);
    if (!answer) co_return refusal(400, answer.error());
    co_return json(200, std::move(*answer));
}

Result<schema::JsonObject> Endpoints::grant(const Parameters& form) {
    auto type = value_of(form, "grant_type");
    if (type == "refresh_token") return grants_.renew(value_of(form, "refresh_token"));
    if (type != "authorization_code") return fail(other_grant);
    return grants_.redeem(value_of(form, "code"), value_of(form, "redirect_uri"),
                          value_of(form, "code_verifier"));
}

// client_secret_basic or client_secret_post, not both (RFC 6749 section 2.3).
bool Endpoints::is_client(const Exchange& exchange, const Parameters& form) const {
    auto id = value_of(form, "client_id");
    auto secret = value_of(form, "client_secret");
    auto header = exchange.request.headers.get("Authorization");
    if (header.starts_with("Basic ")) {
        if (!secret.empty()) return false;
        auto decoded = from_base64(header.substr(6));
        auto pair = decoded ? to_text(*decoded) : "";
        auto colon = pair.find(':');
        if (colon == std::string::npos) return false;
        id = form_decoded(pair.substr(0, colon));
        secret = form_decoded(pair.substr(colon + 1));
    }
    return id == client_.id && constant_time_equal(secret, client_.secret.reveal());
}

Task<Response> Endpoints::userinfo(Exchange& exchange) {
    auto header = exchange.request.headers.get("Authorization");
    auto bearer = header.starts_with("Bearer ") ? header.substr(7) : "";
    auto person = grants_.person_of(bearer);
    if (!person) {
        auto response = refusal(401, person.error());
        response.headers.set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        co_return response;
    }
    co_return json(200, {{"sub", person->subject()},
                         {"email", person->email},
                         {"email_verified", true},
                         {"name", person->name}});
}

Task<Response> Endpoints::revoke(Exchange& exchange) {
    auto form = Parameters::parse(exchange.request.body);
    if (!form) co_return refusal(400, Error(bad_request, form.error()));
    if (!is_client(exchange, *form)) co_return json(401, {{"error", "invalid_client"}});
    grants_.revoke(value_of(*form, "token"));
    co_return json(200, {});
}

}  // namespace cardea::emulator
