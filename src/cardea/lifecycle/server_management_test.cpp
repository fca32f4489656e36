// ServerManagement: alive, shut down, from any thread.
#include "cardea/lifecycle/server_management.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/run.hpp"

namespace cardea {
namespace {

class Management : public testing::Test {
  protected:
    asio::io_context io_{1};
    BackgroundTasks tasks_{io_.get_executor()};
    ServerManagement management_;

    void run_tasks() { ASSERT_TRUE(run(io_, tasks_.wait_until_empty())); }
};

TEST_F(Management, HasTheDefaultsOfTheOriginal) {
    EXPECT_EQ(management_.options().success, 0);
    EXPECT_EQ(management_.options().error, 84);
    EXPECT_FALSE(management_.options().debug);
}

TEST_F(Management, IsNotAliveBeforeTheStartAndAfterTheDrain) {
    EXPECT_FALSE(management_.is_server_alive());
    EXPECT_FALSE(management_.is_server_running());

    management_.lifecycle().started();
    management_.lifecycle().request_stop("test");
    management_.lifecycle().stopped();
    EXPECT_FALSE(management_.is_server_alive());
    EXPECT_FALSE(management_.is_server_running());
}

TEST_F(Management, IsAliveFromTheStartToTheEndOfTheDrain) {
    management_.lifecycle().started();
    EXPECT_TRUE(management_.is_server_alive());

    management_.perform_shutdown();
    EXPECT_TRUE(management_.is_server_alive());
    EXPECT_TRUE(management_.is_server_running());
}

TEST_F(Management, RefusesToShutDownWhatDoesNotRunWithTheConfiguredStatus) {
    ServerManagement strict(ServerManagement::Options{.error = 7});

    auto response = strict.shutdown(tasks_);

    ASSERT_FALSE(response);
    EXPECT_TRUE(response.error().is(ServerManagement::not_running));
    EXPECT_EQ(response.error().status(), 7);
    EXPECT_EQ(tasks_.size(), 0u);
}

TEST_F(Management, AnswersFirstAndStopsAfter) {
    management_.lifecycle().started();

    auto response = management_.shutdown(tasks_);

    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 202);
    EXPECT_EQ(response->body, R"({"status":"stopping"})");
    EXPECT_EQ(management_.lifecycle().state(), lifecycle::State::running);
    run_tasks();
    EXPECT_EQ(management_.lifecycle().state(), lifecycle::State::stopping);
}

TEST_F(Management, RefusesASecondShutdownOnceTheFirstHasBegun) {
    management_.lifecycle().started();
    ASSERT_TRUE(management_.shutdown(tasks_));
    run_tasks();

    EXPECT_EQ(management_.shutdown(tasks_).error().status(), 84);
}

TEST_F(Management, ShutsDownWithoutARequest) {
    management_.lifecycle().started();

    management_.perform_shutdown();
    management_.perform_shutdown();

    EXPECT_EQ(management_.lifecycle().state(), lifecycle::State::stopping);
}

TEST_F(Management, MayBeAskedFromAnyThread) {
    management_.lifecycle().started();
    std::jthread asking([copy = management_] {
        while (copy.lifecycle().state() == lifecycle::State::running) {
            EXPECT_TRUE(copy.is_server_alive());
        }
    });
    std::jthread stopping([this] { management_.perform_shutdown(); });
}

TEST_F(Management, OutlivesItselfInTheTasksItLeftBehind) {
    auto short_lived = std::make_unique<ServerManagement>();
    short_lived->lifecycle().started();
    auto copy = *short_lived;
    ASSERT_TRUE(short_lived->shutdown(tasks_));
    short_lived.reset();

    run_tasks();

    EXPECT_EQ(copy.lifecycle().state(), lifecycle::State::stopping);
}

}  // namespace
}  // namespace cardea
