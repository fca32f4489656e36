// What can be known to be wrong with a provider's configuration without asking the provider.
#include "cardea/oauth/provider.hpp"

#include <algorithm>
#include <array>

#include "cardea/base/text.hpp"
#include "cardea/http/address.hpp"
#include "cardea/http/url.hpp"

namespace cardea::oauth {

namespace {

constexpr std::size_t name_limit = 40;

/// Addresses that are nobody's on the public Internet (RFC 6890): no provider is there, and a
/// request there would be one into our own network.
bool is_special_address(std::string_view host) {
    static constexpr std::array<std::string_view, 19> special{
        "0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",    "169.254.0.0/16",
        "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",  "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",   "::/8",           "64:ff9b::/32",
        "2001:db8::/32",   "fc00::/7",       "fe80::/10",     "ff00::/8"};
    auto address = http::IpAddress::parse(host);
    if (!address) return false;
    return std::ranges::any_of(special, [&](std::string_view text) {
        auto network = http::IpNetwork::parse(text);
        return network && network->contains(*address);
    });
}

/// Parameters of the protocol: a row that overrides one would undo a protection.
constexpr std::array<std::string_view, 16> protocol_parameters{"response_type",
                                                               "response_mode",
                                                               "client_id",
                                                               "redirect_uri",
                                                               "scope",
                                                               "state",
                                                               "nonce",
                                                               "code_challenge",
                                                               "code_challenge_method",
                                                               "grant_type",
                                                               "code",
                                                               "code_verifier",
                                                               "client_secret",
                                                               "refresh_token",
                                                               "client_assertion",
                                                               "client_assertion_type"};

class Problems {
  public:
    void add(std::string field, std::string text) {
        list_.push_back({std::move(field), "not_usable", std::move(text)});
    }
    Result<void> take() && {
        if (list_.empty()) return {};
        std::string names;
        for (const auto& problem : list_) names += problem.field + ' ';
        Error error(provider_invalid, names);
        return std::unexpected(std::move(error).with_fields(std::move(list_)));
    }

  private:
    std::vector<FieldError> list_;
};

void check_urls(const Provider& provider, Loopback loopback, Problems& problems) {
    auto check_one = [&](const char* field, std::string url) {
        if (auto at = url.find("{client_id}"); at != std::string::npos)
            url = url.substr(0, at) + "id" + url.substr(at + 11);
        if (url.empty() || is_endpoint(url, loopback)) return;
        problems.add(field, "Not an https address of a public host.");
    };
    check_one("issuer", provider.issuer);
    check_one("discovery_endpoint", provider.discovery_endpoint);
    check_one("authorization_endpoint", provider.authorization_endpoint);
    check_one("token_endpoint", provider.token_endpoint);
    check_one("userinfo_endpoint", provider.userinfo_endpoint);
    check_one("jwks_uri", provider.jwks_uri);
    check_one("revocation_endpoint", provider.revocation_endpoint);
    if (provider.email_request)
        check_one("email_request.endpoint", provider.email_request->endpoint);
}

void check_parameters(const char* field, const std::map<std::string, std::string>& parameters,
                      Problems& problems) {
    for (const auto& [name, value] : parameters) {
        if (std::ranges::find(protocol_parameters, name) != protocol_parameters.end())
            problems.add(std::string(field) + '.' + name, "The protocol itself sets this.");
        if (has_control(name) || has_control(value))
            problems.add(std::string(field) + '.' + name, "Holds control characters.");
    }
}

void check_headers(const char* field, const std::map<std::string, std::string>& headers,
                   Problems& problems) {
    auto is_token = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    for (const auto& [name, value] : headers) {
        bool fit = !name.empty() && std::ranges::all_of(name, is_token) && !has_control(value);
        if (!fit) problems.add(std::string(field) + '.' + name, "Not a header field.");
        if (equal_ignoring_case(name, "Authorization") || equal_ignoring_case(name, "Content-Type"))
            problems.add(std::string(field) + '.' + name, "The protocol itself sets this.");
    }
}

void check_pointers(const ProfileRules& profile, Problems& problems) {
    auto check_list = [&](const char* field, const std::vector<std::string>& pointers) {
        for (const auto& pointer : pointers)
            if (!pointer.starts_with('/'))
                problems.add(field, "A JSON pointer starts with a slash.");
    };
    check_list("profile.subject", profile.subject);
    check_list("profile.email", profile.email);
    check_list("profile.email_verified", profile.email_verified);
    check_list("profile.name", profile.name);
    check_list("profile.picture", profile.picture);
    if (profile.subject.empty()) problems.add("profile.subject", "Needs at least one pointer.");
}

/// What must be there for any sign-in to work, by whichever protocol.
void check_completeness(const Provider& provider, Problems& problems) {
    bool oidc = provider.protocol == Protocol::oidc;
    if (oidc && provider.issuer.empty())
        problems.add("issuer", "An OpenID provider has an issuer.");
    if (oidc && provider.id_token_algs.empty())
        problems.add("id_token_algs", "Needs at least one algorithm.");
    bool asks_openid = std::ranges::find(provider.scopes, "openid") != provider.scopes.end();
    if (oidc && !asks_openid) problems.add("scopes", "An OpenID provider needs the scope openid.");
    if (oidc) return;
    if (provider.authorization_endpoint.empty())
        problems.add("authorization_endpoint", "An OAuth 2.0 provider needs one.");
    if (provider.token_endpoint.empty())
        problems.add("token_endpoint", "An OAuth 2.0 provider needs one.");
    if (provider.profile.source == ProfileSource::userinfo && provider.userinfo_endpoint.empty())
        problems.add("userinfo_endpoint", "The profile comes from there.");
    if (provider.profile.source == ProfileSource::id_token)
        problems.add("profile.source", "An OAuth 2.0 provider gives no ID token.");
}

}  // namespace

jose::Algorithm to_algorithm(IdTokenAlg alg) {
    switch (alg) {
        case IdTokenAlg::RS256:
            return jose::Algorithm::RS256;
        case IdTokenAlg::PS256:
            return jose::Algorithm::PS256;
        case IdTokenAlg::ES256:
            return jose::Algorithm::ES256;
        case IdTokenAlg::EdDSA:
            return jose::Algorithm::EdDSA;
    }
    return jose::Algorithm::RS256;
}

bool is_provider_name(std::string_view name) {
    if (name.empty() || name.size() > name_limit) return false;
    auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    auto fits = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return is_letter(name.front()) && std::ranges::all_of(name, fits) && name != "callback";
}

bool is_endpoint(std::string_view text, Loopback loopback) {
    auto url = http::Url::parse(text);
    if (!url || url->has_fragment()) return false;
    if (url->is_loopback()) return loopback == Loopback::allowed;
    return url->is_https() && !is_special_address(url->host());
}

Result<void> check(const Provider& provider, Loopback loopback) {
    Problems problems;
    if (!is_provider_name(provider.name))
        problems.add("name", "a-z first, then a-z, 0-9, _ and -, at most 40; not callback.");
    check_completeness(provider, problems);
    check_urls(provider, loopback, problems);
    check_parameters("authorization_params", provider.authorization_params, problems);
    check_parameters("token_params", provider.token_params, problems);
    check_parameters("refresh_params", provider.refresh_params, problems);
    check_headers("token_request_headers", provider.token_request_headers, problems);
    check_headers("profile.headers", provider.profile.headers, problems);
    check_pointers(provider.profile, problems);
    return std::move(problems).take();
}

bool wants_id_token(const Provider& provider) {
    return provider.protocol == Protocol::oidc &&
           std::ranges::find(provider.scopes, "openid") != provider.scopes.end();
}

bool needs_discovery(const Provider& provider) {
    if (provider.protocol != Protocol::oidc) return false;
    bool from_userinfo = provider.profile.source == ProfileSource::userinfo;
    return provider.authorization_endpoint.empty() || provider.token_endpoint.empty() ||
           provider.jwks_uri.empty() || (from_userinfo && provider.userinfo_endpoint.empty());
}

std::string identity_issuer(const Provider& provider) {
    return provider.issuer.empty() ? "oauth2:" + provider.name : provider.issuer;
}

}  // namespace cardea::oauth
