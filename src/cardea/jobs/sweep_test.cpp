// Sweeping in batches.
#include "cardea/jobs/sweep.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"

namespace cardea::jobs {
namespace {

struct Table {
    std::size_t rows = 0;
    std::vector<int> asked;

    Task<std::size_t> remove(int limit) {
        asked.push_back(limit);
        const auto count = std::min(rows, static_cast<std::size_t>(limit));
        rows -= count;
        co_return count;
    }
};

SweepBatch from(Table& table) {
    return [&table](int limit) { return table.remove(limit); };
}

Task<std::size_t> broken(int) {
    co_return fail(internal, "no such table");
}

TEST(Sweep, StopsWhenABatchFails) {
    auto swept = run(sweep(StopSignal(), broken));

    ASSERT_FALSE(swept);
    EXPECT_EQ(swept.error().detail(), "no such table");
}

TEST(Sweep, GoesOnUntilABatchIsNotFull) {
    Table table{25, {}};

    auto swept = run(sweep(StopSignal(), from(table), 10));

    EXPECT_EQ(swept.value(), "removed 25");
    EXPECT_EQ(table.rows, 0u);
    EXPECT_EQ(table.asked, (std::vector<int>{10, 10, 10}));
}

TEST(Sweep, AsksOnceMoreAfterAFullLastBatch) {
    Table table{20, {}};

    EXPECT_EQ(run(sweep(StopSignal(), from(table), 10)).value(), "removed 20");
    EXPECT_EQ(table.asked.size(), 3u);
}

TEST(Sweep, EndsBetweenTwoBatchesWhenItIsToldTo) {
    StopSignal stop;
    Table table{100, {}};
    auto remove_and_stop = [&table, stop](int limit) {
        stop.request();
        return table.remove(limit);
    };

    EXPECT_EQ(run(sweep(stop, remove_and_stop, 10)).value(), "removed 10");
    EXPECT_EQ(table.rows, 90u);
}

TEST(Sweep, DoesNothingAfterTheStop) {
    StopSignal stop;
    stop.request();
    Table table{100, {}};

    EXPECT_EQ(run(sweep(stop, from(table), 10)).value(), "removed 0");
}

}  // namespace
}  // namespace cardea::jobs
