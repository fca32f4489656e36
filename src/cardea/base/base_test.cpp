#include <gtest/gtest.h>
#include "cardea/base/clock.hpp"
TEST(Clock, WritesAndReadsRfc3339) {
    auto i = cardea::from_unix_ms(1700000000123);
    EXPECT_EQ(cardea::to_rfc3339(i), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(cardea::from_rfc3339("2023-11-14T23:13:20.123+01:00"), i);
}
