// Migrations on a file: all or nothing, forward only, never twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cardea/db/sqlite/sqlite.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::db::sqlite {
namespace {

using testing::HasSubstr;

const Migration first{1, "0001_things", "CREATE TABLE things (id TEXT PRIMARY KEY);"};
const Migration second{2, "0002_more",
                       "ALTER TABLE things ADD COLUMN name TEXT;\n"
                       "-- A comment; with a semicolon.\n"
                       "INSERT INTO things (id, name) VALUES ('a', 'b');"};
const Migration broken{
    3, "0003_broken",
    "DROP TABLE things; CREATE TABLE other (id TEXT); CREATE TABLE other (id TEXT);"};

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class Migrations : public testing::Test {
  protected:
    Migrations() { options_.path = folder_.path() + "/data.db"; }

    Result<Migrated> migrate(std::vector<Migration> migrations) {
        return sqlite::migrate(options_, migrations);
    }
    Rows query(std::string_view text) {
        auto opened = sqlite::open(io_.get_executor(), options_);
        Statement statement{"test.query", text};
        return run(io_, (*opened)->run(statement, {})).value();
    }

    TempFolder folder_;
    Options options_;
    asio::io_context io_{1};
};

TEST_F(Migrations, ThatFailLeaveTheFileAsItWasByteForByte) {
    ASSERT_TRUE(migrate({first, second}).has_value());
    auto before = content_of(options_.path);

    auto failed = migrate({first, second, broken});

    EXPECT_TRUE(failed.error().is(migration_failed));
    EXPECT_THAT(failed.error().detail(), HasSubstr("0003_broken"));
    EXPECT_EQ(content_of(options_.path), before);
    EXPECT_EQ(query("SELECT name FROM things").rows[0][0].as_text(), "b");
    EXPECT_EQ(schema_version(options_).value(), 2);
}

TEST_F(Migrations, ThatFailOnANewFileLeaveNoTables) {
    EXPECT_TRUE(migrate({first, second, broken}).error().is(migration_failed));

    EXPECT_EQ(query("SELECT name FROM sqlite_master").size(), 0u);
    EXPECT_TRUE(migrate({first, second}).has_value());
}

TEST_F(Migrations, ThatLeaveADanglingReferenceFail) {
    Migration dangling{2, "0002_dangling",
                       "CREATE TABLE parts (thing TEXT REFERENCES things(id) "
                       "DEFERRABLE INITIALLY DEFERRED);"
                       "INSERT INTO parts VALUES ('nobody');"};

    EXPECT_THAT(migrate({first, dangling}).error().detail(), HasSubstr("parts"));
    EXPECT_EQ(query("SELECT name FROM sqlite_master").size(), 0u);
}

TEST_F(Migrations, OfANewerVersionAreRefused) {
    ASSERT_TRUE(migrate({first, second}).has_value());
    auto before = content_of(options_.path);

    auto refused = migrate({first});

    EXPECT_TRUE(refused.error().is(migration_mismatch));
    EXPECT_THAT(refused.error().detail(), HasSubstr("0002_more"));
    EXPECT_THAT(refused.error().detail(), HasSubstr("newer"));
    EXPECT_EQ(content_of(options_.path), before);
}

TEST_F(Migrations, ThatWereChangedAfterwardsAreRefused) {
    ASSERT_TRUE(migrate({first}).has_value());
    Migration changed{1, "0001_things", "CREATE TABLE things (id TEXT PRIMARY KEY, x TEXT);"};

    auto refused = migrate({changed, second});

    EXPECT_TRUE(refused.error().is(migration_mismatch));
    EXPECT_THAT(refused.error().detail(), HasSubstr("0001_things"));
    EXPECT_EQ(schema_version(options_).value(), 1);
}

TEST_F(Migrations, DoNotTouchTheFileOfAnotherProgram) {
    {
        auto made = query("CREATE TABLE theirs (id TEXT)");
    }

    EXPECT_TRUE(migrate({first}).error().is(migration_mismatch));
    EXPECT_EQ(query("SELECT name FROM sqlite_master").size(), 1u);
}

TEST_F(Migrations, WaitForAnotherProcessAndThenSayThatItIsThere) {
    ASSERT_TRUE(migrate({first}).has_value());
    auto other = sqlite::open(io_.get_executor(), options_);
    auto transaction = run(io_, (*other)->begin());
    ASSERT_TRUE(transaction.has_value());
    options_.busy_timeout = 20ms;

    auto refused = migrate({first, second});

    EXPECT_TRUE(refused.error().is(migration_failed));
    EXPECT_THAT(refused.error().detail(), HasSubstr("locked"));
}

TEST_F(Migrations, RunOnceEachInOrder) {
    EXPECT_EQ(schema_version(options_).value(), 0);

    auto fresh = migrate({first, second});
    auto again = migrate({first, second});

    EXPECT_EQ(fresh->from, 0);
    EXPECT_EQ(fresh->to, 2);
    EXPECT_EQ(again->from, 2);
    EXPECT_EQ(again->to, 2);
    EXPECT_EQ(query("SELECT id FROM things").size(), 1u);
}

TEST_F(Migrations, KeepTheirNumberNameChecksumAndTime) {
    FakeClock clock;
    options_.clock = &clock;
    ASSERT_TRUE(migrate({first}).has_value());

    auto row = query("SELECT number, name, checksum, applied_at FROM schema_migrations").rows.at(0);

    EXPECT_EQ(row[0].as_integer(), 1);
    EXPECT_EQ(row[1].as_text(), "0001_things");
    EXPECT_EQ(row[2].as_text().size(), 64u);
    EXPECT_EQ(row[3].as_instant(), clock.now());
}

TEST_F(Migrations, OfTheProductAreNumberedFromOneWithoutAGapAndApply) {
    int expected = 0;
    for (const auto& migration : migrations()) {
        EXPECT_EQ(migration.number, ++expected);
        EXPECT_EQ(migration.name.substr(0, 4), fmt::format("{:04}", migration.number));
    }

    auto done = migrate(migrations());

    ASSERT_TRUE(done.has_value()) << done.error().describe();
    EXPECT_EQ(done->to, expected);
}

}  // namespace
}  // namespace cardea::db::sqlite
