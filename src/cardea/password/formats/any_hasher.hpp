// AnyHasher: hashes with the scheme of choice and checks whatever the registry knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cardea/password/formats/bcrypt_side.hpp"
#include "cardea/password/formats/format.hpp"
#include "cardea/password/settings.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::password::formats {

/// What a stored hash may cost by these settings.
Limits limits_of(const Settings& settings);
/// Whether a stored hash would be checked at all: its format's name, or why not (`malformed_hash`,
/// `unsupported_hash`, `cost_refused`). Computes nothing.
Result<std::string_view> examine(std::string_view stored, const Settings& settings);

/// The calls of Hasher, for any stored hash. bcrypt goes to the bcrypt side; all else is computed
/// on threads of its own, at most `queue_limit` waiting, below the I/O thread in priority, each
/// hash bounded by `maximum_memory_mib` and `maximum_time`. Must outlive its calls and be gone
/// before the event loop is.
///
/// Time. A wrong password for a hash that is not of the present scheme and cost is followed by the
/// work that an unknown account gets, so that no old hash, however cheap, is told by a quick
/// refusal. What it took beyond that, every other refusal waits, by the usual time of the slowest
/// kind seen since the start: unknown account, present hash and old hash are refused alike, and so
/// is bcrypt of a higher cost than the present one, which takes what it takes beyond that. The
/// first refusals of a kind after a start, before its time is known, are the exception.
class AnyHasher {
  public:
    /// Without a bcrypt side, a Hasher of its own; without a salt source, the system's generator.
    explicit AnyHasher(Settings settings = {}, std::unique_ptr<BcryptSide> bcrypt = {},
                       SaltSource salts = {});
    ~AnyHasher();
    AnyHasher(const AnyHasher&) = delete;
    AnyHasher& operator=(const AnyHasher&) = delete;

    /// Before the first request: fails when bcrypt does not compute what it must.
    Result<void> ready() const;
    /// The text to store. Fails with `too_long` or `has_nul` for what the scheme cannot take, and
    /// with `busy`.
    Task<std::string> hash(SecretText password);
    /// Fails at once with `malformed_hash`, `unsupported_hash` or `cost_refused`: then call
    /// check_decoy(), raise an alarm, and say "wrong password". Also with `has_nul`, `too_long`
    /// (over 4096 bytes) and `busy`. A password over 72 bytes is wrong for a bcrypt hash that has
    /// no long form.
    Task<Verdict> check(SecretText password, std::string stored);
    /// For an account that does not exist: always wrong, and as slow as check().
    Task<Verdict> check_decoy(SecretText password);
    /// True for whatever the present settings would not write: another format, a lower cost. False
    /// for what cannot be read.
    bool needs_rehash(std::string_view stored) const;

    /// In the fuller of the two queues, bcrypt's and that of all else.
    std::size_t waiting() const;
    /// Refuses new calls and ends those waiting with `busy`; those being computed finish.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea::password::formats
