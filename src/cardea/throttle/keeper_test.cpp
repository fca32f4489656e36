// What was counted before a restart still counts after it.
#include "cardea/throttle/keeper.hpp"

#include <gtest/gtest.h>

#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"

namespace cardea::throttle {
namespace {

/// The counters of one process after the other, on one database.
struct Restarts : testing::Test {
    struct Process {
        explicit Process(Restarts& test)
            : counters(test.clock, 1000), keeper(*test.database, counters, test.clock) {}
        cache::MemoryCounters counters;
        Keeper keeper;
    };

    void count(Process& process, std::string key, std::int64_t by, Milliseconds lifetime) {
        ASSERT_TRUE(database.run(process.counters.add(std::move(key), by, lifetime)).has_value());
    }
    cache::Count get(Process& process, std::string key) {
        return *database.run(process.counters.get(std::move(key)));
    }
    void save(Process& process) { ASSERT_TRUE(database.run(process.keeper.save()).has_value()); }
    std::size_t rows() {
        db::Statement all{"test.counters", "SELECT key FROM throttle_counters"};
        return database.run(database->run(all, {}))->rows.size();
    }

    FakeClock clock;
    TestDatabase database;
};

TEST_F(Restarts, DoNotForgetWhatWasCounted) {
    Process first(*this);
    count(first, "a", 3, 1min);
    save(first);
    count(first, "a", 4, 1min);
    save(first);

    clock.advance(20s);
    Process second(*this);
    ASSERT_TRUE(database.run(second.keeper.load()).has_value());

    EXPECT_EQ(get(second, "a").value, 7);
    EXPECT_EQ(get(second, "a").left, 40s);
}

TEST_F(Restarts, DoNotReviveWhatWasRemovedOrHasEnded) {
    Process first(*this);
    count(first, "removed", 1, 1h);
    count(first, "ended", 1, 10s);
    count(first, "lives", 1, 1h);
    save(first);
    ASSERT_TRUE(database.run(first.counters.remove("removed")).has_value());
    save(first);

    clock.advance(10s);
    Process second(*this);
    ASSERT_TRUE(database.run(second.keeper.load()).has_value());

    EXPECT_EQ(second.counters.size(), 1U);
    EXPECT_EQ(get(second, "lives").value, 1);
}

TEST_F(Restarts, LeaveNoEndedRowsBehind) {
    Process process(*this);
    for (int i = 0; i < 20; ++i) count(process, "old " + std::to_string(i), 1, 10s);
    save(process);
    EXPECT_EQ(rows(), 20U);

    clock.advance(10s);
    count(process, "new", 1, 10s);
    save(process);

    EXPECT_EQ(rows(), 1U);
}

TEST_F(Restarts, WriteNothingWhenNothingWasCounted) {
    Process process(*this);
    auto before = database->data_version();

    save(process);

    EXPECT_EQ(database->data_version(), before);
}

}  // namespace
}  // namespace cardea::throttle
