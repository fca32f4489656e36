// Counters in memory: they count, they end, and there are never too many.
#include "cardea/cache/memory/memory_counters.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

namespace cardea::cache {
namespace {

struct MemoryCache : testing::Test {
    Count add(std::string key, std::int64_t by = 1, Milliseconds lifetime = 1min) {
        return *run(counters.add(std::move(key), by, lifetime));
    }
    std::int64_t value(std::string key) { return run(counters.get(std::move(key)))->value; }

    FakeClock clock;
    MemoryCounters counters{clock, 1000};
};

TEST_F(MemoryCache, KnowsNothingOfWhatWasNeverCounted) {
    auto count = run(counters.get("a"));

    EXPECT_EQ(count->value, 0);
    EXPECT_EQ(count->left, 0ms);
    EXPECT_EQ(counters.size(), 0U);
}

TEST_F(MemoryCache, CountsEachKeyByItself) {
    add("a");
    add("a", 2);
    add("b", -1);

    EXPECT_EQ(value("a"), 3);
    EXPECT_EQ(value("b"), -1);
}

TEST_F(MemoryCache, ForgetsAtTheEndOfTheLifetime) {
    add("a", 1, 10s);

    clock.advance(9999ms);
    EXPECT_EQ(value("a"), 1);
    clock.advance(1ms);
    EXPECT_EQ(value("a"), 0);
}

TEST_F(MemoryCache, KeepsTheFirstEndHoweverOftenItCounts) {
    add("a", 1, 10s);
    clock.advance(6s);

    auto count = add("a", 1, 10s);

    EXPECT_EQ(count.left, 4s);
    clock.advance(4s);
    EXPECT_EQ(add("a", 1, 10s).value, 1);
}

TEST_F(MemoryCache, Removes) {
    add("a");

    EXPECT_TRUE(run(counters.remove("a")).has_value());
    EXPECT_TRUE(run(counters.remove("never there")).has_value());

    EXPECT_EQ(value("a"), 0);
    EXPECT_EQ(counters.size(), 0U);
}

TEST_F(MemoryCache, IsBounded) {
    for (int i = 0; i < 5000; ++i) add(std::to_string(i));

    EXPECT_EQ(counters.size(), 1000U);
}

TEST_F(MemoryCache, GivesUpWhatWouldEndNextWhenItIsFull) {
    add("long", 1, 24h);
    for (int i = 0; i < 5000; ++i) add(std::to_string(i), 1, 1min);

    EXPECT_EQ(value("long"), 1);
}

TEST_F(MemoryCache, GivesBackTheMemoryOfWhatEnded) {
    for (int i = 0; i < 500; ++i) add(std::to_string(i), 1, 1min);
    clock.advance(1min);

    add("new");

    EXPECT_EQ(counters.size(), 1U);
}

TEST_F(MemoryCache, TellsEachChangeOnce) {
    add("a");
    add("a", 2, 10s);
    add("b");
    ASSERT_TRUE(run(counters.remove("b")).has_value());

    auto changes = counters.take_changes();

    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].key, "a");
    EXPECT_EQ(changes[0].value, 3);
    EXPECT_EQ(changes[0].ends_at, clock.now() + 1min);
    EXPECT_EQ(changes[1].key, "b");
    EXPECT_LE(changes[1].ends_at, clock.now()) << "gone";
    EXPECT_TRUE(counters.take_changes().empty());
}

TEST_F(MemoryCache, TellsAgainWhatCouldNotBeKept) {
    add("a");
    auto changes = counters.take_changes();

    counters.return_changes(changes);

    ASSERT_EQ(counters.take_changes().size(), 1U);
}

TEST_F(MemoryCache, RestoresWithinItsBounds) {
    for (int i = 0; i < 1500; ++i) {
        counters.restore({std::to_string(i), 1, clock.now() + 1min + Milliseconds(i)});
    }
    counters.restore({"1499", 5, clock.now() + 1h});

    EXPECT_EQ(counters.size(), 1000U);
    EXPECT_EQ(value("1499"), 5);
    EXPECT_EQ(value("0"), 0);
}

}  // namespace
}  // namespace cardea::cache
