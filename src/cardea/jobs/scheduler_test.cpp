// Jobs on a real SQLite: claims, leases, outcomes, two instances on one database.
#include "cardea/jobs/scheduler.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cardea/runtime/deadline.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::jobs {
namespace {

// What a job does in these tests: counts, fails, or waits until it is let go.
struct Work {
    explicit Work(const asio::any_io_executor& executor)
        : gate(executor, asio::steady_timer::time_point::max()) {}

    Task<std::string> count(StopSignal) {
        ++runs;
        if (failing) co_return fail(db::unavailable, "gone");
        co_return "done " + std::to_string(runs);
    }
    Task<std::string> wait(StopSignal stop) {
        ++runs;
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await gate.async_wait(token);
        co_return stop.requested() ? "stopped early" : "waited";
    }
    Task<std::string> throw_something(StopSignal) {
        ++runs;
        throw std::runtime_error("a bug");
        co_return "never";
    }

    int runs = 0;
    bool failing = false;
    asio::steady_timer gate;
};

class Jobs : public testing::Test {
  protected:
    FakeClock clock_;
    TestDatabase database_{&clock_};
    SeededRandom random_;
    Work work_{database_.io.get_executor()};
    Scheduler scheduler_{*database_, random_, database_.io.get_executor()};

    Job counting(std::string name = "count") {
        Job job;
        job.name = std::move(name);
        job.interval = 80s;
        job.work = [this](StopSignal stop) { return work_.count(stop); };
        return job;
    }
    Job waiting() {
        auto job = counting("wait");
        job.work = [this](StopSignal stop) { return work_.wait(stop); };
        return job;
    }
    Milliseconds visit(Scheduler& scheduler, std::string name = "count") {
        return database_.run(scheduler.visit(std::move(name))).value();
    }
    JobStatus status(std::size_t index = 0) {
        return database_.run(scheduler_.list()).value().at(index);
    }
    void run_until_at_work() {
        database_.io.restart();
        while (work_.runs == 0 && database_.io.run_one() > 0) {
        }
        ASSERT_EQ(work_.runs, 1);
    }
    // Past the pause before a job's very first run.
    void pass_the_first_pause() { clock_.advance(11s); }
    void set_lease(std::string holder, Milliseconds from_now) {
        db::Statement statement{"test.lease",
                                "UPDATE jobs SET lease_holder = $1, lease_until = $2"};
        db::Values values{holder, clock_.now() + from_now};
        ASSERT_TRUE(database_.run(database_->run(statement, std::move(values))));
    }
};

TEST_F(Jobs, OfUnknownNamesAreRefused) {
    EXPECT_TRUE(database_.run(scheduler_.run_once("nothing")).error().is(unknown));
    EXPECT_TRUE(database_.run(scheduler_.visit("nothing")).error().is(unknown));
}

TEST_F(Jobs, WaitUntilTheyAreDue) {
    scheduler_.add(counting());

    const auto first_pause = visit(scheduler_);

    EXPECT_LE(first_pause, 10s);
    EXPECT_EQ(work_.runs, 0);
}

TEST_F(Jobs, RunOnceWhenDueAndThenWaitTheirInterval) {
    scheduler_.add(counting());
    visit(scheduler_);
    pass_the_first_pause();

    const auto pause = visit(scheduler_);

    EXPECT_EQ(work_.runs, 1);
    EXPECT_GE(pause, 70s);
    EXPECT_LE(pause, 90s);
    EXPECT_EQ(visit(scheduler_), pause);
    EXPECT_EQ(work_.runs, 1);
}

TEST_F(Jobs, KeepAnAccountOfTheirRuns) {
    scheduler_.add(counting());
    auto begun_at = clock_.now();

    auto outcome = database_.run(scheduler_.run_once("count")).value();

    EXPECT_TRUE(outcome.succeeded);
    EXPECT_EQ(outcome.text, "done 1");
    const auto kept = status();
    EXPECT_EQ(kept.last_outcome, "done 1");
    EXPECT_EQ(kept.last_started_at, begun_at);
    EXPECT_EQ(kept.last_finished_at, begun_at);
    EXPECT_EQ(kept.next_run_at, outcome.next_run_at);
    EXPECT_EQ(kept.failures, 0);
    EXPECT_FALSE(kept.running);
    EXPECT_EQ(kept.interval, 80s);
}

TEST_F(Jobs, AreListedInOrderBeforeTheyEverRan) {
    auto second = counting("second");
    second.enabled = false;
    scheduler_.add(counting("first"));
    scheduler_.add(std::move(second));

    EXPECT_EQ(status(0).name, "first");
    EXPECT_EQ(status(0).next_run_at, std::nullopt);
    EXPECT_EQ(status(1).name, "second");
    EXPECT_FALSE(status(1).enabled);
}

TEST_F(Jobs, ThatFailBackOffAndStartAfreshAfterASuccess) {
    scheduler_.add(counting());
    work_.failing = true;

    auto first = database_.run(scheduler_.run_once("count")).value();
    auto second = database_.run(scheduler_.run_once("count")).value();

    EXPECT_FALSE(first.succeeded);
    EXPECT_EQ(first.text, "db.unavailable");
    EXPECT_GE(first.next_run_at - clock_.now(), 140s);
    EXPECT_GE(second.next_run_at - clock_.now(), 280s);
    EXPECT_EQ(status().failures, 2);

    work_.failing = false;
    auto third = database_.run(scheduler_.run_once("count")).value();
    EXPECT_LE(third.next_run_at - clock_.now(), 90s);
    EXPECT_EQ(status().failures, 0);
}

TEST_F(Jobs, ThatThrowAreFailuresWithoutTheTextOfTheException) {
    auto job = counting("throw");
    job.work = [this](StopSignal stop) { return work_.throw_something(stop); };
    scheduler_.add(std::move(job));

    auto outcome = database_.run(scheduler_.run_once("throw")).value();

    EXPECT_FALSE(outcome.succeeded);
    EXPECT_EQ(outcome.text, "internal");
}

TEST_F(Jobs, OverTheirDeadlineAreCancelled) {
    auto job = waiting();
    job.deadline = 5ms;
    scheduler_.add(std::move(job));

    auto outcome = database_.run(scheduler_.run_once("wait")).value();

    EXPECT_FALSE(outcome.succeeded);
    EXPECT_EQ(outcome.text, "deadline.passed");
}

TEST_F(Jobs, HeldByAnotherInstanceAreNotRun) {
    scheduler_.add(counting());
    visit(scheduler_);
    pass_the_first_pause();
    set_lease("another", 60s);

    EXPECT_EQ(visit(scheduler_), 60s);
    EXPECT_TRUE(database_.run(scheduler_.run_once("count")).error().is(running));
    EXPECT_TRUE(status().running);
    EXPECT_EQ(work_.runs, 0);
}

TEST_F(Jobs, OfACrashedInstanceRunWhenItsLeaseHasPassed) {
    scheduler_.add(counting());
    visit(scheduler_);
    pass_the_first_pause();
    set_lease("crashed", 60s);
    visit(scheduler_);

    clock_.advance(60s);
    visit(scheduler_);

    EXPECT_EQ(work_.runs, 1);
}

TEST_F(Jobs, RunOnceAfterTheClockJumpedAhead) {
    scheduler_.add(counting());
    visit(scheduler_);

    clock_.advance(30 * 24h);
    visit(scheduler_);
    visit(scheduler_);

    EXPECT_EQ(work_.runs, 1);
}

TEST_F(Jobs, GoOnAfterTheClockWentBack) {
    scheduler_.add(counting());
    ASSERT_TRUE(database_.run(scheduler_.run_once("count")));

    clock_.advance(-7 * 24h);
    const auto pause = visit(scheduler_);

    EXPECT_EQ(work_.runs, 2);
    EXPECT_LE(pause, 90s);
}

TEST_F(Jobs, HeldSinceBeforeTheClockWentBackAreTakenAfterALeasesTimeOfWaiting) {
    scheduler_.add(counting());
    visit(scheduler_);
    pass_the_first_pause();
    set_lease("from the future", 7 * 24h);

    EXPECT_EQ(visit(scheduler_), 6min);  // a deadline and a minute: as long as a lease is
    EXPECT_EQ(work_.runs, 0);
    visit(scheduler_);
    EXPECT_EQ(work_.runs, 1);
}

TEST_F(Jobs, HeldByChangingInstancesAreLeftToThem) {
    scheduler_.add(counting());
    visit(scheduler_);
    pass_the_first_pause();

    set_lease("one", 7 * 24h);
    visit(scheduler_);
    set_lease("two", 7 * 24h);
    visit(scheduler_);

    EXPECT_EQ(work_.runs, 0);
}

TEST_F(Jobs, OfTwoInstancesOnOneDatabaseRunOnce) {
    SeededRandom other_random(2);
    Scheduler other(*database_, other_random, database_.io.get_executor());
    scheduler_.add(counting());
    other.add(counting());
    visit(scheduler_);
    visit(other);
    for (int round = 1; round <= 20; ++round) {
        clock_.advance(91s);
        Result<Milliseconds> here, there;
        auto look = [](Scheduler& scheduler, Result<Milliseconds>& wait) -> Task<void> {
            wait = co_await scheduler.visit("count");
            co_return Result<void>();
        };
        runtime::TaskGroup group(database_.io.get_executor());
        group.add("here", look(scheduler_, here));
        group.add("there", look(other, there));
        ASSERT_TRUE(database_.run(group.wait_until_empty()));

        ASSERT_TRUE(here && there);
        EXPECT_EQ(work_.runs, round);
    }
}

// A folder of its own, gone with the object.
struct TemporaryFolder {
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "jobs-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

TEST(JobsOfTwoProcesses, RunOnceOnOneFile) {
    TemporaryFolder folder;
    FakeClock clock;
    asio::io_context io(1);
    db::sqlite::Options options;
    options.path = folder.path / "cardea.db";
    options.clock = &clock;
    ASSERT_TRUE(db::sqlite::migrate(options, db::migrations()));
    auto one = db::sqlite::open(io.get_executor(), options).value();
    auto two = db::sqlite::open(io.get_executor(), options).value();
    SeededRandom random_one(1), random_two(2);
    Scheduler first(*one, random_one, io.get_executor());
    Scheduler second(*two, random_two, io.get_executor());
    Work work(io.get_executor());
    Job job;
    job.name = "count";
    job.interval = 80s;
    job.work = [&work](StopSignal stop) { return work.count(stop); };
    first.add(job);
    second.add(job);
    auto look = [](Scheduler& scheduler) -> Task<void> {
        auto wait = co_await scheduler.visit("count");
        EXPECT_TRUE(wait) << wait.error().describe();
        co_return Result<void>();
    };
    for (int round = 0; round <= 10; ++round) {
        runtime::TaskGroup group(io.get_executor());
        group.add("first", look(first));
        group.add("second", look(second));
        ASSERT_TRUE(run(io, group.wait_until_empty()));

        EXPECT_EQ(work.runs, round);
        clock.advance(91s);
    }
    one->close();
    two->close();
}

TEST_F(Jobs, AreNotRunTwiceByNameWhileTheyRun) {
    scheduler_.add(waiting());
    runtime::TaskGroup group(database_.io.get_executor());
    Result<Outcome> first;
    auto begin = [](Scheduler& scheduler, Result<Outcome>& outcome) -> Task<void> {
        outcome = co_await scheduler.run_once("wait");
        co_return Result<void>();
    };
    group.add("first", begin(scheduler_, first));
    run_until_at_work();

    EXPECT_TRUE(database_.run(scheduler_.run_once("wait")).error().is(running));
    EXPECT_TRUE(status().running);

    work_.gate.cancel();
    ASSERT_TRUE(database_.run(group.wait_until_empty()));
    EXPECT_EQ(first.value().text, "waited");
    EXPECT_EQ(work_.runs, 1);
}

TEST_F(Jobs, WhoseLeaseAnotherTookDoNotWriteOverIt) {
    scheduler_.add(waiting());
    runtime::TaskGroup group(database_.io.get_executor());
    auto begin = [](Scheduler& scheduler) -> Task<void> {
        std::ignore = co_await scheduler.run_once("wait");
        co_return Result<void>();
    };
    group.add("slept too long", begin(scheduler_));
    run_until_at_work();
    set_lease("successor", 60s);

    work_.gate.cancel();
    ASSERT_TRUE(database_.run(group.wait_until_empty()));

    EXPECT_TRUE(status().running);
    EXPECT_EQ(status().last_outcome, std::nullopt);
}

TEST_F(Jobs, StopAtTheirNextSafePointAndBeginNothingNew) {
    auto job = waiting();
    job.interval = 1s;
    scheduler_.add(std::move(job));
    scheduler_.add(counting());
    visit(scheduler_, "wait");
    pass_the_first_pause();
    runtime::TaskGroup group(database_.io.get_executor());
    scheduler_.start(group);
    run_until_at_work();

    scheduler_.stop();
    work_.gate.cancel();
    ASSERT_TRUE(database_.run(group.wait_until_empty()));

    EXPECT_EQ(status(0).last_outcome, "stopped early");
    EXPECT_EQ(group.size(), 0u);
    EXPECT_TRUE(database_.run(scheduler_.run_once("count")).error().is(stopping));
}

TEST_F(Jobs, ThatAreSwitchedOffDoNotStartButRunByName) {
    auto job = counting();
    job.enabled = false;
    scheduler_.add(std::move(job));
    runtime::TaskGroup group(database_.io.get_executor());

    scheduler_.start(group);

    EXPECT_EQ(group.size(), 0u);
    EXPECT_TRUE(database_.run(scheduler_.run_once("count")));
    EXPECT_EQ(work_.runs, 1);
}

TEST_F(Jobs, ComeBackWhenTheirRowWasRemoved) {
    scheduler_.add(counting());
    visit(scheduler_);
    db::Statement remove{"test.remove", "DELETE FROM jobs"};
    ASSERT_TRUE(database_.run(database_->run(remove, db::Values())));

    EXPECT_FALSE(database_.run(scheduler_.visit("count")));
    EXPECT_LE(visit(scheduler_), 10s);
}

}  // namespace
}  // namespace cardea::jobs
