// Verifications: single-use, expiring secrets that prove one thing, such as an OAuth state.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/keyring.hpp"
#include "cardea/db/database.hpp"

namespace cardea::account {

/// Never was, was used already, or is too old.
inline constexpr Reason verification_unknown{
    Code::gone, "verification.unknown", "This was used already or is too old. Please start again."};
/// It was there, and its time is over. Says the same to people as verification_unknown.
inline constexpr Reason verification_expired{
    Code::gone, "verification.expired", "This was used already or is too old. Please start again."};
/// So many are pending that no more are begun.
inline constexpr Reason verifications_full{
    Code::unavailable, "verification.full",
    "Too many sign-ins are under way just now. Try again in a few minutes."};

struct NewVerification {
    std::string kind;   ///< `oauth_state`, …
    SecretText secret;  ///< Only its SHA-256 is stored.
    std::optional<std::string> account_id;
    std::optional<SecretText> binding;  ///< The browser's cookie; only its SHA-256 is stored.
    std::string provider;
    SecretText payload;  ///< What the flow must remember; stored sealed.
    Milliseconds lifetime = 10min;
};

struct Verification {
    std::optional<std::string> account_id;
    std::optional<Bytes> binding_hash;
    std::string provider;
    SecretText payload;
    Instant created_at;

    /// In constant time. False when it is bound to no browser, or to another one.
    bool is_bound_to(const SecretText& binding) const;
};

/// The table `verifications`.
class Verifications {
  public:
    /// `limit` bounds how many of one kind may be pending; several processes together may exceed it
    /// by what they put within a second.
    Verifications(const crypto::Keyring& keyring, const Clock& clock, std::size_t limit = 10'000)
        : keyring_(keyring), clock_(clock), limit_(limit) {}

    /// Whether one more of that kind would be taken now; removes some that are expired where there
    /// is no room otherwise. For who does something costly before put(), and fails as put() does.
    Task<void> make_room(db::Executor& executor, std::string kind);
    /// Fails with `verifications_full`; `retry_after` is set.
    Task<void> put(db::Executor& executor, NewVerification verification);
    /// Gives it once: whoever asks second gets `verification_unknown`, whoever asks too late
    /// `verification_expired`. Whoever takes one in a transaction and rolls back has not taken it:
    /// take on the database itself.
    Task<Verification> take(db::Executor& executor, std::string kind, SecretText secret);
    /// When one that is pending was made: the one with this reference, if there is one.
    Task<std::optional<Instant>> find_pending(db::Executor& executor, std::string reference);
    /// Ten characters that stand for a secret, and from which it cannot be found: for a person to
    /// quote.
    static std::string reference_of(const SecretText& secret);
    /// Removes up to `limit` expired ones; tells how many.
    Task<std::size_t> sweep(db::Executor& executor, int limit = 500);

  private:
    /// How many were pending at a time, and how many were put here since.
    struct Counted {
        Instant at;
        std::size_t pending = 0;
    };
    bool has_room(const std::string& kind) const;

    const crypto::Keyring& keyring_;
    const Clock& clock_;
    std::size_t limit_;
    std::map<std::string, Counted> counted_;
};

}  // namespace cardea::account
