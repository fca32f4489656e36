// The settings of sessions: section [session].
#pragma once

#include <cstdint>

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::session {

struct Settings {
    Seconds idle_limit = 14 * 24h;
    Seconds absolute_limit = 90 * 24h;
    std::int64_t cache_entries = 120'000;
    std::int64_t per_account = 1000;
};

DESCRIBED(Settings,
          (idle_limit, "A session ends when it has not been used for this long.",
           schema::between(1min, 400 * 24h)),
          (absolute_limit, "A session ends this long after the sign-in, used or not.",
           schema::between(1min, 400 * 24h)),
          (cache_entries,
           "Sessions kept in memory to answer without the database; each takes about 600 bytes. "
           "0 keeps none.",
           schema::between(0, 10'000'000)),
          (per_account, "Sessions that one account may have; a sign-in beyond it ends the oldest.",
           schema::between(1, 10'000)))

}  // namespace cardea::session
