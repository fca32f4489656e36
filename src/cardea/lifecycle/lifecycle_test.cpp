// The one way from start to stop.
#include "cardea/lifecycle/lifecycle.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "cardea/runtime/task_group.hpp"
#include "tests/support/run.hpp"

namespace cardea::lifecycle {
namespace {

TEST(Lifecycle, BeginsAsStarting) {
    const Lifecycle lifecycle;

    EXPECT_EQ(lifecycle.state(), State::starting);
    EXPECT_EQ(lifecycle.uptime(), 0s);
}

TEST(Lifecycle, NeverGoesBack) {
    Lifecycle lifecycle;
    lifecycle.started();
    lifecycle.request_stop("test");

    lifecycle.started();
    EXPECT_EQ(lifecycle.state(), State::stopping);

    lifecycle.stopped();
    lifecycle.request_stop("again");
    lifecycle.started();
    EXPECT_EQ(lifecycle.state(), State::stopped);
}

TEST(Lifecycle, MayStopBeforeItHasStarted) {
    Lifecycle lifecycle;

    lifecycle.request_stop("SIGTERM");
    lifecycle.started();

    EXPECT_EQ(lifecycle.state(), State::stopping);
}

TEST(Lifecycle, TellsItsListenersOnceAndLateOnesAtOnce) {
    Lifecycle lifecycle;
    lifecycle.started();
    std::vector<std::string> heard;
    lifecycle.on_stop([&](std::string_view why) { heard.push_back("early " + std::string(why)); });

    lifecycle.request_stop("SIGTERM");
    lifecycle.request_stop("SIGINT");
    lifecycle.on_stop([&](std::string_view why) { heard.push_back("late " + std::string(why)); });

    EXPECT_EQ(heard, (std::vector<std::string>{"early SIGTERM", "late SIGTERM"}));
}

TEST(Lifecycle, WakesWhoWaitsForTheStopFromAnotherThread) {
    Lifecycle lifecycle;
    lifecycle.started();
    std::jthread other([&] { lifecycle.request_stop("test"); });

    EXPECT_TRUE(run(lifecycle.wait_for_stop()));
    EXPECT_EQ(lifecycle.state(), State::stopping);
}

TEST(Lifecycle, LetsAWaitForTheStopBeCancelled) {
    asio::io_context io(1);
    Lifecycle lifecycle;
    runtime::TaskGroup group(io.get_executor());
    group.add("wait", lifecycle.wait_for_stop());
    io.poll();

    group.cancel();
    EXPECT_TRUE(run(io, group.wait_until_empty()));

    lifecycle.request_stop("afterwards");
    EXPECT_EQ(lifecycle.state(), State::stopping);
}

TEST(Lifecycle, TakesOneOfManyRequestsFromManyThreads) {
    Lifecycle lifecycle;
    lifecycle.started();
    std::atomic<int> heard = 0;
    lifecycle.on_stop([&](std::string_view) { ++heard; });
    {
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (int i = 0; i < 8; ++i) threads.emplace_back([&] { lifecycle.request_stop("race"); });
    }
    EXPECT_EQ(heard, 1);
}

TEST(States, HaveNames) {
    EXPECT_EQ(to_string(State::starting), "starting");
    EXPECT_EQ(to_string(State::running), "running");
    EXPECT_EQ(to_string(State::stopping), "stopping");
    EXPECT_EQ(to_string(State::stopped), "stopped");
}

}  // namespace
}  // namespace cardea::lifecycle
