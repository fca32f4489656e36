// A bounded cache of session lookups, each good only for the state of the sessions it was read
// from.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "cardea/crypto/hash.hpp"
#include "cardea/session/session.hpp"

namespace cardea::session {

/// When it is full, any one entry goes. One thread.
class SessionCache {
  public:
    explicit SessionCache(std::size_t limit) : limit_(limit) {}

    /// The view kept for the token's hash, if it was read at this number of changes.
    SessionPointer find(const crypto::Sha256& token_hash, std::int64_t changes) const;
    void put(const crypto::Sha256& token_hash, std::int64_t changes, SessionPointer view);
    void erase(const crypto::Sha256& token_hash);
    std::size_t size() const { return entries_.size(); }

  private:
    // The keys are digests of random tokens: their first bytes are as good as any hash of them.
    struct FirstBytes {
        std::size_t operator()(const crypto::Sha256& digest) const;
    };
    struct Entry {
        SessionPointer view;
        std::int64_t changes;
    };
    using Entries = std::unordered_map<crypto::Sha256, Entry, FirstBytes>;

    void make_room(const crypto::Sha256& newcomer);

    std::size_t limit_;
    Entries entries_;
};

}  // namespace cardea::session
