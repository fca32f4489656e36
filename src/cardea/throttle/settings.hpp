// The section `[throttle]`.
#pragma once

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::throttle {

struct Settings {
    bool enabled = true;
    int account_attempts = 5;
    int address_attempts = 30;
    int sign_ups = 60;
    int oauth_begins = 200;
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
    (oauth_begins,
     "Sign-ins with a provider begun from an address, within address_memory, before the first "
     "wait. What is begun and not finished is kept for ten minutes, and there is room for 10 000.",
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

}  // namespace cardea::throttle
