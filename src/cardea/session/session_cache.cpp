#include "cardea/session/session_cache.hpp"

#include <cstring>

#include "cardea/session/packed_view.hpp"

namespace cardea::session {

std::size_t SessionCache::FirstBytes::operator()(const crypto::Sha256& digest) const {
    std::size_t result = 0;
    std::memcpy(&result, digest.data(), sizeof result);
    return result;
}

std::optional<SessionView> SessionCache::find(const crypto::Sha256& token_hash,
                                              std::int64_t changes) const {
    auto entry = entries_.find(token_hash);
    if (entry == entries_.end() || entry->second.changes != changes) return std::nullopt;
    return unpack(entry->second.packed_view);
}

void SessionCache::put(const crypto::Sha256& token_hash, std::int64_t changes,
                       const SessionView& view) {
    auto packed = pack(view);
    if (limit_ == 0 || packed.size() > largest) return erase(token_hash);
    if (entries_.size() >= limit_ && !entries_.contains(token_hash)) make_room(token_hash);
    entries_.insert_or_assign(token_hash, Entry{std::pmr::string(packed, &pool_), changes});
}

void SessionCache::erase(const crypto::Sha256& token_hash) {
    entries_.erase(token_hash);
}

// Any one will do, chosen by the newcomer's digest and thus at random. An order of use would cost
// every hit a list operation, and every entry two pointers.
void SessionCache::make_room(const crypto::Sha256& newcomer) {
    auto bucket = entries_.bucket(newcomer);
    while (entries_.bucket_size(bucket) == 0) bucket = (bucket + 1) % entries_.bucket_count();
    auto victim = entries_.begin(bucket)->first;
    entries_.erase(victim);
}

}  // namespace cardea::session
