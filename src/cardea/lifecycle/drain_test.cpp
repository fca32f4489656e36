// Steps of a stop: order, limits, and that one that fails does not keep the others from running.
#include "cardea/lifecycle/drain.hpp"

#include <gtest/gtest.h>

#include "cardea/runtime/deadline.hpp"
#include "tests/support/run.hpp"

namespace cardea::lifecycle {
namespace {

struct Steps {
    std::vector<std::string> order;

    Task<void> note(std::string name) {
        order.push_back(name);
        co_return Result<void>();
    }
    Task<void> refuse() { co_return fail(internal, "no"); }
    Task<void> break_down() {
        throw std::runtime_error("a bug");
        co_return Result<void>();
    }
    Task<void> hang() { co_return co_await runtime::sleep(1h); }
};

TEST(Drain, RunsItsStepsInOrder) {
    Steps steps;
    Drain drain;
    drain.add("requests", 1s, [&] { return steps.note("requests"); });
    drain.add("jobs", 1s, [&] { return steps.note("jobs"); });
    drain.add("database", 1s, [&] { return steps.note("database"); });

    auto done = run(drain.run()).value();

    EXPECT_EQ(steps.order, (std::vector<std::string>{"requests", "jobs", "database"}));
    ASSERT_EQ(done.size(), 3u);
    EXPECT_EQ(done[1].name, "jobs");
    EXPECT_TRUE(done[1].succeeded);
}

TEST(Drain, GoesOnAfterAStepThatFailsThrowsOrHangs) {
    Steps steps;
    Drain drain;
    drain.add("refuse", 1s, [&] { return steps.refuse(); });
    drain.add("break down", 1h, [&] { return steps.break_down(); });
    drain.add("throw before it begins", 1s, []() -> Task<void> { throw std::runtime_error("b"); });
    drain.add("hang", 5ms, [&] { return steps.hang(); });
    drain.add("database", 1s, [&] { return steps.note("database"); });

    auto done = run(drain.run()).value();

    ASSERT_EQ(done.size(), 5u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(done[i].succeeded) << done[i].name;
    EXPECT_TRUE(done[4].succeeded);
    EXPECT_EQ(steps.order, (std::vector<std::string>{"database"}));
    EXPECT_GE(done[3].took, 5ms);
}

TEST(Drain, SharesOneDeadlineAmongItsSteps) {
    Steps steps;
    Drain drain;
    for (const char* name : {"a", "b", "c"}) drain.add(name, 1h, [&] { return steps.hang(); });
    drain.add("database", 1h, [&] { return steps.note("database"); });

    auto done = run(drain.run(300ms)).value();

    Milliseconds took{};
    for (const auto& step : done) took += step.took;
    EXPECT_LT(took, 300ms + 3 * Drain::least_limit);
    EXPECT_EQ(steps.order, (std::vector<std::string>{"database"}));
}

TEST(Drain, OfNothingIsDone) {
    Drain drain;

    EXPECT_TRUE(run(drain.run()).value().empty());
}

}  // namespace
}  // namespace cardea::lifecycle
