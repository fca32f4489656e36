// When a job runs next: pure arithmetic. Private to jobs.
#pragma once

#include <cstdint>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"

namespace cardea::jobs {

/// The interval, doubled for each failure in a row up to an hour (or the interval, when that is
/// longer), give or take an eighth so that instances and jobs do not fall into step.
Milliseconds next_delay(Seconds interval, std::int64_t failures, crypto::Random& random);
/// What next_delay() gives at most. A row that is due later than that was written before a clock
/// went back, or with a longer interval.
Milliseconds longest_delay(Seconds interval, std::int64_t failures);
/// How long to wait from now until a row is due; zero when it is.
Milliseconds time_until_due(Instant now, Instant next_run_at, Milliseconds longest);

}  // namespace cardea::jobs
