// RFC 3339 in both directions.
#include "cardea/base/clock.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

class MalformedInstant : public testing::TestWithParam<std::string_view> {};

TEST_P(MalformedInstant, IsRefused) {
    EXPECT_EQ(from_rfc3339(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Clock, MalformedInstant,
    testing::Values("", "2026", "2026-11-23", "2026-11-23T12:00Z", "2026-11-23T12:00:00",
                    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
                    "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z",
                    "2026-11-23T12:60:00Z", "2026-11-23T12:00:61Z", "2026-11-23T12:00:00.Z",
                    "2026-11-23T12:00:00.1234567890Z", "2026-11-23T12:00:00,5Z",
                    "2026-11-23T12:00:00+1:00", "2026-11-23T12:00:00+24:00",
                    "2026-11-23T12:00:00+01:60", "2026-11-23T12:00:00+0100",
                    "2026-11-23T12:00:00Z ", " 2026-11-23T12:00:00Z", "2026-11-23X12:00:00Z",
                    "26-11-23T12:00:00Z", "2026/11/23T12:00:00Z", "-026-11-23T12:00:00Z",
                    "2026-11-23T1a:00:00Z", "2026-11-23T12:00:00UTC"));

TEST(Clock, ReadsEveryOffset) {
    auto noon = from_rfc3339("2026-11-23T12:00:00Z");

    ASSERT_TRUE(noon);
    EXPECT_EQ(from_rfc3339("2026-11-23T13:30:00+01:30"), noon);
    EXPECT_EQ(from_rfc3339("2026-11-23T04:00:00-08:00"), noon);
    EXPECT_EQ(from_rfc3339("2026-11-24T02:00:00+14:00"), noon);
    EXPECT_EQ(from_rfc3339("2026-11-23t12:00:00z"), noon);
    EXPECT_EQ(from_rfc3339("2026-11-23 12:00:00-00:00"), noon);
}

TEST(Clock, ReadsFractionsAndCutsThemToMilliseconds) {
    EXPECT_EQ(from_rfc3339("1970-01-01T00:00:01.5Z"), from_unix_ms(1500));
    EXPECT_EQ(from_rfc3339("1970-01-01T00:00:01.05Z"), from_unix_ms(1050));
    EXPECT_EQ(from_rfc3339("1970-01-01T00:00:01.123999999Z"), from_unix_ms(1123));
}

TEST(Clock, ReadsLeapDaysAndTheLeapSecond) {
    EXPECT_EQ(from_rfc3339("2024-02-29T00:00:00Z"), from_unix_ms(1'709'164'800'000));
    EXPECT_EQ(from_rfc3339("2000-02-29T00:00:00Z"), from_unix_ms(951'782'400'000));
    EXPECT_EQ(from_rfc3339("1900-02-29T00:00:00Z"), std::nullopt);
    EXPECT_EQ(from_rfc3339("2016-12-31T23:59:60Z"), from_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Clock, WritesUtcWithMilliseconds) {
    EXPECT_EQ(to_rfc3339(from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(from_unix_ms(1'700'000'000'123)), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(to_rfc3339(from_unix_ms(2'147'483'648'007)), "2038-01-19T03:14:08.007Z");
    EXPECT_EQ(to_rfc3339(from_unix_ms(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, ReadsWhatItWrites) {
    for (std::int64_t ms :
         {0LL, -1LL, 951'782'400'001LL, 1'767'225'599'999LL, 253'402'300'799'999LL}) {
        EXPECT_EQ(from_rfc3339(to_rfc3339(from_unix_ms(ms))), from_unix_ms(ms));
    }
}

TEST(Clock, RoundsSecondsDownBeforeTheEpochToo) {
    EXPECT_EQ(to_unix_seconds(from_unix_ms(1999)), 1);
    EXPECT_EQ(to_unix_seconds(from_unix_ms(-1)), -1);
}

TEST(Clock, OfTheSystemTellsTheTimeOfTheMachine) {
    auto before = std::chrono::system_clock::now();
    auto now = SystemClock().now();
    auto after = std::chrono::system_clock::now();

    EXPECT_GE(now, std::chrono::floor<Milliseconds>(before));
    EXPECT_LE(now, after);
}

}  // namespace
}  // namespace cardea
