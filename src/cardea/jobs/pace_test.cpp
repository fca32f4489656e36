// Pauses between runs: jitter, backing off, clocks that jump.
#include "cardea/jobs/pace.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace cardea::jobs {
namespace {

const Instant now = from_unix_ms(1'767'225'600'000);

TEST(Pace, KeepsWithinAnEighthOfTheIntervalAndUsesAllOfIt) {
    SeededRandom random;
    Milliseconds least = 1h, most = 0s;
    for (int i = 0; i < 1000; ++i) {
        const auto delay = next_delay(80s, 0, random);
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    EXPECT_GE(least, 70s);
    EXPECT_LT(least, 71s);
    EXPECT_LE(most, 90s);
    EXPECT_GT(most, 89s);
}

TEST(Pace, DoublesWithEachFailureUpToAnHour) {
    SeededRandom random;
    EXPECT_GE(next_delay(60s, 1, random), 105s);
    EXPECT_GE(next_delay(60s, 4, random), 14min);
    EXPECT_LE(next_delay(60s, 40, random), 68min);
    EXPECT_GE(next_delay(60s, 1'000'000'000, random), 52min);
}

TEST(Pace, OfALongIntervalIsNotMadeLongerByFailures) {
    SeededRandom random;
    EXPECT_LE(next_delay(24h, 5, random), 27h);
}

TEST(Pace, NeverExceedsWhatItCallsTheLongest) {
    SeededRandom random;
    for (std::int64_t failures : {0, 1, 3, 9}) {
        for (int i = 0; i < 500; ++i) {
            EXPECT_LE(next_delay(7s, failures, random), longest_delay(7s, failures));
        }
    }
}

TEST(DueTime, IsNowWhenItHasPassed) {
    EXPECT_EQ(time_until_due(now, now, 1min), 0ms);
    EXPECT_EQ(time_until_due(now, now - 400 * 24h, 1min), 0ms);
    EXPECT_EQ(time_until_due(now, now + 30s, 1min), 30s);
}

TEST(DueTime, FurtherAwayThanAnyPauseMeansThatTheClockWentBack) {
    EXPECT_EQ(time_until_due(now, now + 2min, 1min), 0ms);
    EXPECT_EQ(time_until_due(now, now + 1min, 1min), 1min);
}

}  // namespace
}  // namespace cardea::jobs
