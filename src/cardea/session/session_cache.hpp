// A bounded cache of session lookups, each good only for the state of the sessions it was read
// from.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <unordered_map>

#include "cardea/crypto/hash.hpp"
#include "cardea/session/huge_pages.hpp"
#include "cardea/session/session.hpp"

namespace cardea::session {

/// When it is full, any one entry goes. One thread.
class SessionCache {
  public:
    /// What is larger when packed is not kept: from here on, the pools would not take it back.
    static constexpr std::size_t largest = 4000;

    explicit SessionCache(std::size_t limit) : limit_(limit) {}

    /// The view kept for the token's hash, if it was read at this number of changes.
    std::optional<SessionView> find(const crypto::Sha256& token_hash, std::int64_t changes) const;
    void put(const crypto::Sha256& token_hash, std::int64_t changes, const SessionView& view);
    void erase(const crypto::Sha256& token_hash);
    std::size_t size() const { return entries_.size(); }

  private:
    // The keys are digests of random tokens: their first bytes are as good as any hash of them.
    struct FirstBytes {
        std::size_t operator()(const crypto::Sha256& digest) const;
    };
    // Packed, because a request for one of many sessions waits for each place in memory where a
    // part of it lies.
    struct Entry {
        std::pmr::string packed_view;
        std::int64_t changes;
    };

    void make_room(const crypto::Sha256& newcomer);

    std::size_t limit_;
    // Pools take pieces of a few hundred KiB from mappings, each half as large again as the last.
    HugePages pages_;
    std::pmr::monotonic_buffer_resource mappings_{&pages_};
    std::pmr::unsynchronized_pool_resource pool_{{.max_blocks_per_chunk = 512}, &mappings_};
    std::pmr::unordered_map<crypto::Sha256, Entry, FirstBytes> entries_{&pool_};
};

}  // namespace cardea::session
