// What was counted before a restart still counts after it.
#include "cardea/throttle/keeper.hpp"

#include <gtest/gtest.h>

#include "cardea/throttle/nameless_counters.hpp"
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

TEST_F(Restarts, KeepNoName) {
    Process process(*this);
    NamelessCounters nameless(process.counters, SecretBytes(to_bytes("a key")));
    ASSERT_TRUE(database.run(nameless.add("strangers ada@example.org", 2, 1h)).has_value());
    save(process);

    db::Statement all{"test.counters", "SELECT key FROM throttle_counters"};
    auto kept = database.run(database->run(all, {}))->rows.at(0)[0].as_bytes();

    EXPECT_EQ(kept.size(), 32U);
    EXPECT_EQ(as_text(kept).find("ada"), std::string_view::npos);
    EXPECT_EQ(database.run(nameless.get("strangers ada@example.org"))->value, 2);
    ASSERT_TRUE(database.run(nameless.remove("strangers ada@example.org")).has_value());
    EXPECT_EQ(process.counters.size(), 0U);
}

TEST_F(Restarts, WriteNothingWhenNothingWasCounted) {
    Process process(*this);
    auto before = database->data_version();

    save(process);

    EXPECT_EQ(database->data_version(), before);
}

}  // namespace
}  // namespace cardea::throttle
