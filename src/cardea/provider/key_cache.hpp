// KeyCache: the keys that providers sign ID tokens with.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/jose/jwk.hpp"
#include "cardea/provider/backoff.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/provider/sender.hpp"
#include "cardea/runtime/single_flight.hpp"

namespace cardea::provider {

/// Keys are fetched on first use and again after an hour; keys that cannot be fetched again go on
/// verifying what they signed. Tokens that fit no key cause one fetch a minute and provider at
/// most, so that nobody can make this server hammer a provider.
class KeyCache {
  public:
    KeyCache(Sender& sender, const Clock& clock) : sender_(sender), clock_(clock) {}

    Task<jose::KeySet> keys(ProviderPtr provider);
    /// Keys fetched anew because those kept do not verify a token; nothing when it is too early to
    /// ask, or when the provider cannot be reached.
    Task<std::optional<jose::KeySet>> newer_keys(ProviderPtr provider);

  private:
    struct Entry {
        std::optional<jose::KeySet> keys;
        Instant stale_at{};
        Instant next_for_unknown{};
        Backoff backoff;
        std::optional<Error> failure;
    };
    Task<jose::KeySet> fetch(ProviderPtr provider);
    Task<jose::KeySet> fetch_once(ProviderPtr provider);

    Sender& sender_;
    const Clock& clock_;
    std::map<std::string, Entry> entries_;  // by key set URL
    runtime::SingleFlight<jose::KeySet> flights_;
};

}  // namespace cardea::provider
