// NamelessCounters: counters under keyed digests in place of names.
#pragma once

#include "cardea/base/secret.hpp"
#include "cardea/cache/counters.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::throttle {

/// Puts HMAC-SHA-256 of each key in the key's place: what is counted may be kept without telling
/// who tried to sign in, or what somebody typed into the wrong field. The counters must outlive it.
class NamelessCounters final : public cache::Counters {
  public:
    NamelessCounters(cache::Counters& counters, const SecretBytes& key)
        : counters_(counters), hmac_(key.reveal()) {}

    Task<cache::Count> add(std::string key, std::int64_t by, Milliseconds lifetime) override;
    Task<cache::Count> get(std::string key) override;
    Task<void> set(std::string key, std::int64_t value, Milliseconds lifetime) override;
    Task<void> remove(std::string key) override;

  private:
    std::string digest(const std::string& key) const;

    cache::Counters& counters_;
    crypto::HmacSha256 hmac_;
};

}  // namespace cardea::throttle
