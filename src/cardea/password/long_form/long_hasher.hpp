// LongHasher: a Hasher that also takes passwords over bcrypt's 72 bytes.
#pragma once

#include <memory>

#include "cardea/password/hasher.hpp"
#include "cardea/password/long_form/bcrypt_sha256.hpp"

namespace cardea::password {

/// The calls of Hasher. What fits into 72 bytes is stored as `$2b$`, what does not as
/// `$bcrypt-sha256$`; both are checked whatever the length of the attempt. All calls fail with
/// `far_too_long` over 1024 bytes and with `has_nul`, and as Hasher's do.
class LongHasher {
  public:
    /// On a hasher that outlives it, or on one of its own.
    explicit LongHasher(Hasher& hasher) : hasher_(hasher) {}
    explicit LongHasher(std::unique_ptr<Hasher> own) : own_(std::move(own)), hasher_(*own_) {}

    Task<std::string> hash(SecretText password);
    /// A long attempt at a `$2b$` hash is wrong after the same time: what another system cut to 72
    /// bytes would accept all that begins alike.
    Task<Verdict> check(SecretText password, std::string stored);
    Task<Verdict> check_decoy(SecretText password);
    bool needs_rehash(std::string_view stored) const;
    Result<void> ready() const { return hasher_.ready(); }
    std::size_t waiting() const { return hasher_.waiting(); }
    void stop() { hasher_.stop(); }

  private:
    Task<std::string> hash_long(SecretText password);
    Task<Verdict> check_long(SecretText password, std::string stored);

    std::unique_ptr<Hasher> own_;
    Hasher& hasher_;
};

}  // namespace cardea::password
