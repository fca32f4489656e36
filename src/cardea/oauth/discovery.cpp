// Reading a discovery document: it may add what the row leaves open, and nothing else.
#include "cardea/oauth/discovery.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/url.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/members.hpp"

namespace cardea::oauth {

namespace {

using schema::Json;
using schema::JsonObject;

/// A host of the provider's: the issuer's, one below it, or one that the row names. A document that
/// could send our requests anywhere would make a proxy of this server.
bool is_host_of(const Provider& provider, const http::Url& issuer, const std::string& host) {
    if (host == issuer.host() || host.ends_with('.' + issuer.host())) return true;
    return std::ranges::any_of(provider.endpoint_hosts, [&](const std::string& one) {
        return equal_ignoring_case(one, host);
    });
}

/// Fills the member when the row leaves it empty; refuses what no request may go to.
Result<void> fill(const Provider& provider, const JsonObject& document, const char* name,
                  Loopback loopback, std::string& target) {
    if (!target.empty() || !document.contains(name)) return {};
    auto text = text_of(document, name);
    if (!text || !is_endpoint(*text, loopback))
        return fail(discovery_refused, std::string(name) + " is not an https address");
    auto url = http::Url::parse(*text);
    auto issuer = http::Url::parse(provider.issuer);
    if (!url || !issuer || !is_host_of(provider, *issuer, url->host()))
        return fail(discovery_refused, std::string(name) + " is on another host than the issuer");
    target = url->text();
    return {};
}

Result<void> fill_endpoints(const JsonObject& document, Loopback loopback, Provider& provider) {
    struct Target {
        const char* name;
        std::string Provider::* member;
    };
    static constexpr Target targets[] = {
        {"authorization_endpoint", &Provider::authorization_endpoint},
        {"pushed_authorization_request_endpoint", &Provider::pushed_authorization_request_endpoint},
        {"token_endpoint", &Provider::token_endpoint},
        {"userinfo_endpoint", &Provider::userinfo_endpoint},
        {"jwks_uri", &Provider::jwks_uri},
        {"revocation_endpoint", &Provider::revocation_endpoint}};
    for (const auto& [name, member] : targets) {
        auto filled = fill(provider, document, name, loopback, provider.*member);
        if (!filled) return filled;
    }
    if (provider.authorization_endpoint.empty() || provider.token_endpoint.empty() ||
        provider.jwks_uri.empty())
        return fail(discovery_refused, "an endpoint is missing");
    return {};
}

bool says_true(const JsonObject& document, const char* name) {
    const Json* value = document.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

Result<void> fill_pushing(const JsonObject& document, Provider& provider) {
    constexpr auto name = "require_pushed_authorization_requests";
    auto& required = provider.require_pushed_authorization_requests;
    if (!required) required = says_true(document, name);
    if (!*required) return {};
    if (provider.pushed_authorization_request_endpoint.empty())
        return fail(discovery_refused, std::string(name) + " without an endpoint for them");
    if (provider.par == Par::never)
        return fail(discovery_refused, std::string(name) + ", and the row says never");
    return {};
}

bool lists(const Json* value, std::string_view word) {
    if (value == nullptr || !value->is_array()) return false;
    return std::ranges::any_of(value->get_array(), [&](const Json& one) {
        return one.is_string() && std::string_view(one.get_string()) == word;
    });
}

/// RFC 8414 section 2: client_secret_basic when the document says nothing.
ClientAuth choose_auth(const JsonObject& document, const Provider& provider) {
    if (provider.client_secret.empty()) return ClientAuth::none;
    const Json* methods = document.if_contains("token_endpoint_auth_methods_supported");
    if (methods == nullptr || lists(methods, "client_secret_basic"))
        return ClientAuth::client_secret_basic;
    if (lists(methods, "client_secret_post")) return ClientAuth::client_secret_post;
    return ClientAuth::client_secret_basic;
}

}  // namespace

http::Request discovery_request(const Provider& provider) {
    http::Request request;
    request.headers.set("Accept", "application/json");
    request.target = provider.discovery_endpoint;
    if (!request.target.empty()) return request;
    // Section 4: a trailing slash of the issuer goes before the path is appended.
    std::string_view issuer = provider.issuer;
    while (issuer.ends_with('/')) issuer.remove_suffix(1);
    request.target = std::string(issuer) + "/.well-known/openid-configuration";
    return request;
}

Result<Provider> read_discovery(const Provider& provider, const http::Response& response,
                                Loopback loopback) {
    auto status = "status " + std::to_string(response.status);
    if (response.status >= 500 || response.status == 429) return fail(provider_error, status);
    if (response.status != 200) return fail(discovery_refused, status);
    auto json = schema::parse_json(response.body);
    if (!json) return fail(discovery_refused, json.error());
    if (!json->is_object()) return fail(discovery_refused, "not a JSON object");
    const JsonObject& document = json->get_object();
    if (text_of(document, "issuer") != provider.issuer)
        return fail(discovery_refused, "the document is of another issuer");

    Provider found = provider;
    if (auto filled = fill_endpoints(document, loopback, found); !filled)
        return std::unexpected(filled.error());
    if (!found.token_endpoint_auth_method)
        found.token_endpoint_auth_method = choose_auth(document, provider);
    if (!found.authorization_response_iss_parameter_supported)
        found.authorization_response_iss_parameter_supported =
            says_true(document, "authorization_response_iss_parameter_supported");
    if (auto filled = fill_pushing(document, found); !filled)
        return std::unexpected(filled.error());
    return found;
}

}  // namespace cardea::oauth
