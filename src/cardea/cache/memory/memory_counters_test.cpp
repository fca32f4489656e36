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

TEST_F(MemoryCache, BeginsAnewInTheSecondInWhichACounterEnded) {
    add("a", 5, 10ms);
    clock.advance(10ms);

    EXPECT_EQ(add("a", 1, 1min).value, 1);
    EXPECT_EQ(counters.size(), 1U);
}

TEST_F(MemoryCache, SetsACounterAnew) {
    add("a", 5, 10s);
    clock.advance(6s);

    ASSERT_TRUE(run(counters.set("a", 2, 10s)).has_value());

    clock.advance(6s);
    EXPECT_EQ(value("a"), 2);
    clock.advance(4s);
    EXPECT_EQ(value("a"), 0);
    EXPECT_EQ(counters.take_changes().size(), 1U);
}

TEST_F(MemoryCache, KeepsTheNewOnesWhenAllEndTogether) {
    for (int i = 0; i < 1000; ++i) add("old " + std::to_string(i), 1, 1min);
    for (int i = 0; i < 50; ++i) add("new " + std::to_string(i), 1, 1min);

    int kept = 0;
    for (int i = 0; i < 50; ++i) kept += static_cast<int>(value("new " + std::to_string(i)));
    EXPECT_EQ(kept, 50);
    EXPECT_EQ(counters.size(), 1000U);
}

TEST_F(MemoryCache, TakesAnEndAtTheEndOfTime) {
    counters.restore({"a", 3, Instant::max()});

    EXPECT_EQ(add("b").value, 1);
    EXPECT_EQ(value("a"), 3);
}

// Many ends in one second, and whoever goes leaves the others where they can be found.
TEST_F(MemoryCache, AgreesWithAModel) {
    std::map<std::string, std::pair<std::int64_t, Instant>> model;
    unsigned drawn = 1;
    auto draw = [&](unsigned limit) {
        drawn = drawn * 1103515245 + 12345;
        return (drawn >> 16) % limit;
    };
    for (int i = 0; i < 20'000; ++i) {
        auto key = std::to_string(draw(60));
        auto lifetime = Milliseconds(draw(3000));
        auto& [value_there, ends_at] = model[key];
        if (ends_at <= clock.now()) value_there = 0;
        switch (draw(4)) {
            case 0:
                add(key, 1, lifetime);
                if (ends_at <= clock.now()) ends_at = clock.now() + lifetime;
                value_there = ends_at <= clock.now() ? 0 : value_there + 1;
                break;
            case 1:
                ASSERT_TRUE(run(counters.set(key, 7, lifetime)).has_value());
                ends_at = clock.now() + lifetime;
                value_there = lifetime == 0ms ? 0 : 7;
                break;
            case 2:
                ASSERT_TRUE(run(counters.remove(key)).has_value());
                ends_at = {};
                value_there = 0;
                break;
            default:
                ASSERT_EQ(value(key), value_there) << i;
                clock.advance(Milliseconds(draw(50)));
        }
        ASSERT_LE(counters.size(), 60U);
    }
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
