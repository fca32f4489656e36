// Throttle: makes guessing slow, for each address and for each account, without locking owners out.
#pragma once

#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/cache/counters.hpp"
#include "cardea/http/address.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/throttle/settings.hpp"

namespace cardea::throttle {

/// Error::retry_after() says how long. Being refused does not make the wait longer.
inline constexpr Reason slow_down{Code::too_many, "throttle.slow_down",
                                  "Too many attempts. Wait a moment, then try again."};

/// Somebody tries a password.
struct Attempt {
    std::string account;  ///< The normalised address that was typed, whether it exists or not.
    http::IpAddress address;
    bool known_browser = false;  ///< It proved, by a cookie, that it signed in to this account.
};

/// An attempt that was let through and counted; how it ended is told with it.
struct Ticket {
    std::string account_key;
    std::string address_key;
    std::string known_key;
};

/// Counts attempts when they begin, so that a thousand at once are a thousand. For each account
/// there are two counters: one for callers known to it (their address or browser signed in before)
/// and one for all others. Strangers who guess make strangers wait; the owner does not notice.
/// When the cache cannot be reached attempts are let through, with a warning in the log.
class Throttle {
  public:
    Throttle(Settings settings, cache::Counters& counters);

    /// Before the password is looked at. Fails with `slow_down`.
    Task<Ticket> begin(Attempt attempt);
    /// The password was right: the account's counter starts anew, the address is known from now on.
    Task<void> succeeded(Ticket ticket);
    /// Somebody is signed in to the account from there without having typed its password: it is
    /// new, or a provider vouched. The address is known from now on.
    Task<void> remember(Attempt attempt);
    /// Nobody learnt whether the password was right (an outage, `password.busy`): it did not count.
    Task<void> withdraw(Ticket ticket);
    /// Before an account is made. Fails with `slow_down`.
    Task<void> count_sign_up(http::IpAddress address);
    /// No account was made, and nobody learnt anything (an outage, `password.busy`).
    Task<void> withdraw_sign_up(http::IpAddress address);
    /// Before a sign-in with a provider begins: what is pending takes room, and a request goes to
    /// the provider. Fails with `slow_down`.
    Task<void> count_oauth_begin(http::IpAddress address);
    /// Before somebody gives their account another address: the answer tells whether that address
    /// has an account. Counted for the account, and for the network together with sign-ups, which
    /// tell the same. Fails with `slow_down`.
    Task<void> count_email_change(std::string account_id, http::IpAddress address);
    /// The account was never its holder's: no address is known to it any more.
    Task<void> forget(std::string account);

  private:
    struct Bucket;
    Bucket account_bucket(std::string key) const;
    Bucket address_bucket(std::string key) const;
    Bucket sign_up_bucket(std::string key) const;
    Bucket begin_bucket(std::string key) const;
    Task<std::string> known_key(Attempt attempt);
    Task<void> check_and_count(Bucket bucket);
    Task<bool> is_known(std::string known_key);
    Task<void> make_known(std::string known_key);
    Task<void> check_wait(std::string key);
    Task<void> count(Bucket bucket);

    Settings settings_;
    cache::Counters& counters_;
};

/// What is counted as one caller: the address itself, or the /64 of an IPv6 address.
std::string network_of(const http::IpAddress& address);

}  // namespace cardea::throttle
