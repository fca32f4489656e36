// What answers to a check mean to an operator.
#include <fmt/format.h>

#include "cardea/base/text.hpp"
#include "cardea/oauth/discovery.hpp"
#include "cardea/oauth/pushed_authorization.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/check.hpp"

namespace cardea::provider {

namespace {

/// Somebody else's text on an operator's terminal.
std::string printable(std::string_view text) {
    std::string result(cut(text, 200));
    for (char& c : result)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return result;
}

/// What was seen, for the end of a sentence.
std::string why(const Error& error) {
    return error.detail().empty() ? std::string() : " (" + printable(error.detail()) + ")";
}

bool is_json(const http::Response& response) {
    return schema::parse_json(response.body).has_value();
}

std::string not_json(const http::Response& response) {
    auto type = response.headers.get("Content-Type");
    return fmt::format("It answers something that is not JSON ({}, status {}).",
                       type.empty() ? "of no type" : printable(type), response.status);
}

}  // namespace

std::string Check::key_of(ClientSecret secret) {
    return secret == ClientSecret::current ? "client_secret" : "client_secret_previous";
}

Check::Finding Check::of_failure(const Error& error, const std::string& key) const {
    auto place = place_of(key);
    if (error.is(http::peer_tls))
        return {
            Outcome::fails, "Its certificate was not accepted" + why(error) + ".",
            "It must be valid today, for this host, and signed by an authority that this machine "
            "knows (Debian: ca-certificates). If the host is another one, correct " +
                place + "."};
    if (error.is(http::peer_timeout))
        return {Outcome::fails, "It did not answer in time" + why(error) + ".",
                "Look whether this machine may reach it (firewall, proxy); if the host is another "
                "one, correct " +
                    place + "."};
    if (error.is(http::peer_unreachable))
        return {Outcome::fails, "It could not be reached" + why(error) + ".",
                "Look whether the name exists and this machine may reach it (DNS, firewall); if "
                "the host is another one, correct " +
                    place + "."};
    return {Outcome::fails, std::string(error.reason().text) + why(error),
            "Correct " + place + "."};
}

std::optional<Check::Finding> Check::of_status(int status, const std::string& key) const {
    auto place = place_of(key);
    if (status == 404 || status == 405 || status == 410)
        return Finding{Outcome::fails,
                       fmt::format("The server is there, but not this path (status {}).", status),
                       "Correct " + place + "."};
    if (status >= 300 && status < 400)
        return Finding{
            Outcome::fails,
            fmt::format("It leads elsewhere (status {}), and redirects are not followed.", status),
            "Set " + place + " to where it leads."};
    if (status >= 500 || status == 429)
        return Finding{Outcome::fails,
                       fmt::format("The provider is in trouble (status {}).", status),
                       "Try again later; its status page may say more."};
    return std::nullopt;
}

Check::Finding Check::of_document(const Result<http::Response>& response,
                                  const std::string& key) const {
    if (!response) return of_failure(response.error(), key);
    if (auto wrong = of_status(response->status, key)) return std::move(*wrong);
    auto correct = fmt::format("Correct {}.", place_of(key));
    if (response->status != 200)
        return {Outcome::fails, fmt::format("It is refused (status {}).", response->status),
                std::move(correct)};
    auto json = schema::parse_json(response->body);
    if (!json || !json->is_object())
        return {Outcome::fails, not_json(*response), std::move(correct)};
    return {};
}

Check::Finding Check::of_discovery(const Result<http::Response>& response,
                                   const std::string& key) const {
    auto finding = of_document(response, key);
    if (finding.outcome != Outcome::works) return finding;
    auto read = oauth::read_discovery(*entry_.provider, *response, parts_.options.loopback);
    if (read) return {};
    auto json = schema::parse_json(response->body);
    const schema::Json* issuer = json ? json->get_object().if_contains("issuer") : nullptr;
    bool is_other = issuer != nullptr && issuer->is_string() &&
                    std::string_view(issuer->get_string()) != entry_.provider->issuer;
    if (!is_other)
        return {Outcome::fails, "The document cannot be used" + why(read.error()) + ".",
                "Set what it lacks, or what this server refuses, in the row itself."};
    auto named = printable(std::string_view(issuer->get_string()));
    return {
        Outcome::fails,
        fmt::format("The document is of the issuer {}, and the row says {}.", named,
                    entry_.provider->issuer),
        fmt::format("If that is who you mean, set {} to it, to the letter.", place_of("issuer"))};
}

Check::Finding Check::of_authorization_endpoint(const Result<http::Response>& response) const {
    std::string key = "authorization_endpoint";
    if (!response) return of_failure(response.error(), key);
    // A redirect leads to the sign-in page: what the endpoint is there for.
    if (response->status < 400) return {};
    if (auto wrong = of_status(response->status, key)) return std::move(*wrong);
    return {
        Outcome::unclear,
        fmt::format("It refuses a request like those of sign-ins (status {}).", response->status),
        fmt::format("Compare {}, the scopes and the redirect URI {} with what is registered at "
                    "the provider.",
                    place_of("client_id"), report_.redirect_uri)};
}

Check::Finding Check::of_pushed_authorization(const oauth::Provider& provider,
                                              const Result<http::Response>& response) const {
    std::string key = "pushed_authorization_request_endpoint";
    if (!response) return of_failure(response.error(), key);
    auto pushed = oauth::read_pushed_authorization(provider, *response);
    if (pushed) return {};
    if (auto wrong = of_status(response->status, key)) return std::move(*wrong);
    if (!is_json(*response))
        return {Outcome::fails, not_json(*response),
                fmt::format("Correct {}: it may be a page for people.", place_of(key))};
    return {Outcome::fails,
            fmt::format("It refuses a request like those of sign-ins{}.", why(pushed.error())),
            fmt::format("Compare {}, the scopes and the redirect URI {} with what is registered at "
                        "the provider; par = \"never\" pushes nothing, where the provider allows "
                        "that.",
                        place_of("client_id"), report_.redirect_uri)};
}

Check::Finding Check::of_token_endpoint(const oauth::Provider& provider,
                                        const Result<http::Response>& response,
                                        const std::string& key) const {
    if (!response) return of_failure(response.error(), key);
    if (token_verdict(provider, *response) != ClientVerdict::unclear) return {};
    if (auto wrong = of_status(response->status, key)) return std::move(*wrong);
    bool wants_json = provider.token_answer_format == oauth::AnswerFormat::json;
    if (wants_json && !is_json(*response))
        return {Outcome::fails, not_json(*response),
                fmt::format("Correct {}: it may be a page for people.", place_of(key))};
    return {};
}

Check::Finding Check::of_further_tokens(const oauth::Provider& provider,
                                        const Result<http::Response>& response,
                                        const std::string& key, const std::string& way) const {
    auto finding = of_token_endpoint(provider, response, key);
    if (finding.outcome != Outcome::works) return finding;
    auto tokens = oauth::read_token_response(provider, *response, parts_.clock.now());
    if (tokens || !tokens.error().is(oauth::client_rejected)) return finding;
    return {Outcome::fails, "It refuses this client" + why(tokens.error()) + ".",
            fmt::format("Compare {} and {} with what the provider's console shows. If the token "
                        "endpoint takes them, {} is not the way in which they are wanted here.",
                        place_of("client_id"), place_of("client_secret"), way)};
}

Check::Finding Check::of_unusable_key(const Error& error, ClientSecret secret) const {
    return {Outcome::fails, "The private key cannot be used" + why(error) + ".",
            fmt::format("It must be PKCS #8 in PEM, of the kind that client_assertion.alg wants. "
                        "Correct {}.",
                        place_of(key_of(secret)))};
}

Check::Finding Check::of_secret(const oauth::Provider& provider, const http::Response& response,
                                ClientSecret secret) const {
    auto tokens = oauth::read_token_response(provider, response, parts_.clock.now());
    if (tokens)
        return {Outcome::unclear, "The provider gave tokens for a code that was made up.",
                "Such a provider proves nothing about anybody."};
    auto verdict = token_verdict(provider, response);
    if (verdict == ClientVerdict::accepted) return {};
    auto said = printable(tokens.error().detail());
    if (verdict == ClientVerdict::unclear)
        return {Outcome::unclear,
                fmt::format("The provider does not let one tell: it answers \"{}\" to a code that "
                            "was made up.",
                            said),
                "A first sign-in will tell."};
    if (secret == ClientSecret::previous)
        return {
            Outcome::fails, fmt::format("The provider does not take it (any more): {}.", said),
            fmt::format("Take it away once client_secret works: {}.", place_of(key_of(secret)))};
    return {Outcome::fails, fmt::format("The provider refuses this client: {}.", said),
            fmt::format("Compare {} and {} with what the provider's console shows. If they are "
                        "right, token_endpoint_auth_method is not the way in which the provider "
                        "wants them.",
                        place_of("client_id"), place_of(key_of(secret)))};
}

std::string Check::place_of(const std::string& key) const {
    auto origin = entry_.merged.origins.find(key);
    auto by = origin == entry_.merged.origins.end() ? Origin::catalogue : origin->second;
    switch (by) {
        case Origin::environment:
            return fmt::format("{} ({} in the environment)", key, variable_of(name_, key));
        case Origin::config:
            return fmt::format("{} (in [OAuth.providers.{}] of config.toml)", key, name_);
        case Origin::table:
            return fmt::format("{} (`cardea provider update {}`)", key, name_);
        case Origin::catalogue:
            break;
    }
    return fmt::format("{} (`cardea provider {} {} --set {}=…`, or in config.toml)", key,
                       entry_.stored ? "update" : "add", name_, key);
}

}  // namespace cardea::provider
