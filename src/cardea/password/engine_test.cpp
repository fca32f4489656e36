// The engine: who is computed, who waits, who is refused, who is let go.
#include "cardea/password/engine.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>

#include "cardea/base/clock.hpp"
#include "cardea/password/password.hpp"
#include "cardea/password/queue.hpp"

namespace cardea::password {
namespace {

using Steady = std::chrono::steady_clock;

// Takes most of an hour: it never ends by itself while a test runs.
constexpr int endless = 26;

Job job(std::string password, int cost = 4) {
    return {.password = SecretText(std::move(password)), .cost = cost};
}

Digest right_digest(std::string_view password, int cost = 4) {
    return *make_libxcrypt_kernel()->compute(password, Variant::b, cost, {});
}

Job endless_job() {
    return job("endless", endless);
}

void ignore(Result<Digest>) {}

// Waits until nobody waits: every job has a lane.
void wait_until_taken(const Engine& engine) {
    while (engine.waiting() > 0) std::this_thread::yield();
}

TEST(Engines, RefuseWhatBcryptCannotTake) {
    Engine engine({.threads = 1});

    EXPECT_TRUE(engine.compute(job(std::string(73, 'a'))).error().is(too_long));
    EXPECT_TRUE(engine.compute(job(std::string("a\0b", 3))).error().is(has_nul));
}

TEST(Engines, ComputeAsTheLibraryDoes) {
    Engine engine({.threads = 1});

    EXPECT_EQ(*engine.compute(job("password")), right_digest("password"));
    EXPECT_EQ(*engine.compute(job("", 5)), right_digest("", 5));
}

TEST(Engines, ComputeTheSameDigestWhenItIsToTakeLonger) {
    Engine engine({.threads = 1});
    auto longer = job("password");
    longer.as_long_as_cost = 7;

    EXPECT_EQ(*engine.compute(std::move(longer)), right_digest("password"));
}

TEST(Engines, AnswerCallsFromManyThreads) {
    Engine engine({.threads = 2, .queue_limit = 64});
    std::atomic<int> right = 0;
    std::vector<std::jthread> callers;
    callers.reserve(64);

    for (int i = 0; i < 64; ++i) {
        callers.emplace_back([&, i] {
            auto password = std::to_string(i);
            auto digest = engine.compute(job(password, 4 + i % 3));
            right += digest && *digest == right_digest(password, 4 + i % 3);
        });
    }
    callers.clear();

    EXPECT_EQ(right, 64);
}

TEST(Engines, ComputeWithEveryNumberOfLanes) {
    for (int lanes = 1; lanes <= 8; ++lanes) {
        Engine engine({.threads = 1, .lanes = lanes});
        std::vector<std::promise<Digest>> promises(20);

        for (std::size_t i = 0; i < promises.size(); ++i) {
            auto keep = [&promise = promises[i]](auto digest) { promise.set_value(*digest); };
            ASSERT_TRUE(engine.submit(job(std::to_string(i)), keep));
        }

        for (std::size_t i = 0; i < promises.size(); ++i) {
            EXPECT_EQ(promises[i].get_future().get(), right_digest(std::to_string(i))) << lanes;
        }
    }
}

// Equal work: nobody is overtaken by more than those who share the lanes with him.
TEST(Engines, ServeInTheOrderOfComing) {
    constexpr std::size_t lanes = 3;
    std::vector<std::size_t> order;
    {
        Engine engine({.threads = 1, .lanes = lanes});
        for (std::size_t i = 0; i < 30; ++i) {
            ASSERT_TRUE(engine.submit(job("x", 5), [&order, i](auto) { order.push_back(i); }));
        }
        wait_until_taken(engine);
    }

    ASSERT_EQ(order.size(), 30U);
    for (std::size_t place = 0; place < order.size(); ++place) {
        EXPECT_LT(order[place], place + lanes);
        EXPECT_GT(order[place] + lanes, place);
    }
}

TEST(Engines, LetCheapOnesPassAnExpensiveOneAndFinishItToo) {
    std::promise<Digest> expensive;
    Engine engine({.threads = 1, .lanes = 2});
    auto keep = [&expensive](auto digest) { expensive.set_value(*digest); };
    ASSERT_TRUE(engine.submit(job("expensive", 9), keep));
    auto finished = expensive.get_future();

    for (int i = 0; i < 5; ++i) ASSERT_TRUE(engine.compute(job("cheap")));
    EXPECT_EQ(finished.wait_for(0s), std::future_status::timeout);

    EXPECT_EQ(finished.get(), right_digest("expensive", 9));
}

TEST(Engines, RefuseWhatDoesNotFitIntoTheQueue) {
    Engine engine({.threads = 1, .lanes = 1, .queue_limit = 2});
    auto running = *engine.submit(endless_job(), ignore);
    wait_until_taken(engine);
    auto first = *engine.submit(endless_job(), ignore);
    auto second = *engine.submit(endless_job(), ignore);

    auto refused = engine.submit(job("x"), ignore);

    EXPECT_TRUE(refused.error().is(busy));
    EXPECT_GE(refused.error().retry_after().value(), 1s);
    EXPECT_EQ(engine.waiting(), 2U);
    for (const auto& ticket : {running, first, second}) EXPECT_TRUE(engine.cancel(ticket));
}

// That none is done tells as well: where none ever is, nobody would be refused.
TEST(Engines, RefuseWhoWouldWaitTooLong) {
    Engine engine({.threads = 1, .lanes = 1, .longest_wait = 300ms});
    auto running = *engine.submit(endless_job(), ignore);
    wait_until_taken(engine);
    auto first = *engine.submit(endless_job(), ignore);

    auto next = engine.submit(job("x"), ignore);
    for (; next; next = engine.submit(job("x"), ignore)) EXPECT_TRUE(engine.cancel(*next));

    EXPECT_TRUE(next.error().is(busy));
    EXPECT_GE(next.error().retry_after().value(), 1s);
    EXPECT_TRUE(engine.cancel(first));
    auto alone = engine.submit(job("x"), ignore);
    ASSERT_TRUE(alone) << "nobody waits";
    for (const auto& ticket : {*alone, running}) EXPECT_TRUE(engine.cancel(ticket));
}

// The others are done meanwhile: what the long one takes, nobody waits for.
TEST(Engines, RefuseNobodyBecauseOfOneThatTakesLong) {
    Engine engine({.threads = 1, .lanes = 2, .longest_wait = 1s});
    auto running = *engine.submit(endless_job(), ignore);
    wait_until_taken(engine);
    for (auto begun = Steady::now(); Steady::now() - begun < 1200ms;) {
        ASSERT_TRUE(engine.compute(job("beside")));
    }
    auto beside = *engine.submit(endless_job(), ignore);
    wait_until_taken(engine);
    auto first = *engine.submit(endless_job(), ignore);

    auto second = engine.submit(endless_job(), ignore);

    ASSERT_TRUE(second);
    for (const auto& ticket : {running, beside, first, *second}) engine.cancel(ticket);
}

TEST(Engines, ForgetAWaitingJobThatIsCancelled) {
    Engine engine({.threads = 1, .lanes = 1});
    auto running = *engine.submit(endless_job(), ignore);
    wait_until_taken(engine);
    auto alive = std::make_shared<int>();
    auto waiting = *engine.submit(job("x"), [alive](auto) { FAIL(); });

    EXPECT_TRUE(engine.cancel(waiting));

    EXPECT_EQ(engine.waiting(), 0U);
    EXPECT_EQ(alive.use_count(), 1);
    EXPECT_FALSE(engine.cancel(waiting));
    EXPECT_TRUE(engine.cancel(running));
}

TEST(Engines, GiveUpALaneThatIsCancelled) {
    Engine engine({.threads = 1, .lanes = 1});
    auto ticket = *engine.submit(endless_job(), [](auto) { FAIL(); });
    wait_until_taken(engine);

    EXPECT_TRUE(engine.cancel(ticket));

    EXPECT_EQ(*engine.compute(job("next")), right_digest("next"));
}

TEST(Engines, DoNotCancelWhatIsDone) {
    Engine engine({.threads = 1});
    std::promise<void> done;
    auto ticket = *engine.submit(job("x"), [&done](auto) { done.set_value(); });
    done.get_future().wait();

    EXPECT_FALSE(engine.cancel(ticket));
}

TEST(Engines, GiveUpALaneWhoseDeadlinePassed) {
    Engine engine({.threads = 1, .lanes = 1});
    std::promise<Result<Digest>> answer;
    auto late = endless_job();
    late.deadline = Steady::now() + 5ms;

    auto keep = [&answer](auto digest) { answer.set_value(std::move(digest)); };
    ASSERT_TRUE(engine.submit(std::move(late), keep));

    EXPECT_TRUE(answer.get_future().get().error().is(deadline_passed));
    EXPECT_EQ(*engine.compute(job("next")), right_digest("next"));
}

TEST(Engines, AnswerAWaiterWhoseDeadlinePassedWithoutGivingItALane) {
    Engine engine({.threads = 1, .lanes = 1});
    auto running = *engine.submit(endless_job(), ignore);
    wait_until_taken(engine);
    auto late = endless_job();
    late.deadline = Steady::now() + 1ms;

    EXPECT_TRUE(engine.compute(std::move(late)).error().is(deadline_passed));

    EXPECT_TRUE(engine.cancel(running));
}

TEST(Engines, EndWaitersWithBusyWhenTheyStopAndFinishTheOthers) {
    std::promise<Result<Digest>> running;
    std::promise<Result<Digest>> waiting;
    Engine engine({.threads = 1, .lanes = 1});
    ASSERT_TRUE(engine.submit(job("x", 9), [&](auto d) { running.set_value(std::move(d)); }));
    wait_until_taken(engine);
    ASSERT_TRUE(engine.submit(endless_job(), [&](auto d) { waiting.set_value(std::move(d)); }));

    engine.stop();

    EXPECT_EQ(*running.get_future().get(), right_digest("x", 9));
    EXPECT_TRUE(waiting.get_future().get().error().is(busy));
    EXPECT_TRUE(engine.compute(job("late")).error().is(busy));
}

class ZeroKernel final : public Kernel {
  public:
    Result<Digest> compute(std::string_view, Variant, int, const Salt&) const override {
        return Digest{};
    }
};

TEST(Engines, ComputeWithAnotherKernel) {
    Engine engine({.threads = 1, .kernel = std::make_shared<ZeroKernel>()});

    EXPECT_TRUE(engine.ready());
    EXPECT_EQ(engine.lanes(), 1U);
    EXPECT_EQ(*engine.compute(job("x")), Digest{});
}

const Examination& failed_examination() {
    static const Examination failed{.passed = fail(engine_broken)};
    return failed;
}

TEST(Engines, AnswerNothingWhenTheSelfTestFailed) {
    Engine engine({.threads = 2, .examination = failed_examination});

    EXPECT_TRUE(engine.ready().error().is(engine_broken));
    EXPECT_TRUE(engine.compute(job("x")).error().is(engine_broken));
}

std::shared_ptr<Engine::Entry> entry() {
    return std::make_shared<Engine::Entry>();
}

TEST(Queues, GiveEachThreadItsShare) {
    Queue queue(8, 2);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.push(entry()));
    Queue::Taker first{.lanes = 8};
    Queue::Taker second{.lanes = 8};

    EXPECT_EQ(queue.take(first).size(), 3U);
    EXPECT_EQ(queue.take(second).size(), 2U);
    ASSERT_TRUE(queue.push(entry()));
    EXPECT_EQ(queue.take(first).size(), 0U);
    EXPECT_EQ(queue.take(second).size(), 1U);
}

TEST(Queues, GiveNoThreadMoreThanItsLanes) {
    Queue queue(8, 1);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.push(entry()));
    Queue::Taker taker{.lanes = 3};

    EXPECT_EQ(queue.take(taker).size(), 3U);
    EXPECT_EQ(queue.take(taker).size(), 0U);
    taker.active = 1;
    EXPECT_EQ(queue.take(taker).size(), 2U);
}

}  // namespace
}  // namespace cardea::password
