// The cache inside this process: bounded, gone with it.
#pragma once

#include <cstddef>
#include <map>
#include <set>

#include "cardea/cache/counters.hpp"

namespace cardea::cache {

/// One thread. Ordered trees and not hash tables, because the keys come from strangers.
class MemoryCounters final : public Counters {
  public:
    /// Holds at most `limit` counters: a new one takes the place of the one nearest to its end.
    MemoryCounters(const Clock& clock, std::size_t limit);

    Task<Count> add(std::string key, std::int64_t by, Milliseconds lifetime) override;
    Task<Count> get(std::string key) override;
    Task<void> remove(std::string key) override;
    std::size_t size() const { return table_.size(); }

  private:
    struct Counter {
        std::int64_t value;
        Instant ends_at;
    };
    using Table = std::map<std::string, Counter>;
    struct EndsEarlier {
        bool operator()(Table::iterator a, Table::iterator b) const;
    };
    void forget(Table::iterator counter);
    void forget_ended();
    void make_room();

    const Clock& clock_;
    std::size_t limit_;
    Table table_;
    std::set<Table::iterator, EndsEarlier> by_end_;
};

}  // namespace cardea::cache
