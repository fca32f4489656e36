#include <gtest/gtest.h>

#include <future>

#include "cardea/runtime/abandonable.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/runtime/pool.hpp"
#include "cardea/runtime/single_flight.hpp"
#include "cardea/runtime/task_group.hpp"
#include "tests/support/run.hpp"

namespace cardea {
namespace {

Task<int> slow_answer(Milliseconds duration) {
    (void)co_await runtime::sleep(duration);
    co_return 42;
}

TEST(Within, RefusesWhatTakesTooLong) {
    auto result = run(runtime::within(1ms, slow_answer(10s)));

    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(deadline_passed));
}

Task<int> throwing_answer() {
    throw std::runtime_error("a bug");
    co_return 1;
}

TEST(Within, TellsOfAnExceptionAtOnce) {
    auto result = run(runtime::within(1h, throwing_answer()));

    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(internal));
    EXPECT_EQ(result.error().detail(), "a bug");
}

TEST(Within, PassesOnWhatIsInTime) {
    EXPECT_EQ(*run(runtime::within(10s, slow_answer(1ms))), 42);
}

Task<int> on(runtime::Pool& pool) {
    auto work = []() -> Result<int> { return 7; };
    co_return co_await runtime::offload(pool, std::move(work));
}

TEST(Offload, ResumesWithTheResult) {
    runtime::Pool pool({.name = "test"});

    EXPECT_EQ(*run(on(pool)), 7);
}

TEST(Offload, RefusesWhenTheQueueIsFull) {
    runtime::Pool pool({.name = "test", .threads = 1, .queue_limit = 0});

    EXPECT_TRUE(run(on(pool)).error().is(runtime::pool_full));
}

Task<int> abandonable_on(runtime::Pool& pool, std::shared_future<void> gate, int& done) {
    auto work = [gate, &done]() -> Result<int> {
        gate.wait();
        return ++done;
    };
    co_return co_await runtime::offload_abandonable(pool, std::move(work));
}

// The pool's one thread is held, so that the second call still waits when its deadline passes.
TEST(AbandonableOffload, IsNeverBegunOnceItsCallerGaveUp) {
    asio::io_context io(1);
    std::promise<void> gate;
    int done = 0;
    std::vector<Result<int>> results;
    {
        runtime::Pool pool({.name = "test"});
        auto opened = gate.get_future().share();
        auto keep = [&](std::exception_ptr, Result<int> result) { results.push_back(result); };
        asio::co_spawn(io, abandonable_on(pool, opened, done), keep);
        auto late = runtime::within(1ms, abandonable_on(pool, opened, done));
        asio::co_spawn(io, std::move(late), keep);

        while (results.empty()) io.run_one();
        gate.set_value();
        io.run();
    }

    ASSERT_EQ(results.size(), 2U);
    EXPECT_TRUE(results[0].error().is(deadline_passed));
    EXPECT_EQ(results[1], 1);
    EXPECT_EQ(done, 1);
}

TEST(AbandonableOffload, RefusesWhenTheQueueIsFull) {
    runtime::Pool pool({.name = "test", .threads = 1, .queue_limit = 0});
    int done = 0;

    auto refused = run(abandonable_on(pool, {}, done));

    EXPECT_TRUE(refused.error().is(runtime::pool_full));
}

TEST(AbandonableOffload, TellsOfAnException) {
    runtime::Pool pool({.name = "test"});
    auto throwing = []() -> Result<int> { throw std::runtime_error("broke"); };

    auto failed = run(runtime::offload_abandonable(pool, throwing));

    EXPECT_EQ(failed.error().detail(), "broke");
}

Task<int> twice_at_once(int& attempts) {
    using namespace boost::asio::experimental::awaitable_operators;
    runtime::SingleFlight<int> flights;
    runtime::SingleFlight<int>::Attempt attempt = [&attempts]() -> Task<int> {
        ++attempts;
        return slow_answer(5ms);
    };
    auto [a, b] = co_await (flights.run("k", attempt) && flights.run("k", attempt));
    co_return *a + *b;
}

TEST(SingleFlight, SharesOneAttempt) {
    int attempts = 0;

    EXPECT_EQ(*run(twice_at_once(attempts)), 84);
    EXPECT_EQ(attempts, 1);
}

Task<int> answer_at_once() {
    co_return 42;
}

Task<int> ask_for_what_is_there() {
    runtime::SingleFlight<int> flights;
    runtime::SingleFlight<int>::Attempt attempt = [] { return answer_at_once(); };
    auto answer = co_await flights.run("k", attempt);
    if (answer && flights.size() > 0) co_return fail(internal, "the flight is still in the air");
    co_return answer;
}

TEST(SingleFlight, LandsAnAttemptThatWaitsForNothing) {
    EXPECT_EQ(*run(ask_for_what_is_there()), 42);
}

Task<void> forever() {
    (void)co_await runtime::sleep(1h);
    co_return Result<void>();
}

Task<void> cancel_a_group() {
    runtime::TaskGroup group(co_await asio::this_coro::executor);
    group.add("one", forever());
    group.add("two", forever());
    (void)co_await runtime::sleep(1ms);
    group.cancel();
    co_return co_await group.wait_until_empty();
}

TEST(TaskGroup, EndsWhenCancelled) {
    EXPECT_TRUE(run(cancel_a_group()));
}

}  // namespace
}  // namespace cardea
