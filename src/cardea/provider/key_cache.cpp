// Fetching key sets: seldom, once at a time, and never losing the one that works.
#include "cardea/provider/key_cache.hpp"

#include "cardea/base/log.hpp"
#include "cardea/oauth/requests.hpp"

namespace cardea::provider {

namespace {

constexpr Milliseconds lifetime = 1h;
constexpr Milliseconds between_unknown = 60s;

http::Request key_request(const oauth::Provider& provider) {
    http::Request request;
    request.target = provider.jwks_uri;
    request.headers.set("Accept", "application/json");
    return request;
}

Result<jose::KeySet> read_keys(const Result<http::Response>& response) {
    if (!response) return std::unexpected(response.error());
    if (response->status != 200)
        return fail(failed, "key set: status " + std::to_string(response->status));
    auto keys = jose::KeySet::from_json(response->body);
    if (!keys) return fail(failed, keys.error());
    return keys;
}

}  // namespace

Task<jose::KeySet> KeyCache::keys(ProviderPtr provider) {
    Entry& entry = entries_[provider->jwks_uri];
    Instant now = clock_.now();
    bool stale = !entry.keys || now >= entry.stale_at;
    if (!stale || !entry.backoff.may_try(now)) {
        if (entry.keys) co_return *entry.keys;
        co_return std::unexpected(entry.failure.value_or(Error(failed, "no keys")));
    }
    co_return co_await fetch(std::move(provider));
}

Task<std::optional<jose::KeySet>> KeyCache::newer_keys(ProviderPtr provider) {
    std::string url = provider->jwks_uri;
    Instant now = clock_.now();
    if (now < entries_[url].next_for_unknown || !entries_[url].backoff.may_try(now))
        co_return std::optional<jose::KeySet>();
    auto fetched = co_await fetch(std::move(provider));
    bool worked = fetched && !entries_[url].failure;
    if (worked) entries_[url].next_for_unknown = now + between_unknown;
    co_return worked ? std::optional<jose::KeySet>(std::move(*fetched)) : std::nullopt;
}

Task<jose::KeySet> KeyCache::fetch(ProviderPtr provider) {
    std::string url = provider->jwks_uri;
    runtime::SingleFlight<jose::KeySet>::Attempt attempt = [this, provider] {
        return fetch_once(provider);
    };
    co_return co_await flights_.run(std::move(url), std::move(attempt));
}

Task<jose::KeySet> KeyCache::fetch_once(ProviderPtr provider) {
    auto request = key_request(*provider);
    auto response = co_await sender_.again_if_broken(std::move(request));
    auto keys = read_keys(response);
    Entry& entry = entries_[provider->jwks_uri];
    Instant now = clock_.now();
    if (keys) {
        entry.keys = std::move(*keys);
        entry.stale_at = now + lifetime;
        entry.failure.reset();
        entry.backoff.succeeded();
        co_return *entry.keys;
    }
    entry.failure = keys.error();
    entry.backoff.failed(now);
    log::warn("provider.keys_failed", log::kv("provider", provider->name),
              log::kv("reason", keys.error().describe()));
    if (entry.keys) co_return *entry.keys;
    co_return std::unexpected(keys.error());
}

}  // namespace cardea::provider
