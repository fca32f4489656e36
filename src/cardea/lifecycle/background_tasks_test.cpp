// Work that a request leaves behind.
#include "cardea/lifecycle/background_tasks.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "cardea/runtime/deadline.hpp"
#include "tests/support/run.hpp"

namespace cardea::lifecycle {
namespace {

Task<void> count(int& runs) {
    ++runs;
    co_return Result<void>();
}
Task<void> hang(bool& ended) {
    std::ignore = co_await runtime::sleep(1h);
    ended = true;
    co_return Result<void>();
}

class Background : public testing::Test {
  protected:
    asio::io_context io_{1};
    BackgroundTasks tasks_{io_.get_executor()};
    int runs_ = 0;
};

TEST_F(Background, WorkDoesNotBeginInsideTheCall) {
    tasks_.add("count", [this] { return count(runs_); });

    EXPECT_EQ(runs_, 0);
    EXPECT_EQ(tasks_.size(), 1u);
}

TEST_F(Background, WorkIsDoneBeforeTheWaitForItEnds) {
    for (int i = 0; i < 3; ++i) tasks_.add("count", [this] { return count(runs_); });

    EXPECT_TRUE(run(io_, tasks_.wait_until_empty()));

    EXPECT_EQ(runs_, 3);
    EXPECT_EQ(tasks_.size(), 0u);
}

TEST_F(Background, WorkMayLeaveMoreWorkBehind) {
    tasks_.add("first", [this] {
        tasks_.add("second", [this] { return count(runs_); });
        return count(runs_);
    });

    EXPECT_TRUE(run(io_, tasks_.wait_until_empty()));

    EXPECT_EQ(runs_, 2);
}

TEST_F(Background, WorkKeepsWhatItCaptured) {
    auto text = std::make_shared<std::string>("kept");
    std::weak_ptr<std::string> watch = text;
    std::size_t size = 0;
    auto measure = [](std::shared_ptr<std::string> held, std::size_t& out) -> Task<void> {
        std::ignore = co_await runtime::sleep(1ms);
        out = held->size();
        co_return Result<void>();
    };
    tasks_.add("measure", [text, measure, &size] { return measure(text, size); });
    text.reset();

    EXPECT_TRUE(run(io_, tasks_.wait_until_empty()));

    EXPECT_EQ(size, 4u);
    EXPECT_TRUE(watch.expired());
}

TEST_F(Background, WorkThatFailsOrThrowsHarmsNobody) {
    tasks_.add("throw", []() -> Task<void> { throw std::runtime_error("a bug"); });
    tasks_.add("count", [this] { return count(runs_); });

    EXPECT_TRUE(run(io_, tasks_.wait_until_empty()));

    EXPECT_EQ(runs_, 1);
}

TEST_F(Background, WorkMayComeFromAnyThread) {
    {
        std::jthread other([this] {
            for (int i = 0; i < 100; ++i) tasks_.add("count", [this] { return count(runs_); });
        });
        for (int i = 0; i < 100; ++i) tasks_.add("count", [this] { return count(runs_); });
    }

    EXPECT_TRUE(run(io_, tasks_.wait_until_empty()));

    EXPECT_EQ(runs_, 200);
}

TEST_F(Background, WorkIsCancelledWithTheWaitForIt) {
    bool ended = false;
    tasks_.add("hang", [&] { return hang(ended); });

    auto wait = run(io_, runtime::within(5ms, tasks_.wait_until_empty()));

    EXPECT_TRUE(wait.error().is(deadline_passed));
    io_.restart();
    io_.poll();
    EXPECT_EQ(tasks_.size(), 0u);
}

}  // namespace
}  // namespace cardea::lifecycle
