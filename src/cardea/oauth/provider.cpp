// What can be known to be wrong with a provider's configuration without asking the provider.
#include "cardea/oauth/provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cardea/base/text.hpp"
#include "cardea/http/address.hpp"
#include "cardea/http/url.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/template.hpp"

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
constexpr std::array<std::string_view, 17> protocol_parameters{"response_type",
                                                               "response_mode",
                                                               "client_id",
                                                               "redirect_uri",
                                                               "request_uri",
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
        for (const auto& problem : list_) names.append(problem.field).append(" ");
        Error error(provider_invalid, names);
        return std::unexpected(std::move(error).with_fields(std::move(list_)));
    }

  private:
    std::vector<FieldError> list_;
};

using Names = std::vector<std::string_view>;

/// The template with something in the place of each placeholder that is filled in later, or nothing
/// when it names what nobody fills in. Variables that still have no value make it empty: nothing
/// can be said of it yet.
std::optional<std::string> sample_of(const Provider& provider, const std::string& text,
                                     const Names& later) {
    bool open = false;
    bool unknown = false;
    auto sample = fill(text, [&](std::string_view name) -> std::optional<std::string> {
        bool is_later = std::ranges::any_of(later, [&](std::string_view one) {
            return name == one || (one.ends_with(':') && name.starts_with(one));
        });
        bool is_open = provider.variables.contains(std::string(name));
        open = open || is_open;
        unknown = unknown || (!is_open && !is_later);
        return "x";
    });
    if (unknown) return std::nullopt;
    return open ? std::string() : sample;
}

void check_url(const Provider& provider, const char* field, const std::string& url,
               const Names& later, Loopback loopback, Problems& problems) {
    auto sample = sample_of(provider, url, later);
    if (!sample || sample->contains('{')) {
        problems.add(field, "Has a placeholder that is no variable.");
    } else if (!sample->empty() && !is_endpoint(*sample, loopback)) {
        problems.add(field, "Not an https address of a public host.");
    }
}

void check_urls(const Provider& provider, Loopback loopback, Problems& problems) {
    auto check_one = [&](const char* field, const std::string& url, const Names& later = {}) {
        check_url(provider, field, url, later, loopback, problems);
    };
    check_one("issuer", provider.issuer, {claim_prefix});
    check_one("discovery_endpoint", provider.discovery_endpoint);
    check_one("authorization_endpoint", provider.authorization_endpoint);
    check_one("pushed_authorization_request_endpoint",
              provider.pushed_authorization_request_endpoint);
    check_one("token_endpoint", provider.token_endpoint);
    check_one("userinfo_endpoint", provider.userinfo_endpoint, {"token_prefix"});
    check_one("jwks_uri", provider.jwks_uri);
    check_one("revocation_endpoint", provider.revocation_endpoint, {"client_id", "token"});
    check_one("renewal.endpoint", provider.renewal.endpoint);
    if (provider.email_request)
        check_one("email_request.endpoint", provider.email_request->endpoint);
    if (provider.token_chain) check_one("token_chain.endpoint", provider.token_chain->endpoint);
    auto is_claim = [](const std::string& name) { return name.starts_with(claim_prefix); };
    if (std::ranges::count_if(placeholders(provider.issuer), is_claim) > 1)
        problems.add("issuer", "At most one claim can stand in it.");
}

void check_variables(const Provider& provider, Problems& problems) {
    for (const auto& [name, variable] : provider.variables) {
        auto names = placeholders('{' + name + '}');
        bool fit = names.size() == 1 && !name.contains(':') && !name.starts_with('/');
        if (!fit || is_request_placeholder(name) || name == "token")
            problems.add("variables." + name, "Not a name for a variable.");
        if (!matches_pattern("", variable.pattern))
            problems.add("variables." + name + ".pattern", "Not a regular expression.");
    }
}

/// `later`: what may stand in values; `free`: parameters of the protocol that this request does not
/// have by itself.
struct ParameterRules {
    Names later;
    Names free;
};

void check_parameters(const Provider& provider, const std::string& field, const Texts& parameters,
                      const ParameterRules& rules, Problems& problems) {
    for (const auto& [name, value] : parameters) {
        bool ours = std::ranges::find(protocol_parameters, name) != protocol_parameters.end();
        bool is_free = std::ranges::find(rules.free, name) != rules.free.end();
        auto path = fmt::format("{}.{}", field, name);
        if (!sample_of(provider, value, rules.later))
            problems.add(path, "Has a placeholder that is no variable.");
        if (ours && !is_free) problems.add(path, "The protocol itself sets this.");
        if (has_control(name) || has_control(value))
            problems.add(path, "Holds control characters.");
    }
}

void check_headers(const Provider& provider, const char* field, const Texts& headers,
                   Problems& problems) {
    auto is_token = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    for (const auto& [name, value] : headers) {
        auto path = fmt::format("{}.{}", field, name);
        bool fit = !name.empty() && std::ranges::all_of(name, is_token) && !has_control(value);
        if (!fit) problems.add(path, "Not a header field.");
        if (!sample_of(provider, value, {"client_id", "client_secret"}))
            problems.add(path, "Has a placeholder that is no variable.");
        if (equal_ignoring_case(name, "Authorization") || equal_ignoring_case(name, "Content-Type"))
            problems.add(path, "The protocol itself sets this.");
    }
}

void check_list(const char* field, const std::vector<std::string>& pointers, Problems& problems) {
    for (const auto& pointer : pointers)
        if (!pointer.starts_with('/')) problems.add(field, "A JSON pointer starts with a slash.");
}

void check_answer(const TokenAnswerRules& answer, Problems& problems) {
    check_list("token_answer.access_token", answer.access_token, problems);
    check_list("token_answer.refresh_token", answer.refresh_token, problems);
    check_list("token_answer.id_token", answer.id_token, problems);
    check_list("token_answer.token_type", answer.token_type, problems);
    check_list("token_answer.scope", answer.scope, problems);
    check_list("token_answer.expires_in", answer.expires_in, problems);
    check_list("token_answer.expires_at", answer.expires_at, problems);
    check_list("token_answer.refresh_token_expires_in", answer.refresh_token_expires_in, problems);
    check_list("token_answer.error", answer.error, problems);
    if (!answer.success.empty()) check_list("token_answer.success", {answer.success}, problems);
    if (answer.access_token.empty())
        problems.add("token_answer.access_token", "Needs at least one pointer.");
}

void check_name_template(const std::string& text, Problems& problems) {
    auto is_known = [](const std::string& name) {
        return name.starts_with('/') || name.starts_with(callback_prefix);
    };
    if (!std::ranges::all_of(placeholders(text), is_known))
        problems.add("profile.name_template", "Only {/pointer} and {callback:…} can stand in it.");
}

void check_picture_template(const std::string& text, Problems& problems) {
    auto is_pointer = [](const std::string& name) { return name.starts_with('/'); };
    if (!std::ranges::all_of(placeholders(text), is_pointer))
        problems.add("profile.picture_template", "Only {/pointer} can stand in it.");
}

void check_pointers(const ProfileRules& profile, Problems& problems) {
    check_list("profile.subject", profile.subject, problems);
    check_list("profile.email", profile.email, problems);
    check_list("profile.email_verified", profile.email_verified, problems);
    check_list("profile.name", profile.name, problems);
    check_list("profile.picture", profile.picture, problems);
    check_list("profile.subject_parts", profile.subject_parts, problems);
    check_name_template(profile.name_template, problems);
    check_picture_template(profile.picture_template, problems);
    if (profile.subject.empty()) problems.add("profile.subject", "Needs at least one pointer.");
}

bool is_signing(ClientAuth method) {
    return method == ClientAuth::private_key_jwt || method == ClientAuth::signed_client_secret;
}

void check_client(const Provider& provider, Problems& problems) {
    auto method = provider.token_endpoint_auth_method;
    if (method && is_signing(*method) != provider.client_assertion.has_value())
        problems.add("client_assertion", "Belongs to private_key_jwt and signed_client_secret.");
    if (!method && provider.client_assertion)
        problems.add("client_assertion", "Belongs to private_key_jwt and signed_client_secret.");
    if (!provider.client_assertion) return;
    for (const std::string* text :
         {&provider.client_assertion->issuer, &provider.client_assertion->audience,
          &provider.client_assertion->key_id, &provider.client_assertion->key_id_previous})
        if (!sample_of(provider, *text, {"client_id"}))
            problems.add("client_assertion", "Has a placeholder that is no variable.");
}

/// A key set is public: who allowed HS256 beside it would let anybody sign (RFC 8725 section 2.1).
void check_algorithms(const Provider& provider, Problems& problems) {
    const auto& algs = provider.id_token_algs;
    bool by_secret = std::ranges::find(algs, IdTokenAlg::HS256) != algs.end();
    if (by_secret && algs.size() > 1)
        problems.add("id_token_algs", "HS256 stands alone or not at all.");
    if (by_secret && (provider.client_assertion || is_public_client(provider)))
        problems.add("id_token_algs", "HS256 needs a client secret.");
}

bool has(const std::vector<std::string>& pointers, const std::string& pointer) {
    return std::ranges::find(pointers, pointer) != pointers.end();
}

/// What is kept leaves the vault; a refresh token never does.
void check_keep(const Provider& provider, Problems& problems) {
    auto is_token = [&](const std::string& name) {
        if (!name.starts_with(answer_prefix)) return false;
        auto pointer = name.substr(answer_prefix.size());
        const TokenAnswerRules& answer = provider.token_answer;
        return has(answer.refresh_token, pointer) || has(answer.access_token, pointer) ||
               has(answer.id_token, pointer);
    };
    for (const auto& [name, value] : provider.keep)
        if (std::ranges::any_of(placeholders(value), is_token))
            problems.add("keep." + name, "Tokens are not kept among the facts.");
}

void check_callback_rules(const Provider& provider, Problems& problems) {
    if (!provider.callback.hmac_param.empty() && is_public_client(provider))
        problems.add("callback.hmac_param", "A signature needs a client secret.");
}

bool is_word(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

/// What becomes a name or a part of a URL as it stands.
void check_words(const Provider& provider, Problems& problems) {
    auto check_one = [&](const char* field, const std::string& text) {
        if (!is_word(text)) problems.add(field, "Letters, digits, _ and - only.");
    };
    check_one("client_id_param", provider.client_id_param);
    check_one("response_type", provider.response_type);
    check_one("authorization_url_fragment", provider.authorization_url_fragment);
    check_one("token_request.client_id_param", provider.token_request.client_id_param);
    check_one("token_request.client_secret_param", provider.token_request.client_secret_param);
    check_one("token_request.code_param", provider.token_request.code_param);
    check_one("renewal.token_param", provider.renewal.token_param);
    check_one("callback.hmac_param", provider.callback.hmac_param);
    for (const auto& [name, companion] : provider.renewal.companions)
        if (name.empty() || !is_word(name))
            problems.add("renewal.companions." + name, "Letters, digits, _ and - only.");
    check_one("profile.token_param", provider.profile.token_param);
    if (provider.revocation) check_one("revocation.token_param", provider.revocation->token_param);
    // Tokens in a browser's URL are what the code flow is there to avoid (RFC 9700 section 2.1.2).
    if (provider.response_type == "token" || provider.response_type == "id_token")
        problems.add("response_type", "Only a code is taken.");
}

void check_all_parameters(const Provider& provider, Problems& problems) {
    check_parameters(provider, "authorization_params", provider.authorization_params,
                     {{"client_id", "random"}, {}}, problems);
    const Names in_token_request{"client_id", "redirect_uri", "scopes", "random", callback_prefix};
    check_parameters(provider, "token_params", provider.token_params,
                     {in_token_request, {"state", "scope"}}, problems);
    check_parameters(provider, "refresh_params", provider.refresh_params,
                     {in_token_request, {"state", "scope", "redirect_uri"}}, problems);
    for (const auto& [name, companion] : provider.renewal.companions)
        check_parameters(provider, "renewal.companions." + name + ".params", companion.params,
                         {in_token_request, {"state", "scope", "redirect_uri"}}, problems);
    const Names all(protocol_parameters.begin(), protocol_parameters.end());
    check_parameters(provider, "keep", provider.keep, {{answer_prefix, callback_prefix}, all},
                     problems);
    check_parameters(provider, "callback.must_equal", provider.callback.must_equal, {{}, all},
                     problems);
    const Names with_token{"client_id", "client_secret", "access_token", answer_prefix};
    check_parameters(provider, "profile.query", provider.profile.query, {with_token, {"client_id"}},
                     problems);
    check_parameters(provider, "profile.form", provider.profile.form, {with_token, all}, problems);
    if (provider.token_chain)
        check_parameters(provider, "token_chain.params", provider.token_chain->params,
                         {with_token, all}, problems);
    if (provider.revocation)
        check_parameters(provider, "revocation.params", provider.revocation->params,
                         {with_token, all}, problems);
}

/// A bound token goes with its proof (RFC 9449 section 7.1), and is bound when it is issued.
void check_binding(const Provider& provider, Problems& problems) {
    if (!provider.dpop_bound_access_tokens) return;
    if (provider.profile.token_in != TokenPlace::bearer)
        problems.add("profile.token_in", "A token that is bound stands in Authorization.");
    if (provider.token_chain)
        problems.add("token_chain", "A token that is bound is not exchanged for another.");
}

/// A provider that takes pushed requests only must get them. Its endpoint may be still to be
/// discovered.
void check_pushing(const Provider& provider, Problems& problems) {
    if (!provider.require_pushed_authorization_requests.value_or(false)) return;
    if (provider.par == Par::never)
        problems.add("par", "The provider requires pushed authorization requests.");
    if (provider.pushed_authorization_request_endpoint.empty() && !needs_discovery(provider))
        problems.add("pushed_authorization_request_endpoint",
                     "The provider requires pushed authorization requests.");
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
        case IdTokenAlg::HS256:
            return jose::Algorithm::HS256;
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
    check_variables(provider, problems);
    check_words(provider, problems);
    check_all_parameters(provider, problems);
    check_headers(provider, "token_request_headers", provider.token_request_headers, problems);
    check_headers(provider, "profile.headers", provider.profile.headers, problems);
    check_answer(provider.token_answer, problems);
    check_keep(provider, problems);
    check_callback_rules(provider, problems);
    check_pointers(provider.profile, problems);
    check_client(provider, problems);
    check_algorithms(provider, problems);
    check_pushing(provider, problems);
    check_binding(provider, problems);
    return std::move(problems).take();
}

bool is_public_client(const Provider& provider) {
    return provider.token_endpoint_auth_method == ClientAuth::none;
}

bool wants_id_token(const Provider& provider) {
    return provider.protocol == Protocol::oidc &&
           std::ranges::find(provider.scopes, "openid") != provider.scopes.end();
}

bool has_secret_id_tokens(const Provider& provider) {
    return provider.id_token_algs == std::vector{IdTokenAlg::HS256};
}

bool needs_discovery(const Provider& provider) {
    if (provider.protocol != Protocol::oidc) return false;
    bool from_userinfo = provider.profile.source == ProfileSource::userinfo;
    return provider.authorization_endpoint.empty() || provider.token_endpoint.empty() ||
           (provider.jwks_uri.empty() && !has_secret_id_tokens(provider)) ||
           (from_userinfo && provider.userinfo_endpoint.empty());
}

std::string identity_issuer(const Provider& provider) {
    if (!provider.issuer.empty()) return provider.issuer;
    std::string name = "oauth2:" + provider.name;
    if (provider.variables.empty()) return name;
    // Another server counts its users anew: nobody becomes somebody else when the row is moved.
    auto url = http::Url::parse(provider.token_endpoint);
    return url ? name + '@' + url->host() : name;
}

}  // namespace cardea::oauth
