// DiscoveryCache: discovery documents, fetched when first needed and kept for an hour.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/provider/backoff.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/provider/sender.hpp"
#include "cardea/runtime/single_flight.hpp"

namespace cardea::provider {

class DiscoveryCache {
  public:
    /// The references must outlive the object.
    DiscoveryCache(Sender& sender, const Clock& clock, const Options& options)
        : sender_(sender), clock_(clock), options_(options) {}

    /// The provider with what its document adds. A document that cannot be fetched again goes on
    /// serving; without one the failure is remembered until the next try is due.
    Task<ProviderPtr> complete(ProviderPtr configured);

  private:
    struct Entry {
        ProviderPtr configured;
        ProviderPtr found;
        Instant fresh_until{};
        Backoff backoff;
        std::optional<Error> failure;
    };
    Task<ProviderPtr> fetch(ProviderPtr configured);
    Result<ProviderPtr> kept(const Entry& entry) const;

    Sender& sender_;
    const Clock& clock_;
    const Options& options_;
    std::map<std::string, Entry> entries_;
    runtime::SingleFlight<ProviderPtr> flights_;
};

}  // namespace cardea::provider
