// Two secrets, and which of them the provider takes.
#include "cardea/provider/client_sender.hpp"

#include <algorithm>

#include "cardea/base/log.hpp"
#include "cardea/oauth/client_assertion.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/oauth/template.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

namespace {

ClientSecret other_than(ClientSecret secret) {
    return secret == ClientSecret::current ? ClientSecret::previous : ClientSecret::current;
}

}  // namespace

ClientVerdict token_verdict(const oauth::Provider& provider, const http::Response& response) {
    auto tokens = oauth::read_token_response(provider, response, Instant());
    if (tokens || tokens.error().is(oauth::consent_withdrawn)) return ClientVerdict::accepted;
    return tokens.error().is(oauth::client_rejected) ? ClientVerdict::refused
                                                     : ClientVerdict::unclear;
}

ClientVerdict revocation_verdict(const oauth::Provider& provider, const http::Response& response) {
    auto rules = provider.revocation.value_or(oauth::RevocationRules());
    // Where the token is its own proof, it is the token that was refused.
    bool sends_secret = std::ranges::any_of(
        rules.params, [](const auto& param) { return param.second.contains("{client_secret}"); });
    bool proves_client = rules.token_in == oauth::RevokedPlace::param || rules.auth || sends_secret;
    if (response.status == 401 && proves_client) return ClientVerdict::refused;
    return response.status < 400 ? ClientVerdict::accepted : ClientVerdict::unclear;
}

ClientVerdict call_verdict(const oauth::Provider&, const http::Response& response) {
    if (response.status == 401 || response.status == 403) return ClientVerdict::refused;
    return response.status < 400 ? ClientVerdict::accepted : ClientVerdict::unclear;
}

Task<http::Response> ClientSender::send(ProviderPtr provider, ClientRequest request) {
    auto first = in_use(*provider);
    auto response = co_await send_with(first, provider, request);
    if (!response || !oauth::has_previous_secret(*provider)) co_return response;
    if (request.verdict(*provider, *response) != ClientVerdict::refused) co_return response;
    auto second = other_than(first);
    auto again = co_await send_with(second, provider, request);
    if (!again && again.error().is(oauth::client_key_unusable)) co_return response;
    bool accepted = again && request.verdict(*provider, *again) == ClientVerdict::accepted;
    if (accepted) learn(second, *provider);
    // A call may have been refused for the person's token: then the first answer says why.
    bool is_call = request.repeats == Repeats::when_broken;
    if (is_call && !accepted) co_return response;
    co_return again;
}

Task<http::Response> ClientSender::send_with(ClientSecret secret, ProviderPtr provider,
                                             ClientRequest request) {
    auto with_proof = armed(secret, provider);
    if (!with_proof) co_return std::unexpected(with_proof.error());
    auto built = request.build(**with_proof);
    if (request.repeats == Repeats::when_broken)
        co_return co_await sender_.again_if_broken(std::move(built), std::move(request.binding));
    co_return co_await sender_.once(std::move(built), std::move(request.binding));
}

Result<ProviderPtr> ClientSender::armed(ClientSecret secret, const ProviderPtr& provider) const {
    bool is_previous = secret == ClientSecret::previous;
    bool signs = oauth::needs_assertion(*provider);
    bool draws = oauth::needs_random(*provider);
    if (!is_previous && !signs && !draws) return provider;
    auto with = is_previous ? oauth::with_previous_secret(*provider) : *provider;
    if (draws) with = oauth::with_random(with, random_);
    if (signs) {
        auto proven = oauth::with_assertion(with, random_, clock_.now());
        if (!proven) return std::unexpected(proven.error());
        with = std::move(*proven);
    }
    return std::make_shared<const oauth::Provider>(std::move(with));
}

ProviderPtr ClientSender::with_secret_in_use(const ProviderPtr& provider) const {
    if (in_use(*provider) == ClientSecret::current) return provider;
    return std::make_shared<const oauth::Provider>(oauth::with_previous_secret(*provider));
}

ClientSecret ClientSender::in_use(const oauth::Provider& provider) const {
    auto choice = choices_.find(provider.name);
    bool known = choice != choices_.end() && choice->second.current == provider.client_secret &&
                 choice->second.previous == provider.client_secret_previous;
    return known ? choice->second.works : ClientSecret::current;
}

void ClientSender::learn(ClientSecret works, const oauth::Provider& provider) {
    // Of several requests that found out at once, the first tells.
    if (in_use(provider) == works) return;
    choices_[provider.name] = {provider.client_secret, provider.client_secret_previous, works};
    if (works == ClientSecret::previous) {
        log::warn("provider.previous_secret_used", log::kv("provider", provider.name),
                  log::kv("why", "the provider refuses client_secret"));
    } else {
        log::info("provider.current_secret_used", log::kv("provider", provider.name));
    }
}

}  // namespace cardea::provider
