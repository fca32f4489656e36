// Signals to a process of our own.
#include "cardea/lifecycle/signals.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/run.hpp"

namespace cardea::lifecycle {
namespace {

// Runs `body` in a child and gives how it ended: its exit status, or minus the signal's number.
template <class F>
int in_a_child(F body) {
    const pid_t child = fork();
    if (child == 0) _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int stops_by(int number) {
    asio::io_context io(1);
    Lifecycle lifecycle;
    lifecycle.started();
    Signals signals(io.get_executor(), lifecycle, nullptr);
    raise(number);
    if (!run(io, lifecycle.wait_for_stop())) return 1;
    return lifecycle.state() == State::stopping ? 0 : 2;
}

TEST(SignalsOfAServer, ToEndItRequestAnOrderlyStop) {
    EXPECT_EQ(in_a_child([] { return stops_by(SIGTERM); }), 0);
    EXPECT_EQ(in_a_child([] { return stops_by(SIGINT); }), 0);
}

TEST(SignalsOfAServer, ToEndItASecondTimeEndItAtOnceAlsoWhenItIsBusy) {
    auto twice = [] {
        asio::io_context io(1);
        Lifecycle lifecycle;
        Signals signals(io.get_executor(), lifecycle, nullptr);
        raise(SIGTERM);
        std::ignore = run(io, lifecycle.wait_for_stop());
        raise(SIGINT);  // nobody runs the I/O thread now
        return 0;
    };
    EXPECT_EQ(in_a_child(twice), 84);
}

TEST(SignalsOfAServer, ThatAreIgnoredDoNothing) {
    auto ignored = [] {
        asio::io_context io(1);
        Lifecycle lifecycle;
        lifecycle.started();
        Signals signals(io.get_executor(), lifecycle, nullptr);
        raise(SIGPIPE);
        raise(SIGUSR1);
        io.poll();
        return lifecycle.state() == State::running ? 0 : 1;
    };
    EXPECT_EQ(in_a_child(ignored), 0);
}

TEST(SignalsOfAServer, ToHangUpCallTheirFunctionEachTimeAndDoNotStop) {
    auto hang_up = [] {
        asio::io_context io(1);
        Lifecycle lifecycle;
        lifecycle.started();
        int calls = 0;
        Signals signals(io.get_executor(), lifecycle, [&] { ++calls; });
        for (int expected = 1; expected <= 3; ++expected) {
            raise(SIGHUP);
            while (calls < expected) io.run_one();
        }
        return calls == 3 && lifecycle.state() == State::running ? 0 : 1;
    };
    EXPECT_EQ(in_a_child(hang_up), 0);
}

TEST(SignalsOfAServer, WithoutAFunctionForHangingUpDoNothing) {
    auto hang_up = [] {
        asio::io_context io(1);
        Lifecycle lifecycle;
        lifecycle.started();
        Signals signals(io.get_executor(), lifecycle, nullptr);
        raise(SIGHUP);
        io.run_one();
        io.poll();
        return lifecycle.state() == State::running ? 0 : 1;
    };
    EXPECT_EQ(in_a_child(hang_up), 0);
}

}  // namespace
}  // namespace cardea::lifecycle
