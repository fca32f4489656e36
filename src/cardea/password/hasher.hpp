// Hasher: makes and checks password hashes off the I/O thread, at most so many at a time.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "cardea/base/secret.hpp"
#include "cardea/password/engine.hpp"
#include "cardea/password/kernel.hpp"
#include "cardea/password/settings.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::password {

/// The stored hash would take longer than `maximum_cost` allows.
inline constexpr Reason cost_refused{Code::internal, "password.cost_refused",
                                     "A stored password hash costs more than is allowed."};

enum class Verdict { wrong, right };

/// Fills a span with unpredictable bytes, for salts.
using SaltSource = std::function<void(std::span<std::byte>)>;

/// Hashes with `$2b$` and checks `$2a$`, `$2b$` and `$2y$`: an Engine's face for coroutines. The
/// calls wait without blocking; when the waiting coroutine is cancelled (a deadline), a hash not
/// yet begun is never computed and one under way is given up.
/// All calls fail with `too_long` or `has_nul` for what bcrypt cannot take (a hash that another
/// system made of a longer, cut password is not checked here: it would accept what merely begins
/// alike), and with `busy`. Must outlive its calls and be gone before the event
/// loop is; the destructor lets waiting calls end with `busy`.
class Hasher {
  public:
    /// Without a salt source the system's generator is used; a kernel takes the place of the
    /// one that the settings name.
    explicit Hasher(Settings settings = {}, SaltSource salts = {},
                    std::unique_ptr<Kernel> kernel = {});
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    /// Blocks for the engine's self-test, a few milliseconds after the first Hasher of the process;
    /// a server that fails with `engine_broken` must not serve.
    Result<void> ready() const;
    /// The text to store.
    Task<std::string> hash(SecretText password);
    /// The same with a salt from new_salt(), for whoever needs the salt beforehand.
    Task<std::string> hash(SecretText password, Salt salt);
    Salt new_salt() const;
    /// A stored hash of a lower cost than the present one takes as long as one of the present
    /// cost, so that time does not tell how old an account is. Fails at once with
    /// `malformed_hash`, `unsupported_hash` or `cost_refused`: then call check_decoy(), raise an
    /// alarm, and say "wrong password".
    Task<Verdict> check(SecretText password, std::string stored);
    /// For an account that does not exist: always wrong, and as slow as check().
    Task<Verdict> check_decoy(SecretText password);
    /// True for a lower cost than the present one and for older variants: hash again while the
    /// password is at hand. False for what cannot be read.
    bool needs_rehash(std::string_view stored) const;

    std::size_t waiting() const;
    /// Refuses new calls and ends those waiting with `busy`; those being computed finish.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea::password
