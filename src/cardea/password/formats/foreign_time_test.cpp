// What is remembered of how long old hashes take.
#include "cardea/password/formats/foreign_time.hpp"

#include <gtest/gtest.h>

namespace cardea::password::formats {
namespace {

TEST(ForeignTime, IsNothingBeforeAnyHashWasSeen) {
    EXPECT_EQ(ForeignTime(Microseconds(1000)).longest(), Microseconds(0));
}

TEST(ForeignTime, IsThatOfTheSlowestKind) {
    ForeignTime time(Microseconds(1000));
    time.note("quick", Microseconds(10));
    time.note("slow", Microseconds(500));
    time.note("quick", Microseconds(9));

    EXPECT_EQ(time.longest(), Microseconds(500));
}

TEST(ForeignTime, IsHardlyMovedByOneCheckThatWasHeldUp) {
    ForeignTime time(Microseconds(1'000'000));
    time.note("slow", Microseconds(160));
    time.note("slow", Microseconds(1760));

    EXPECT_EQ(time.longest(), Microseconds(260));
    time.note("slow", Microseconds(170));
    EXPECT_EQ(time.longest(), Microseconds(170));
}

TEST(ForeignTime, StaysBelowItsLimitHoweverManyKindsThereAre) {
    ForeignTime time(Microseconds(1000));
    time.note("slow", Microseconds(999'999));
    for (int i = 0; i < 1000; ++i) time.note(std::to_string(i), Microseconds(i));

    EXPECT_EQ(time.longest(), Microseconds(1000));
}

TEST(ForeignTime, IsNotRaisedByWhatWasHeldUp) {
    ForeignTime times(Microseconds(1000));

    times.note("argon2", Microseconds(300), true);
    EXPECT_EQ(times.longest(), Microseconds(300)) << "better than nothing";
    times.note("argon2", Microseconds(500), true);
    EXPECT_EQ(times.longest(), Microseconds(300));
    times.note("argon2", Microseconds(200), true);
    EXPECT_EQ(times.longest(), Microseconds(200));
}

}  // namespace
}  // namespace cardea::password::formats
