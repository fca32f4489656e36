// When a job runs next.
#include "cardea/jobs/pace.hpp"

#include <algorithm>

namespace cardea::jobs {
namespace {

Milliseconds base_delay(Seconds interval, std::int64_t failures) {
    const Milliseconds most = std::max<Milliseconds>(interval, 1h);
    Milliseconds delay = interval;
    for (std::int64_t i = 0; i < failures && delay < most; ++i) delay *= 2;
    return std::min(delay, most);
}

}  // namespace

Milliseconds next_delay(Seconds interval, std::int64_t failures, crypto::Random& random) {
    const auto base = base_delay(interval, failures);
    const auto spread = static_cast<std::uint64_t>((base / 4).count());
    return base - base / 8 + Milliseconds(random.below(spread + 1));
}

Milliseconds longest_delay(Seconds interval, std::int64_t failures) {
    const auto base = base_delay(interval, failures);
    return base - base / 8 + base / 4;
}

Milliseconds time_until_due(Instant now, Instant next_run_at, Milliseconds longest) {
    const auto left = next_run_at - now;
    return left <= 0ms || left > longest ? 0ms : left;
}

}  // namespace cardea::jobs
