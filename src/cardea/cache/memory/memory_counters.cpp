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
    auto* found = find(key);
    if (found != nullptr && found->second.ends_at <= now) {
        forget(*found);
        found = nullptr;
    }
    if (found == nullptr) found = &insert(std::move(key), {.value = 0, .ends_at = now + lifetime});
    auto& counter = found->second;
    counter.value += by;
    if (!counter.is_noted) note_change(found->first);
    counter.is_noted = true;
    co_return Count{counter.value, counter.ends_at - now};
}

Task<Count> MemoryCounters::get(std::string key) {
    auto now = clock_.now();
    auto* found = find(key);
    if (found == nullptr || found->second.ends_at <= now) co_return Count{};
    co_return Count{found->second.value, found->second.ends_at - now};
}

Task<void> MemoryCounters::set(std::string key, std::int64_t value, Milliseconds lifetime) {
    forget_ended();
    note_change(key);
    restore({std::move(key), value, clock_.now() + lifetime});
    co_return Result<void>();
}

Task<void> MemoryCounters::remove(std::string key) {
    auto* found = find(key);
    if (found == nullptr) co_return Result<void>();
    note_change(key);
    forget(*found);
    co_return Result<void>();
}

// Sorted: whoever keeps them in a tree writes neighbours one after the other.
std::vector<KeptCounter> MemoryCounters::take_changes() {
    auto keys = std::exchange(changed_, {});
    std::ranges::sort(keys);
    auto repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    std::vector<KeptCounter> changes;
    changes.reserve(keys.size());
    for (auto& key : keys) {
        auto* found = find(key);
        if (found != nullptr) found->second.is_noted = false;
        changes.push_back({std::move(key), found != nullptr ? found->second.value : 0,
                           found != nullptr ? found->second.ends_at : clock_.now()});
    }
    return changes;
}

void MemoryCounters::return_changes(const std::vector<KeptCounter>& changes) {
    for (const auto& change : changes) note_change(change.key);
}

void MemoryCounters::restore(KeptCounter counter) {
    if (auto* old = find(counter.key); old != nullptr) forget(*old);
    if (counter.ends_at <= clock_.now()) return;
    insert(std::move(counter.key), {.value = counter.value, .ends_at = counter.ends_at});
}

// What a table goes by is not what chooses it.
MemoryCounters::Table& MemoryCounters::table_of(const std::string& key) {
    return tables_[std::hash<std::string>()(key) / 61 % tables_.size()];
}

MemoryCounters::Entry* MemoryCounters::find(const std::string& key) {
    auto& table = table_of(key);
    auto found = table.find(key);
    return found == table.end() ? nullptr : &*found;
}

MemoryCounters::Entry& MemoryCounters::insert(std::string key, Counter counter) {
    make_room();
    auto& second = by_end_[second_of(counter.ends_at)];
    counter.place = second.size();
    auto& table = table_of(key);
    auto& entry = *table.emplace(std::move(key), counter).first;
    second.push_back(&entry);
    ++size_;
    return entry;
}

void MemoryCounters::note_change(const std::string& key) {
    if (changed_.size() < limit_) changed_.push_back(key);
}

// The last one of its second takes its place there.
void MemoryCounters::forget(Entry& entry) {
    auto second = by_end_.find(second_of(entry.second.ends_at));
    auto* last = second->second.back();
    last->second.place = entry.second.place;
    second->second[last->second.place] = last;
    second->second.pop_back();
    if (second->second.empty()) by_end_.erase(second);
    auto& table = table_of(entry.first);
    table.erase(table.find(entry.first));
    --size_;
}

// Each counter is inserted once and forgotten once, so this costs a constant for each addition.
void MemoryCounters::forget_ended() {
    auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
    while (!by_end_.empty() && by_end_.begin()->first <= now) {
        forget(*by_end_.begin()->second.back());
    }
}

// Not always the first: the newest of the second has just taken its place.
void MemoryCounters::make_room() {
    if (size_ < limit_) return;
    const auto& soonest = by_end_.begin()->second;
    forget(*soonest[next_victim_++ % soonest.size()]);
}

}  // namespace cardea::cache
