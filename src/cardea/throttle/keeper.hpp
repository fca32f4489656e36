// Keeper: carries the throttle's counters over a restart.
#pragma once

#include "cardea/cache/memory/memory_counters.hpp"
#include "cardea/db/database.hpp"

namespace cardea::throttle {

/// Counting happens in memory and is written a moment later, so that no sign-in waits for it: a
/// crash forgets what was counted since the last save(). One thread.
class Keeper {
  public:
    Keeper(db::Database& database, cache::MemoryCounters& counters, const Clock& clock)
        : database_(database), counters_(counters), clock_(clock) {}

    /// Before the first request.
    Task<void> load();
    /// Writes what changed since the last time, and removes some of what has ended.
    Task<void> save();
    /// Saves now and then until it is cancelled; what fails is tried again the next time.
    Task<void> run(Milliseconds pause);

  private:
    Task<void> store(std::vector<cache::KeptCounter> changes);

    db::Database& database_;
    cache::MemoryCounters& counters_;
    const Clock& clock_;
};

}  // namespace cardea::throttle
