// From measured speeds to a suggested cost.
#include "cardea/password/calibration.hpp"

#include <gtest/gtest.h>

namespace cardea::password {
namespace {

// A cost of 10 takes 64 ms alone, and 160 ms beside four others.
constexpr Speed speed{.lanes = 5, .one_lane = 16'000, .all_lanes = 32'000};

TEST(Calibrations, SuggestTheHighestCostThatFitsTheTarget) {
    EXPECT_EQ(suggest_cost(speed, 250ms), 11);
    EXPECT_EQ(suggest_cost(speed, 256ms), 12);
    EXPECT_EQ(suggest_cost(speed, 1024ms), 14);
}

TEST(Calibrations, SuggestNothingThatProtectsNobody) {
    EXPECT_EQ(suggest_cost(speed, 1ms), least_suggested_cost);
}

TEST(Calibrations, SuggestNoCostThatDoesNotExist) {
    EXPECT_EQ(suggest_cost(speed, std::chrono::hours(24 * 365)), highest_cost);
}

TEST(Calibrations, TellTimesAndRatesFromTheSpeed) {
    EXPECT_DOUBLE_EQ(speed.alone(10).count(), 0.064);
    EXPECT_DOUBLE_EQ(speed.crowded(10).count(), 0.160);
    EXPECT_DOUBLE_EQ(speed.one_lane_per_second(10), 15.625);
    EXPECT_DOUBLE_EQ(speed.all_lanes_per_second(10), 31.25);
}

TEST(Calibrations, MeasureThisMachine) {
    auto measured = measure_speed(2, 20ms);

    EXPECT_EQ(measured.lanes, 2U);
    EXPECT_GT(measured.one_lane, 0);
    EXPECT_GT(measured.all_lanes, 0);
}

}  // namespace
}  // namespace cardea::password
