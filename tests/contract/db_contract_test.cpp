// What every database engine promises. An engine is one line at the end of this file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/runtime/task_group.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

namespace cardea::db {
namespace {

const std::vector<Migration>& tables() {
    static const std::vector<Migration> all{{1, "0001_things", R"(
        CREATE TABLE things (id TEXT PRIMARY KEY, number BIGINT, flag BOOLEAN, data BYTEA,
                             name TEXT UNIQUE);
        CREATE TABLE parts (id TEXT PRIMARY KEY,
                            thing_id TEXT NOT NULL REFERENCES things(id) ON DELETE CASCADE);)"}};
    return all;
}

constexpr Statement add_thing{"thing.add", "INSERT INTO things (id, name) VALUES ($1, $2)"};
constexpr Statement add_part{"part.add", "INSERT INTO parts (id, thing_id) VALUES ($1, $2)"};
constexpr Statement count_things{"thing.count", "SELECT count(*) AS n FROM things", Cost::lookup};
constexpr Statement scan_things{"thing.scan", "SELECT id FROM things ORDER BY id"};
constexpr Statement count_parts{"part.count", "SELECT count(*) AS n FROM parts", Cost::lookup};

struct Engine {
    std::string name;
    std::function<Result<std::unique_ptr<Database>>(asio::any_io_executor, const Clock*)> open;
};

void PrintTo(const Engine& engine, std::ostream* out) {
    *out << engine.name;
}

class Contract : public testing::TestWithParam<Engine> {
  protected:
    void SetUp() override {
        auto opened = GetParam().open(io_.get_executor(), &clock_);
        ASSERT_TRUE(opened.has_value()) << opened.error().describe();
        database_ = std::move(*opened);
    }

    template <class T>
    Result<T> run(Task<T> task) {
        return cardea::run(io_, std::move(task));
    }
    Result<Rows> run(Statement statement, Values values = {}) {
        return run(database_->run(statement, std::move(values)));
    }
    std::unique_ptr<Transaction> begin() {
        auto begun = run(database_->begin());
        EXPECT_TRUE(begun.has_value());
        return std::move(*begun);
    }
    Result<Rows> run_in(Transaction& transaction, Statement statement, Values values = {}) {
        return run(transaction.run(statement, std::move(values)));
    }
    std::int64_t count(Statement statement = count_things) {
        auto rows = run(statement);
        return rows ? rows->rows.at(0).at(0).as_integer() : -1;
    }

    FakeClock clock_;
    asio::io_context io_{1};
    std::unique_ptr<Database> database_;
};

// Statements and values

TEST_P(Contract, RefusesAStatementThatIsWrong) {
    constexpr Statement wrong{"thing.wrong", "SELECT nothing FROM things"};

    auto rows = run(wrong);

    ASSERT_FALSE(rows.has_value());
    EXPECT_TRUE(rows.error().is(failed));
    EXPECT_THAT(rows.error().detail(), testing::HasSubstr("thing.wrong"));
}

TEST_P(Contract, RefusesTooFewAndTooManyValues) {
    EXPECT_TRUE(run(add_thing, Values{"a"}).error().is(failed));
    EXPECT_TRUE(run(add_thing, Values{"a", "b", "c"}).error().is(failed));
    EXPECT_EQ(count(), 0);
}

TEST_P(Contract, NeverTakesAValueForSql) {
    ASSERT_TRUE(run(add_thing, Values{"a", "'); DROP TABLE things; --"}).has_value());

    EXPECT_EQ(count(), 1);
}

TEST_P(Contract, KeepsEveryTypeOfValue) {
    constexpr Statement add{
        "thing.add_all",
        "INSERT INTO things (id, number, flag, data, name) VALUES ($1, $2, $3, $4, $5)"};
    constexpr Statement get{"thing.get",
                            "SELECT number, flag, data, name FROM things WHERE id = $1"};
    auto text = std::string("zero\0byte and ünïcode", 22);
    Bytes bytes = to_bytes(std::string_view("\0\xff\x80", 3));

    ASSERT_TRUE(run(add, Values{"a", INT64_MIN, true, bytes, text}).has_value());
    auto row = run(get, Values{"a"})->rows.at(0);

    EXPECT_EQ(row[0].as_integer(), INT64_MIN);
    EXPECT_TRUE(row[1].as_bool());
    EXPECT_EQ(row[2].as_bytes(), bytes);
    EXPECT_EQ(row[3].as_text(), text);
}

TEST_P(Contract, TellsNullFromEmpty) {
    constexpr Statement add{"thing.add_empty",
                            "INSERT INTO things (id, data, name) VALUES ($1, $2, $3)"};
    constexpr Statement get{"thing.get_empty", "SELECT data, name FROM things WHERE id = $1"};

    ASSERT_TRUE(run(add, Values{"a", Bytes{}, ""}).has_value());
    ASSERT_TRUE(run(add, Values{"b", Value(), Value()}).has_value());

    EXPECT_FALSE(run(get, Values{"a"})->rows[0][0].is_null());
    EXPECT_FALSE(run(get, Values{"a"})->rows[0][1].is_null());
    EXPECT_TRUE(run(get, Values{"b"})->rows[0][0].is_null());
    EXPECT_TRUE(run(get, Values{"b"})->rows[0][1].is_null());
}

TEST_P(Contract, BindsValuesByNumberInAnyOrderAndMoreThanOnce) {
    constexpr Statement get{"thing.order", "SELECT $2 || $1 || $2 AS text FROM things"};
    ASSERT_TRUE(run(add_thing, Values{"a", "b"}).has_value());

    auto rows = run(get, Values{"1", "2"});

    ASSERT_TRUE(rows.has_value()) << rows.error().describe();
    EXPECT_EQ(rows->rows[0][0].as_text(), "212");
    EXPECT_EQ(*rows->columns, std::vector<std::string>{"text"});
}

TEST_P(Contract, CountsChangedRowsAndReturnsThem) {
    constexpr Statement rename{"thing.rename", "UPDATE things SET number = $1 RETURNING id"};
    ASSERT_TRUE(run(add_thing, Values{"a", "x"}).has_value());
    ASSERT_TRUE(run(add_thing, Values{"b", "y"}).has_value());

    auto rows = run(rename, Values{7});

    EXPECT_EQ(rows->changes, 2);
    EXPECT_EQ(rows->size(), 2u);
    EXPECT_EQ(run(scan_things)->changes, 0);
}

TEST_P(Contract, CallsAUniqueViolationAConflict) {
    ASSERT_TRUE(run(add_thing, Values{"a", "x"}).has_value());

    EXPECT_TRUE(run(add_thing, Values{"a", "y"}).error().is(conflict));
    EXPECT_TRUE(run(add_thing, Values{"b", "x"}).error().is(conflict));
}

TEST_P(Contract, CallsABrokenReferenceAConflict) {
    EXPECT_TRUE(run(add_part, Values{"p", "nobody"}).error().is(conflict));
}

TEST_P(Contract, DeletesWhatRefersToADeletedRow) {
    constexpr Statement remove{"thing.remove", "DELETE FROM things WHERE id = $1"};
    ASSERT_TRUE(run(add_thing, Values{"a", "x"}).has_value());
    ASSERT_TRUE(run(add_part, Values{"p", "a"}).has_value());

    ASSERT_TRUE(run(remove, Values{"a"}).has_value());

    EXPECT_EQ(count(count_parts), 0);
}

TEST_P(Contract, TakesASingleUseRowOnlyOnce) {
    constexpr Statement take{"thing.take", "DELETE FROM things WHERE id = $1 RETURNING name"};
    ASSERT_TRUE(run(add_thing, Values{"a", "x"}).has_value());

    EXPECT_EQ(run(take, Values{"a"})->size(), 1u);
    EXPECT_EQ(run(take, Values{"a"})->size(), 0u);
}

TEST_P(Contract, InsertsOrUpdates) {
    constexpr Statement put{"thing.put",
                            "INSERT INTO things (id, number) VALUES ($1, $2)"
                            " ON CONFLICT (id) DO UPDATE SET number = $2 RETURNING number"};
    ASSERT_TRUE(run(put, Values{"a", 1}).has_value());

    EXPECT_EQ(run(put, Values{"a", 2})->rows[0][0].as_integer(), 2);
    EXPECT_EQ(count(), 1);
}

// Transactions

TEST_P(Contract, ForgetsATransactionThatWasNotCommitted) {
    {
        auto transaction = begin();
        ASSERT_TRUE(run_in(*transaction, add_thing, Values{"a", "x"}).has_value());
    }

    EXPECT_EQ(count(), 0);
}

TEST_P(Contract, KeepsATransactionThatWasCommitted) {
    auto transaction = begin();
    ASSERT_TRUE(run_in(*transaction, add_thing, Values{"a", "x"}).has_value());
    ASSERT_TRUE(run_in(*transaction, add_part, Values{"p", "a"}).has_value());

    ASSERT_TRUE(run(transaction->commit()).has_value());

    EXPECT_EQ(count(), 1);
    EXPECT_EQ(count(count_parts), 1);
}

TEST_P(Contract, ShowsATransactionItsOwnWritesAndNobodyElse) {
    auto transaction = begin();
    ASSERT_TRUE(run_in(*transaction, add_thing, Values{"a", "x"}).has_value());

    EXPECT_EQ(run_in(*transaction, scan_things)->size(), 1u);
    EXPECT_EQ(run(scan_things)->size(), 0u);
    EXPECT_EQ(count(), 0);
}

TEST_P(Contract, LetsNoTransactionGoOnAfterAFailedStatement) {
    auto transaction = begin();
    ASSERT_TRUE(run_in(*transaction, add_thing, Values{"a", "x"}).has_value());
    ASSERT_TRUE(run_in(*transaction, add_thing, Values{"a", "y"}).error().is(conflict));

    EXPECT_FALSE(run_in(*transaction, add_thing, Values{"b", "z"}).has_value());
    EXPECT_FALSE(run(transaction->commit()).has_value());
    transaction.reset();

    EXPECT_EQ(count(), 0);
}

TEST_P(Contract, LetsNothingFollowACommit) {
    auto transaction = begin();
    ASSERT_TRUE(run(transaction->commit()).has_value());

    EXPECT_FALSE(run_in(*transaction, add_thing, Values{"a", "x"}).has_value());
    EXPECT_FALSE(run(transaction->commit()).has_value());
    EXPECT_EQ(count(), 0);
}

TEST_P(Contract, KeepsOthersWhenOneTransactionOfAGroupFails) {
    auto one = [](Database& database, std::string id, std::string name) -> Task<void> {
        auto transaction = co_await database.begin();
        if (!transaction) co_return std::unexpected(transaction.error());
        Values values{id, name};
        auto added = co_await (*transaction)->run(add_thing, std::move(values));
        if (!added) co_return std::unexpected(added.error());
        co_return co_await (*transaction)->commit();
    };
    ASSERT_TRUE(run(add_thing, Values{"taken", "taken"}).has_value());
    int kept = 0;
    int refused = 0;
    for (int i = 0; i < 20; ++i) {
        auto name = i % 4 == 0 ? std::string("taken") : "name" + std::to_string(i);
        auto note = [&](std::exception_ptr, Result<void> result) { result ? ++kept : ++refused; };
        asio::co_spawn(io_, one(*database_, "id" + std::to_string(i), name), note);
    }
    io_.restart();
    while (kept + refused < 20) io_.run_one();

    EXPECT_EQ(kept, 15);
    EXPECT_EQ(refused, 5);
    EXPECT_EQ(count(), 16);
}

// Both would read 0 and write 1 if they overlapped.
Task<void> increment(Database& database) {
    constexpr Statement read{"thing.read", "SELECT number FROM things WHERE id = $1"};
    constexpr Statement write{"thing.write", "UPDATE things SET number = $2 WHERE id = $1"};
    auto transaction = co_await database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    Values which{"counter"};
    auto rows = co_await (*transaction)->run(read, std::move(which));
    if (!rows) co_return std::unexpected(rows.error());
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    Values next{"counter", rows->rows.at(0).at(0).as_integer() + 1};
    auto written = co_await (*transaction)->run(write, std::move(next));
    if (!written) co_return std::unexpected(written.error());
    co_return co_await (*transaction)->commit();
}

Task<void> increment_until_kept(Database& database) {
    for (;;) {
        auto done = co_await increment(database);
        if (done || !done.error().is(unavailable)) co_return done;
    }
}

TEST_P(Contract, LosesNoUpdateOfConcurrentTransactions) {
    constexpr Statement add{"thing.add_counter",
                            "INSERT INTO things (id, number) VALUES ('counter', 0)"};
    constexpr Statement get{"thing.get_counter", "SELECT number FROM things", Cost::lookup};
    ASSERT_TRUE(run(add).has_value());
    int done = 0;
    for (int i = 0; i < 50; ++i) {
        auto note = [&](std::exception_ptr, Result<void> result) { done += result ? 1 : 1000; };
        asio::co_spawn(io_, increment_until_kept(*database_), note);
    }
    io_.restart();
    while (done < 50) io_.run_one();

    EXPECT_EQ(done, 50);
    EXPECT_EQ(count(get), 50);
}

TEST_P(Contract, RollsBackWhenTheWaitingCallerIsCancelled) {
    auto slow = [](Database& database) -> Task<void> {
        auto transaction = co_await database.begin();
        if (!transaction) co_return std::unexpected(transaction.error());
        Values values{"a", "x"};
        auto added = co_await (*transaction)->run(add_thing, std::move(values));
        if (!added) co_return std::unexpected(added.error());
        auto slept = co_await runtime::sleep(10s);
        if (!slept) co_return slept;
        co_return co_await (*transaction)->commit();
    };

    auto result = run(runtime::within(20ms, slow(*database_)));

    EXPECT_TRUE(result.error().is(deadline_passed));
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(run(add_thing, Values{"b", "y"}).has_value());
}

TEST_P(Contract, LetsACallerStopWaitingForItsTurn) {
    auto holder = begin();
    auto wait = [](Database& database) -> Task<void> {
        auto transaction = co_await database.begin();
        if (!transaction) co_return std::unexpected(transaction.error());
        co_return Result<void>();
    };

    auto result = run(runtime::within(20ms, wait(*database_)));
    holder.reset();

    EXPECT_FALSE(result.has_value());
    EXPECT_TRUE(run(add_thing, Values{"a", "x"}).has_value());
}

TEST_P(Contract, CommitsThoughOthersRollBackAgainAndAgain) {
    int turns = 0;
    auto roll_back = [](Database& database, int& taken) -> Task<void> {
        while (taken < 5000) {
            auto transaction = co_await database.begin();
            if (!transaction) co_return std::unexpected(transaction.error());
            ++taken;
            auto slept = co_await runtime::sleep(0ms);  // by then another waits for its turn
            if (!slept) co_return slept;
        }
        co_return Result<void>();
    };
    auto commit = [](Database& database) -> Task<void> {
        auto transaction = co_await database.begin();
        if (!transaction) co_return std::unexpected(transaction.error());
        Values values{"a", "x"};
        auto added = co_await (*transaction)->run(add_thing, std::move(values));
        if (!added) co_return std::unexpected(added.error());
        co_return co_await (*transaction)->commit();
    };
    int running = 3;
    auto note = [&](std::exception_ptr, const Result<void>&) { --running; };
    for (int i = 0; i < 3; ++i) asio::co_spawn(io_, roll_back(*database_, turns), note);

    ASSERT_TRUE(run(commit(*database_)).has_value());
    auto turns_before_it = turns;
    turns = 5000;
    io_.restart();
    while (running > 0) io_.run_one();

    EXPECT_LT(turns_before_it, 1000);
    EXPECT_EQ(count(), 1);
}

// The rest of the seam

TEST_P(Contract, NumbersItsVersionsAnewAfterEveryCommit) {
    auto before = database_->data_version();
    if (!before) GTEST_SKIP() << "this engine cannot tell";

    EXPECT_EQ(database_->data_version(), before);
    ASSERT_TRUE(run(add_thing, Values{"a", "x"}).has_value());

    EXPECT_NE(database_->data_version(), before);
}

TEST_P(Contract, AnswersAPing) {
    EXPECT_TRUE(run(database_->ping()).has_value());
}

TEST_P(Contract, KeepsWhatWasAcceptedBeforeItCloses) {
    std::optional<Result<Rows>> written;
    auto note = [&](std::exception_ptr, Result<Rows> result) { written = std::move(result); };
    asio::co_spawn(io_, database_->run(add_thing, Values{"a", "x"}), note);
    io_.restart();
    io_.poll();

    database_->close();
    while (!written) io_.run_one();

    EXPECT_TRUE(written->has_value());
}

TEST_P(Contract, RefusesWritesAfterItWasClosed) {
    database_->close();

    EXPECT_TRUE(run(add_thing, Values{"a", "x"}).error().is(unavailable));
    EXPECT_TRUE(run(database_->begin()).error().is(unavailable));
}

Result<std::unique_ptr<Database>> open_sqlite(asio::any_io_executor executor, const Clock* clock) {
    sqlite::Options options;
    options.clock = clock;
    return sqlite::open_in_memory(executor, tables(), options);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, Contract, testing::Values(Engine{"sqlite", open_sqlite}));

}  // namespace
}  // namespace cardea::db
