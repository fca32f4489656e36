// Front: the routes of the JSON interface and of the pages over a World, with every gate in front
// of them, and visitors that keep cookies.
#pragma once

#include "cardea/api/accounts.hpp"
#include "cardea/api/caller.hpp"
#include "cardea/api/connections.hpp"
#include "cardea/api/idempotency.hpp"
#include "cardea/api/keys.hpp"
#include "cardea/api/providers.hpp"
#include "cardea/base/text.hpp"
#include "cardea/http/gates.hpp"
#include "cardea/web/site.hpp"
#include "tests/support/world.hpp"

namespace cardea {

class Front {
  public:
    explicit Front(World& on, std::vector<std::string> return_origins = {}) : world(on) {
        std::vector<http::Url> origins{http::Url::parse("https://app.example").value()};
        for (const auto& text : return_origins) origins.push_back(http::Url::parse(text).value());
        site.emplace(web::Site::Parts{*world.database, world.providers, world.sessions, world.vault,
                                      *world.passwords, *world.oauth, world.session_flow,
                                      world.leaving, world.clock, session::Origin::https,
                                      sign_in::Settings(), std::move(origins)});
        add_gates();
        accounts.add_routes(router, idempotency.wrapper());
        connections.add_routes(router);
        key_routes.add_routes(router, idempotency.wrapper());
        provider_routes.add_routes(router, idempotency.wrapper());
        site->add_routes(router);
    }

    /// What runs in the background may use the keys.
    ~Front() { world.settle(); }

    http::Response answer(http::Request request, std::string_view address = "192.0.2.1") {
        http::Exchange exchange;
        exchange.request = std::move(request);
        exchange.peer_address = http::IpAddress::parse(address).value();
        exchange.secure = true;
        exchange.host = exchange.request.headers.get("Host");
        auto prepared = router.prepare(exchange);
        auto response = prepared ? *world.run(router.answer(exchange))
                                 : router.refuse(exchange, prepared.error());
        refusal = exchange.refusal == nullptr ? "" : std::string(exchange.refusal->slug);
        return response;
    }
    /// An API key with these scopes.
    std::string key(std::vector<std::string> scopes,
                    std::optional<Instant> expires_at = std::nullopt) {
        api_key::NewApiKey wanted{"a program", api_key::Scopes::parse(scopes).value(), "cli",
                                  expires_at};
        return world.run(keys.create(*world.database, std::move(wanted))).value().token.reveal();
    }

    World& world;
    std::string refusal;  ///< What the access log would say of the last answer.
    api_key::ApiKeys keys{*world.database, world.clock, world.random, world.background};
    api::Idempotency idempotency{*world.database, world.keyring, world.clock};
    http::Router router;

  private:
    void add_gates() {
        http::Site own;
        own.public_url = http::Url::parse("https://app.example").value();
        http::add_generic_gates(router, own, {}, {}, world.random);
        api::CallerSettings settings;
        router.add_gate(std::make_unique<api::CallerGate>(world.sessions, keys, world.clock,
                                                          std::move(settings)));
    }

    api::Accounts accounts{{*world.database, world.accounts, world.sessions, *world.passwords,
                            world.session_flow, world.account_flow, world.clock,
                            session::Origin::https, 10min}};
    api::Connections connections{{*world.database, world.accounts, world.vault, world.leaving,
                                  world.trail, session::Origin::https}};
    api::Keys key_routes{{*world.database, keys, world.trail}};
    api::Providers provider_routes{
        {*world.database, world.providers, world.trail, "https://app.example"}};
    std::optional<web::Site> site;
};

/// Somebody's browser, or a program with a token.
class Visitor {
  public:
    explicit Visitor(Front& front, std::string address = "192.0.2.1")
        : front_(front), address_(std::move(address)) {}

    http::Response send(http::Method method, std::string target, http::Headers headers = {},
                        std::string body = {}) {
        http::Request request{method, std::move(target), std::move(headers), std::move(body)};
        request.headers.set("Host", "app.example");
        if (!request.headers.has("Origin") && bearer.empty())
            request.headers.set("Sec-Fetch-Site", "same-origin");
        if (!bearer.empty()) request.headers.set("Authorization", "Bearer " + bearer);
        std::string jar;
        for (const auto& [name, value] : cookies)
            jar += (jar.empty() ? "" : "; ") + name + "=" + value;
        if (!jar.empty()) request.headers.set("Cookie", jar);
        auto response = front_.answer(std::move(request), address_);
        keep_cookies(response);
        return response;
    }
    http::Response get(std::string target, http::Headers headers = {}) {
        return send(http::Method::get, std::move(target), std::move(headers));
    }
    http::Response form(std::string target, http::Parameters fields = {},
                        http::Headers headers = {}) {
        headers.set("Content-Type", "application/x-www-form-urlencoded");
        return send(http::Method::post, std::move(target), std::move(headers), fields.encode());
    }
    http::Response json(http::Method method, std::string target, std::string body,
                        http::Headers headers = {}) {
        headers.set("Content-Type", "application/json");
        return send(method, std::move(target), std::move(headers), std::move(body));
    }
    void sign_up(std::string email, std::string password = "correct horse") {
        http::Parameters fields{{"email", email}, {"password", password}};
        auto response = form("/sign-up", std::move(fields));
        if (response.status != 303) throw std::runtime_error(response.body);
    }
    bool is_signed_in() { return get("/v1/session").status == 200; }

    std::map<std::string, std::string> cookies;
    std::string bearer;

  private:
    void keep_cookies(const http::Response& response) {
        for (const auto& field : response.headers) {
            if (!equal_ignoring_case(field.name, "Set-Cookie")) continue;
            auto pair = field.value.substr(0, field.value.find(';'));
            auto name = pair.substr(0, pair.find('='));
            auto value = pair.substr(pair.find('=') + 1);
            cookies[name] = value;
            if (value.empty()) cookies.erase(name);
        }
    }

    Front& front_;
    std::string address_;
};

inline schema::Json json_of(const http::Response& response) {
    return schema::parse_json(response.body).value_or(schema::Json());
}
/// The reason of a problem; empty for anything else.
inline std::string reason_of(const http::Response& response) {
    auto json = schema::parse_json(response.body);
    if (!json || !json->is_object() || !json->as_object().contains("reason")) return {};
    return std::string(json->as_object().at("reason").as_string());
}

}  // namespace cardea
