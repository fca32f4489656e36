// The settings of the vault: section [vault].
#pragma once

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::vault {

struct Settings {
    Seconds margin = 5min;
    Seconds lease = 30s;
    Seconds first_retry = 30s;
    Seconds longest_retry = 1h;
    int at_once = 8;
    Seconds keep_unlinked = 24h;
};
DESCRIBED(Settings,
          (margin, "A token is renewed this long before it runs out, at most a third of its life.",
           schema::between(1s, 24h)),
          (lease, "How long one renewal may take before another instance may try.",
           schema::between(20s, 600s)),
          (first_retry, "The wait after a failed renewal; it doubles with each further one.",
           schema::between(1s, 1h)),
          (longest_retry, "Where that wait stops growing.", schema::between(1s, 24h)),
          (at_once, "Renewals under way at once.", schema::between(1, 1000)),
          (keep_unlinked,
           "How long the tokens of a sign-in are kept that nobody links to an account.",
           schema::between(1min, 365 * 24h)))

}  // namespace cardea::vault
