// One fetch at a time for each provider, however many wait for it.
#include "cardea/provider/discovery_cache.hpp"

#include <fmt/format.h>

#include "cardea/base/log.hpp"
#include "cardea/oauth/discovery.hpp"
#include "cardea/provider/emulated.hpp"

namespace cardea::provider {

namespace {
constexpr Milliseconds lifetime = 1h;
}

Result<ProviderPtr> DiscoveryCache::kept(const Entry& entry) const {
    if (entry.found) return entry.found;
    return std::unexpected(entry.failure.value_or(Error(failed, "discovery not tried")));
}

Task<ProviderPtr> DiscoveryCache::complete(ProviderPtr configured) {
    if (!oauth::needs_discovery(*configured)) co_return configured;
    auto& entry = entries_[configured->name];
    if (entry.configured != configured) {
        entry = Entry();
        entry.configured = configured;
    }
    Instant now = clock_.now();
    bool fresh = entry.found && now < entry.fresh_until;
    if (fresh || !entry.backoff.may_try(now)) co_return kept(entry);
    // A row that was changed meanwhile has a flight of its own.
    auto key = fmt::format("{}@{}", configured->name, fmt::ptr(configured.get()));
    runtime::SingleFlight<ProviderPtr>::Attempt attempt = [this, configured] {
        return fetch(configured);
    };
    co_return co_await flights_.run(std::move(key), std::move(attempt));
}

Task<ProviderPtr> DiscoveryCache::fetch(ProviderPtr configured) {
    auto request = oauth::discovery_request(*configured);
    auto response = co_await sender_.again_if_broken(std::move(request));
    Result<oauth::Provider> read = std::unexpected(Error(unset));
    if (response) {
        read = oauth::read_discovery(*configured, *response, options_.loopback);
    } else {
        read = std::unexpected(response.error());
    }
    Instant now = clock_.now();
    Entry result;
    if (auto at = entries_.find(configured->name); at != entries_.end()) result = at->second;
    bool current = result.configured == configured;
    if (read) {
        read->authorization_endpoint =
            emulated(std::move(read->authorization_endpoint), options_.settings.emulator);
        result.found = std::make_shared<const oauth::Provider>(std::move(*read));
        result.fresh_until = now + lifetime;
        result.backoff.succeeded();
    } else {
        result.failure = in_our_words(read.error());
        result.backoff.failed(now);
        log::warn("provider.discovery_failed", log::kv("provider", configured->name),
                  log::kv("reason", read.error().describe()));
    }
    auto outcome = kept(result);
    if (current) entries_[configured->name] = std::move(result);
    co_return outcome;
}

}  // namespace cardea::provider
