#include "cardea/cache/memory/memory_counters.hpp"

#include <algorithm>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::cache {

namespace {

std::chrono::sys_seconds second_of(Instant at) {
    return std::chrono::ceil<std::chrono::seconds>(at);
}

}  // namespace

MemoryCounters::MemoryCounters(const Clock& clock, std::size_t limit)
    : clock_(clock), limit_(std::max<std::size_t>(1, limit)) {}

Task<Count> MemoryCounters::add(std::string key, std::int64_t by, Milliseconds lifetime) {
    forget_ended();
    auto now = clock_.now();
    auto found = table_.find(key);
    if (found != table_.end() && found->second.ends_at <= now) {
        forget(found);
        found = table_.end();
    }
    auto& [kept, counter] = found != table_.end()
                                ? *found
                                : insert(std::move(key), {.value = 0, .ends_at = now + lifetime});
    counter.value += by;
    note_change(kept);
    co_return Count{counter.value, counter.ends_at - now};
}

Task<Count> MemoryCounters::get(std::string key) {
    auto now = clock_.now();
    auto found = table_.find(key);
    if (found == table_.end() || found->second.ends_at <= now) co_return Count{};
    co_return Count{found->second.value, found->second.ends_at - now};
}

Task<void> MemoryCounters::set(std::string key, std::int64_t value, Milliseconds lifetime) {
    forget_ended();
    note_change(key);
    restore({std::move(key), value, clock_.now() + lifetime});
    co_return Result<void>();
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
    // Whoever keeps them in a tree writes neighbours one after the other.
    std::ranges::sort(changes, {}, &KeptCounter::key);
    return changes;
}

void MemoryCounters::return_changes(const std::vector<KeptCounter>& changes) {
    for (const auto& change : changes) note_change(change.key);
}

void MemoryCounters::restore(KeptCounter counter) {
    if (auto old = table_.find(counter.key); old != table_.end()) forget(old);
    if (counter.ends_at <= clock_.now()) return;
    insert(std::move(counter.key), {.value = counter.value, .ends_at = counter.ends_at});
}

MemoryCounters::Table::value_type& MemoryCounters::insert(std::string key, Counter counter) {
    make_room();
    auto& second = by_end_[second_of(counter.ends_at)];
    counter.place = second.size();
    auto& added = *table_.emplace(std::move(key), counter).first;
    second.push_back(&added);
    return added;
}

void MemoryCounters::note_change(const std::string& key) {
    if (changed_.size() < limit_) changed_.insert(key);
}

// The last one of its second takes its place there.
void MemoryCounters::forget(Table::iterator counter) {
    auto second = by_end_.find(second_of(counter->second.ends_at));
    auto* last = second->second.back();
    last->second.place = counter->second.place;
    second->second[last->second.place] = last;
    second->second.pop_back();
    if (second->second.empty()) by_end_.erase(second);
    table_.erase(counter);
}

// Each counter is inserted once and forgotten once, so this costs a constant for each addition.
void MemoryCounters::forget_ended() {
    auto now = clock_.now();
    while (!by_end_.empty() && by_end_.begin()->first <= now) {
        forget(table_.find(soonest().back()->first));
    }
}

void MemoryCounters::make_room() {
    if (table_.size() >= limit_) forget(table_.find(soonest().front()->first));
}

}  // namespace cardea::cache
