// Throttle: makes guessing slow, for each address and for each account, without locking owners out.
#pragma once

#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/cache/counters.hpp"
#include "cardea/http/address.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::throttle {

/// Error::retry_after() says how long. Being refused does not make the wait longer.
inline constexpr Reason slow_down{Code::too_many, "throttle.slow_down",
                                  "Too many attempts. Wait a moment, then try again."};

struct Settings {
    bool enabled = true;
    int account_attempts = 5;
    int address_attempts = 30;
    int sign_ups = 60;
    Seconds first_wait = 1s;
    Seconds longest_account_wait = 1h;
    Seconds longest_address_wait = 1min;
    Seconds account_memory = 24h;
    Seconds address_memory = 1h;
    Seconds known_address_memory = 30 * 24h;
    int entries = 100'000;
};
DESCRIBED(
    Settings, (enabled, "Whether attempts are counted and slowed down at all."),
    (account_attempts, "Wrong passwords for an account before the first wait.",
     schema::between(1, 100)),
    (address_attempts, "Wrong passwords from an address (IPv6: its /64) before the first wait.",
     schema::between(1, 100'000)),
    (sign_ups, "New accounts from an address, within address_memory, before the first wait.",
     schema::between(1, 100'000)),
    (first_wait, "The first wait; it doubles with each further attempt.", schema::between(1s, 1h)),
    (longest_account_wait, "Where the wait for an account stops growing.",
     schema::between(1s, 24h)),
    (longest_address_wait, "Where the wait for an address stops growing.",
     schema::between(1s, 24h)),
    (account_memory, "How long an account's attempts are remembered.",
     schema::between(1min, 30 * 24h)),
    (address_memory, "How long an address's attempts are remembered.", schema::between(1min, 24h)),
    (known_address_memory, "How long an address from which somebody signed in counts as known.",
     schema::between(1h, 365 * 24h)),
    (entries, "Counters held in memory at most.", schema::between(1'000, 100'000'000)))

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
    /// Nobody learnt whether the password was right (an outage, `password.busy`): it did not count.
    Task<void> withdraw(Ticket ticket);
    /// Before an account is made. Fails with `slow_down`.
    Task<void> count_sign_up(http::IpAddress address);

  private:
    struct Bucket;
    Bucket account_bucket(std::string key) const;
    Bucket address_bucket(std::string key) const;
    Bucket sign_up_bucket(std::string key) const;
    Task<bool> is_known(std::string known_key);
    Task<void> check_wait(std::string key);
    Task<void> count(Bucket bucket);

    Settings settings_;
    cache::Counters& counters_;
};

/// What is counted as one caller: the address itself, or the /64 of an IPv6 address.
std::string network_of(const http::IpAddress& address);

}  // namespace cardea::throttle
