#include "server/emulator/control.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/web/html.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {

struct PersonOrder {
    std::string provider;
    std::string subject = Somebody().subject;
    std::string first_name = Somebody().first_name;
    std::string last_name = Somebody().last_name;
    std::string email = Somebody().email;
    bool email_verified = true;
};
DESCRIBED(PersonOrder, (provider, "Where; everywhere when absent.", or_default),
          (subject, "Digits.", schema::length(1, 18), or_default),
          (first_name, "A part of the name.", schema::length(0, 100), or_default),
          (last_name, "A part of the name.", schema::length(0, 100), or_default),
          (email, "The address.", schema::length(3, 254), or_default),
          (email_verified, "Whether the provider has proven it.", or_default))

struct FailureOrder {
    std::string provider;
    Endpoint endpoint = Endpoint::token;
    Failure failure = Failure::none;
    int times = 1;
};
DESCRIBED(FailureOrder, (provider, "Whose endpoint; everybody's when absent.", or_default),
          (endpoint,
           "discovery, keys, authorization, pushed_authorization, token, userinfo, emails or "
           "revocation."),
          (failure,
           "hang, reset, status_500, rate_limited, redirect, html, wrong_type, truncated, giant, "
           "slow or bomb."),
          (times, "How often.", schema::between(1, 1'000'000), or_default))

struct WithdrawalOrder {
    std::string provider;
};
DESCRIBED(WithdrawalOrder, (provider, "Where; everywhere when absent.", or_default))

namespace {

std::string upper(std::string_view name) {
    std::string text(name);
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

/// Single quotes keep everything as it is but themselves, which no value here has.
std::string env_line(const std::string& name, const std::string& value) {
    return name + "='" + value + "'\n";
}

std::string env_of(const EmulatedProvider& provider) {
    auto prefix = upper(provider.name()) + '_';
    auto text = env_line(prefix + "CLIENT_ID", provider.client().id) +
                env_line(prefix + "CLIENT_SECRET", provider.client().secret.reveal());
    for (const auto& [name, value] : provider.behaviour().values)
        text += env_line(prefix + upper(name), value);
    return text;
}

std::vector<EmulatedProvider*> chosen(Emulator& emulator, const std::string& name) {
    std::vector<EmulatedProvider*> providers;
    for (const auto& one : emulator.names())
        if (name.empty() || one == name) providers.push_back(emulator.find(one));
    return providers;
}

http::Response unknown_provider() {
    return json_response(404, schema::JsonObject{{"error", "no such provider"}});
}

http::Response done() {
    http::Response response;
    response.status = 204;
    return response;
}

http::Response env(Emulator& emulator, const http::Request& request) {
    auto providers = chosen(emulator, only(query_of(request), "provider"));
    if (providers.empty()) return unknown_provider();
    http::Response response;
    response.headers.set("Content-Type", "text/plain; charset=utf-8");
    for (const auto* provider : providers) response.body += env_of(*provider);
    return response;
}

http::Response set_person(Emulator& emulator, const PersonOrder& order) {
    if (order.subject.find_first_not_of("0123456789") != std::string::npos)
        return json_response(400, schema::JsonObject{{"error", "subject has other than digits"}});
    auto providers = chosen(emulator, order.provider);
    if (providers.empty()) return unknown_provider();
    Somebody person{.subject = order.subject,
                    .first_name = order.first_name,
                    .last_name = order.last_name,
                    .email = order.email,
                    .email_verified = order.email_verified};
    for (auto* provider : providers) provider->set_person(person);
    return done();
}

http::Response set_failure(Emulator& emulator, const FailureOrder& order) {
    if (chosen(emulator, order.provider).empty()) return unknown_provider();
    emulator.fail_next(order.provider, order.endpoint, order.failure, order.times);
    return done();
}

http::Response withdraw(Emulator& emulator, const WithdrawalOrder& order) {
    auto providers = chosen(emulator, order.provider);
    if (providers.empty()) return unknown_provider();
    for (auto* provider : providers) provider->withdraw_consents();
    return done();
}

/// Carries out what the body says, or says what is wrong with it.
template <class Order, class Act>
http::Response carry_out(Emulator& emulator, const http::Request& request, Act act) {
    auto order = schema::read_json<Order>(request.body);
    if (order) return act(emulator, *order);
    schema::JsonObject problems;
    for (const auto& field : order.error().fields()) problems[field.field] = field.text;
    return json_response(
        400, schema::JsonObject{{"error", "not understood"}, {"fields", std::move(problems)}});
}

http::Response welcome(Emulator& emulator, std::string_view url) {
    web::Html rows;
    for (const auto& name : emulator.names()) {
        const auto* provider = emulator.find(name);
        rows += web::html(
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td><code>{}</code></td></tr>",
            provider->behaviour().title, name, provider->client().id);
    }
    auto page = web::html(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<title>Emulated providers</title></head><body><main><h1>Emulated providers</h1>"
        "<p>Every one of them answers here as the real one does, and is as strict. In config.toml "
        "of "
        "a server in development mode:</p><pre>[OAuth]\nemulator = \"{}\"</pre>"
        "<p>Registration ids and secrets for its .env: <a href=\"/-/env\">/-/env</a>, or "
        "<code>/-/env?provider=NAME</code> for one provider.</p>"
        "<table><thead><tr><th scope=\"col\">Provider</th><th scope=\"col\">Name</th>"
        "<th scope=\"col\">Registration "
        "id</th></tr></thead><tbody>{}</tbody></table></main></body></html>",
        url, rows);
    auto response = http::responses::html(page.text(), 200);
    response.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    return response;
}

}  // namespace

http::Response control(Emulator& emulator, const http::Request& request, std::string_view url) {
    auto path = url_of(request);
    bool get = request.method == http::Method::get;
    bool post = request.method == http::Method::post;
    if (get && path == "/-/") return welcome(emulator, url);
    if (get && path == "/-/env") return env(emulator, request);
    if (post && path == "/-/person") return carry_out<PersonOrder>(emulator, request, set_person);
    if (post && path == "/-/failure")
        return carry_out<FailureOrder>(emulator, request, set_failure);
    if (post && path == "/-/withdrawal")
        return carry_out<WithdrawalOrder>(emulator, request, withdraw);
    return json_response(404, schema::JsonObject{{"error", "there is no such page"}});
}

}  // namespace cardea::emulator
