// Two connections to one file, as the server and the command line have; and what ends badly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "cardea/db/sqlite/sqlite.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::db::sqlite {
namespace {

const std::vector<Migration> tables{
    {1, "0001_things", "CREATE TABLE things (id TEXT PRIMARY KEY, data TEXT);"}};
constexpr Statement add{"thing.add", "INSERT INTO things (id, data) VALUES ($1, '')"};
constexpr Statement fill{"thing.fill", "INSERT INTO things (id, data) VALUES ($1, $2)"};
constexpr Statement count{"thing.count", "SELECT count(*) AS n FROM things", Cost::lookup};

class TwoProcesses : public testing::Test {
  protected:
    TwoProcesses() {
        options_.path = folder_.path() + "/data.db";
        EXPECT_TRUE(migrate(options_, tables).has_value());
        ours_ = open();
        theirs_ = open();
    }
    std::unique_ptr<Database> open() {
        auto opened = sqlite::open(io_.get_executor(), options_);
        if (!opened) throw std::runtime_error(opened.error().describe());
        return std::move(*opened);
    }
    Result<Rows> write(Database& database, std::string id) {
        return run(io_, database.run(add, Values{id}));
    }
    std::unique_ptr<Transaction> begin(Database& database) {
        auto begun = run(io_, database.begin());
        if (!begun) throw std::runtime_error(begun.error().describe());
        return std::move(*begun);
    }
    std::int64_t rows(Database& database) {
        return run(io_, database.run(count, {}))->rows[0][0].as_integer();
    }

    TempFolder folder_;
    Options options_ = quick();
    asio::io_context io_{1};
    std::unique_ptr<Database> ours_;
    std::unique_ptr<Database> theirs_;

  private:
    static Options quick() {
        Options options;
        options.busy_timeout = 50ms;
        options.transaction_limit = 100ms;
        return options;
    }
};

TEST_F(TwoProcesses, GetAnAnswerWhenTheOtherHoldsTheLockTooLong) {
    options_.transaction_limit = 5s;
    theirs_ = open();
    auto lock = begin(*theirs_);
    ASSERT_TRUE(run(io_, lock->run(add, Values{"theirs"})).has_value());

    auto refused = write(*ours_, "ours");
    auto begun = run(io_, ours_->begin());

    EXPECT_TRUE(refused.error().is(unavailable));
    EXPECT_TRUE(begun.error().is(unavailable));
    EXPECT_EQ(rows(*ours_), 0);
}

TEST_F(TwoProcesses, CanWriteAgainWhenTheOtherIsDone) {
    auto lock = begin(*theirs_);
    ASSERT_FALSE(write(*ours_, "ours").has_value());
    ASSERT_TRUE(run(io_, lock->commit()).has_value());

    EXPECT_TRUE(write(*ours_, "ours").has_value());
    EXPECT_EQ(rows(*theirs_), 1);
}

TEST_F(TwoProcesses, WaitForEachOtherWithinTheTimeout) {
    options_.busy_timeout = 5s;
    auto patient = open();
    auto lock = begin(*theirs_);
    std::optional<Result<Rows>> written;
    auto note = [&](std::exception_ptr, Result<Rows> result) { written = std::move(result); };
    asio::co_spawn(io_, patient->run(add, Values{"ours"}), note);
    io_.restart();
    io_.poll();
    EXPECT_FALSE(written.has_value());

    lock.reset();
    while (!written) io_.run_one();

    EXPECT_TRUE(written->has_value());
}

TEST_F(TwoProcesses, ReadWhileTheOtherWrites) {
    auto lock = begin(*theirs_);
    ASSERT_TRUE(run(io_, lock->run(add, Values{"theirs"})).has_value());

    EXPECT_EQ(rows(*ours_), 0);
}

TEST_F(TwoProcesses, NoticeWhatTheOtherWrote) {
    auto before = ours_->data_version();

    ASSERT_TRUE(write(*theirs_, "theirs").has_value());

    EXPECT_NE(ours_->data_version(), before);
    EXPECT_EQ(ours_->data_version(), ours_->data_version());
}

// Enough for the WAL to be moved into the file and begun again, several times.
TEST_F(TwoProcesses, NoticeEveryCommitAndNothingElse) {
    options_.transaction_limit = 5s;
    options_.synchronous = "OFF";
    ours_ = open();
    theirs_ = open();
    std::string page(4096, 'x');
    for (int i = 0; i < 3000; ++i) {
        auto before = ours_->data_version();
        EXPECT_EQ(ours_->data_version(), before);
        auto& writer = i % 3 == 0 ? *ours_ : *theirs_;
        auto lock = begin(writer);
        ASSERT_TRUE(run(io_, lock->run(fill, Values{fmt::format("{}", i), page})).has_value());
        ASSERT_EQ(ours_->data_version(), before) << "not committed yet";

        ASSERT_TRUE(run(io_, lock->commit()).has_value());

        ASSERT_NE(ours_->data_version(), before) << i;
    }
}

TEST_F(TwoProcesses, NoticeCommitsWhereNoMemoryIsShared) {
    options_.path = folder_.path() + "/unshared.db";
    options_.vfs = "unix-none";
    ASSERT_TRUE(migrate(options_, tables).has_value());
    auto alone = open();
    auto before = alone->data_version();
    ASSERT_TRUE(before.has_value());

    ASSERT_TRUE(write(*alone, "one").has_value());

    EXPECT_NE(alone->data_version(), before);
}

TEST_F(TwoProcesses, DoNotTakeWhatWasRolledBackForACommit) {
    auto before = ours_->data_version();
    auto lock = begin(*theirs_);
    ASSERT_TRUE(run(io_, lock->run(add, Values{"theirs"})).has_value());
    lock.reset();

    EXPECT_EQ(ours_->data_version(), before);
}

TEST_F(TwoProcesses, LoseATransactionThatIsHeldTooLong) {
    auto slow = begin(*ours_);
    ASSERT_TRUE(run(io_, slow->run(add, Values{"slow"})).has_value());

    auto waited = write(*ours_, "next");  // waits for its turn until the limit

    EXPECT_TRUE(waited.has_value());
    EXPECT_TRUE(run(io_, slow->run(add, Values{"late"})).error().is(unavailable));
    EXPECT_TRUE(run(io_, slow->commit()).error().is(unavailable));
    EXPECT_EQ(rows(*ours_), 1);
}

TEST_F(TwoProcesses, KeepNothingOfAGroupThatTheDiskRefuses) {
    constexpr Statement limit{"test.limit", "PRAGMA max_page_count = 16"};
    ASSERT_TRUE(run(io_, ours_->run(limit, {})).has_value());
    auto good = begin(*ours_);
    ASSERT_TRUE(run(io_, good->run(add, Values{"good"})).has_value());
    std::optional<Result<void>> committed;
    auto note = [&](std::exception_ptr, Result<void> result) { committed = std::move(result); };
    asio::co_spawn(io_, good->commit(), note);
    auto large = begin(*ours_);  // in the same round: the same group

    auto full = run(io_, large->run(fill, Values{"large", std::string(1 << 20, 'x')}));
    while (!committed) io_.run_one();

    EXPECT_TRUE(full.error().is(unavailable));
    ASSERT_FALSE(committed->has_value());
    EXPECT_TRUE(committed->error().is(unavailable));
    EXPECT_EQ(rows(*ours_), 0);
    large.reset();
    EXPECT_TRUE(write(*ours_, "small").has_value());
}

TEST_F(TwoProcesses, ShareOneCommitAmongThoseWhoComeTogether) {
    auto before = counters(*ours_);
    int done = 0;
    for (int i = 0; i < 64; ++i) {
        auto note = [&](std::exception_ptr, Result<Rows> result) { done += result ? 1 : 1000; };
        asio::co_spawn(io_, ours_->run(add, Values{std::to_string(i)}), note);
    }
    io_.restart();
    while (done < 64) io_.run_one();

    EXPECT_EQ(done, 64);
    auto after = counters(*ours_);
    EXPECT_EQ(after.transactions - before.transactions, 64u);
    EXPECT_LE(after.commits - before.commits, 2u);
}

TEST_F(TwoProcesses, CommitOneByOneWhenToldSo) {
    options_.group_limit = 1;
    auto single = open();
    int done = 0;
    for (int i = 0; i < 8; ++i) {
        auto note = [&](std::exception_ptr, Result<Rows> result) { done += result ? 1 : 1000; };
        asio::co_spawn(io_, single->run(add, Values{std::to_string(i)}), note);
    }
    io_.restart();
    while (done < 8) io_.run_one();

    EXPECT_EQ(counters(*single).commits, 8u);
}

TEST_F(TwoProcesses, RollBackWhatIsOpenWhenTheDatabaseCloses) {
    auto open_one = begin(*ours_);
    ASSERT_TRUE(run(io_, open_one->run(add, Values{"open"})).has_value());

    ours_.reset();
    open_one.reset();

    EXPECT_EQ(rows(*theirs_), 0);
}

}  // namespace
}  // namespace cardea::db::sqlite
