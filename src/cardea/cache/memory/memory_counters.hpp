// The cache inside this process: bounded, gone with it.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

#include "cardea/cache/counters.hpp"

namespace cardea::cache {

/// A counter on its way to or from where it outlives the process. One that ended is gone.
struct KeptCounter {
    std::string key;
    std::int64_t value = 0;
    Instant ends_at;
};

/// One thread. Who lets strangers choose keys puts a keyed digest of each in its place, as
/// throttle::NamelessCounters does: these are hash tables.
class MemoryCounters final : public Counters {
  public:
    /// Holds at most `limit` counters: a new one takes the place of one of those that end in the
    /// second that comes first.
    MemoryCounters(const Clock& clock, std::size_t limit);

    Task<Count> add(std::string key, std::int64_t by, Milliseconds lifetime) override;
    Task<Count> get(std::string key) override;
    Task<void> set(std::string key, std::int64_t value, Milliseconds lifetime) override;
    Task<void> remove(std::string key) override;
    std::size_t size() const { return size_; }

    /// What was counted or removed since the last call, each key once. Of more changes than there
    /// may be counters some are left out: they come along with their next change.
    std::vector<KeptCounter> take_changes();
    /// These could not be kept: take_changes() tells of them again.
    void return_changes(const std::vector<KeptCounter>& changes);
    /// Brings a counter back as it was, over one of the same key.
    void restore(KeptCounter counter);

  private:
    struct Counter {
        std::int64_t value;
        Instant ends_at;
        std::size_t place = 0;  ///< In its second.
        bool is_noted = false;  ///< Among those that changed.
    };
    using Table = std::unordered_map<std::string, Counter>;
    using Entry = Table::value_type;

    Table& table_of(const std::string& key);
    Entry* find(const std::string& key);
    Entry& insert(std::string key, Counter counter);
    void forget(Entry& entry);
    void note_change(const std::string& key);
    void forget_ended();
    void make_room();

    const Clock& clock_;
    std::size_t limit_;
    std::array<Table, 64> tables_;  // one that grows moves all of its entries: better a few
    std::size_t size_ = 0;
    std::map<std::chrono::sys_seconds, std::vector<Entry*>> by_end_;  // in which second it ends
    std::size_t next_victim_ = 0;
    std::vector<std::string> changed_;  // some more than once
};

}  // namespace cardea::cache
