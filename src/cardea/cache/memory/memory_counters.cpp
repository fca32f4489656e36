#include "cardea/cache/memory/memory_counters.hpp"

#include <algorithm>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::cache {

bool MemoryCounters::EndsEarlier::operator()(Table::iterator a, Table::iterator b) const {
    if (a->second.ends_at != b->second.ends_at) return a->second.ends_at < b->second.ends_at;
    return a->first < b->first;
}

MemoryCounters::MemoryCounters(const Clock& clock, std::size_t limit)
    : clock_(clock), limit_(std::max<std::size_t>(1, limit)) {}

Task<Count> MemoryCounters::add(std::string key, std::int64_t by, Milliseconds lifetime) {
    forget_ended();
    auto now = clock_.now();
    auto found = table_.find(key);
    if (found == table_.end()) {
        make_room();
        found = table_.emplace(std::move(key), Counter{0, now + lifetime}).first;
        by_end_.insert(found);
    }
    found->second.value += by;
    note_change(found->first);
    co_return Count{found->second.value, found->second.ends_at - now};
}

Task<Count> MemoryCounters::get(std::string key) {
    auto now = clock_.now();
    auto found = table_.find(key);
    if (found == table_.end() || found->second.ends_at <= now) co_return Count{};
    co_return Count{found->second.value, found->second.ends_at - now};
}

Task<void> MemoryCounters::remove(std::string key) {
    auto found = table_.find(key);
    if (found == table_.end()) co_return Result<void>();
    note_change(key);
    forget(found);
    co_return Result<void>();
}

std::vector<KeptCounter> MemoryCounters::take_changes() {
    std::vector<KeptCounter> changes;
    changes.reserve(changed_.size());
    for (const auto& key : changed_) {
        auto found = table_.find(key);
        bool gone = found == table_.end();
        changes.push_back(
            {key, gone ? 0 : found->second.value, gone ? clock_.now() : found->second.ends_at});
    }
    changed_.clear();
    return changes;
}

void MemoryCounters::return_changes(const std::vector<KeptCounter>& changes) {
    for (const auto& change : changes) note_change(change.key);
}

void MemoryCounters::restore(KeptCounter counter) {
    if (auto old = table_.find(counter.key); old != table_.end()) forget(old);
    if (counter.ends_at <= clock_.now()) return;
    make_room();
    auto added =
        table_.emplace(std::move(counter.key), Counter{counter.value, counter.ends_at}).first;
    by_end_.insert(added);
}

void MemoryCounters::note_change(const std::string& key) {
    if (changed_.size() < limit_) changed_.insert(key);
}

void MemoryCounters::forget(Table::iterator counter) {
    by_end_.erase(counter);
    table_.erase(counter);
}

// Each counter is inserted once and forgotten once, so this costs a constant for each addition.
void MemoryCounters::forget_ended() {
    auto now = clock_.now();
    while (!by_end_.empty() && (*by_end_.begin())->second.ends_at <= now) {
        forget(*by_end_.begin());
    }
}

void MemoryCounters::make_room() {
    if (table_.size() >= limit_) forget(*by_end_.begin());
}

}  // namespace cardea::cache
