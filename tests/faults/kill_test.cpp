// A program killed at any moment: acknowledged sign-ups hold, each is there wholly or not at all,
// and a migration has happened or has not.
#include <gtest/gtest.h>

#include <random>

#include "tests/faults/look.hpp"
#include "tests/faults/strace.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::faults {
namespace {

class Killed : public testing::Test {
  protected:
    std::vector<std::string> sign_up(int count, std::string synchronous = "FULL") {
        return {SIGN_UP_PROGRAM, path_, std::to_string(count), std::move(synchronous)};
    }
    void expect_all(const std::set<std::string>& acknowledged) {
        auto found = look(path_);
        EXPECT_EQ(found.problem, "");
        EXPECT_EQ(found.missing(acknowledged), 0u);
    }
    /// Kills at the first, second, … call until the program comes to its end. Gives how often.
    template <class Check>
    int step_over(const std::string& calls, const std::vector<std::string>& command, Check check) {
        for (int when = 1; when < 1000; ++when) {
            Child child(killed_at(calls, when, command));
            child.read_rest();
            bool ended_well = child.wait() == 0;
            check(child);
            if (ended_well || HasFailure()) return when - 1;
        }
        return 1000;
    }

    TempFolder folder_;
    std::string path_ = folder_.path() + "/data.db";
};

TEST_F(Killed, AtARandomMomentLosesNothingThatWasAcknowledged) {
    std::mt19937 random(7);
    std::set<std::string> acknowledged;

    for (int i = 0; i < 40; ++i) {
        Child child(sign_up(100'000));
        child.read_lines(1 + random() % 20);
        usleep(random() % 2000);  // somewhere in the transactions that follow
        child.kill_now();
        child.read_rest();
        acknowledged.merge(child.acknowledged());
    }

    EXPECT_GT(acknowledged.size(), 40u);
    expect_all(acknowledged);
}

TEST_F(Killed, AtEveryWriteOfASignUpLeavesItWholeOrAbsent) {
    if (!can_trace()) GTEST_SKIP() << "strace cannot trace here";
    std::set<std::string> acknowledged;

    auto kills = step_over("pwrite64", sign_up(12), [&](Child& child) {
        acknowledged.merge(child.acknowledged());
        expect_all(acknowledged);
    });

    EXPECT_GT(kills, 20);
}

TEST_F(Killed, AtEverySyncOfASignUpLeavesItWholeOrAbsent) {
    if (!can_trace()) GTEST_SKIP() << "strace cannot trace here";
    std::set<std::string> acknowledged;

    auto kills = step_over("fsync,fdatasync,ftruncate,unlink", sign_up(12), [&](Child& child) {
        acknowledged.merge(child.acknowledged());
        expect_all(acknowledged);
    });

    EXPECT_GT(kills, 5);
}

TEST_F(Killed, AtEveryWriteOfAMigrationLeavesTheOldSchemaOrTheNew) {
    if (!can_trace()) GTEST_SKIP() << "strace cannot trace here";
    db::sqlite::Options options;
    options.path = path_;
    auto first = std::vector<db::Migration>{db::migrations().front()};
    int last = db::migrations().back().number;
    std::vector<std::string> command{SIGN_UP_PROGRAM, path_, "migrate"};
    ASSERT_TRUE(db::sqlite::migrate(options, first).has_value());

    int olds = 0;
    auto kills = step_over("pwrite64,fsync,fdatasync,ftruncate,unlink", command, [&](Child&) {
        EXPECT_EQ(look(path_).problem, "");
        auto version = db::sqlite::schema_version(options).value_or(-1);
        EXPECT_TRUE(version == 1 || version == last) << version;
        olds += version == 1 ? 1 : 0;
        if (version == 1) return;
        // Again from the start, until the last step has been tried.
        std::filesystem::remove(path_);
        std::filesystem::remove(path_ + "-wal");
        std::filesystem::remove(path_ + "-shm");
        EXPECT_TRUE(db::sqlite::migrate(options, first).has_value());
    });

    EXPECT_GT(kills, 5);
    EXPECT_GT(olds, 3);
}

TEST_F(Killed, NeverComesBetweenAnAcknowledgementAndItsSync) {
    if (!can_trace()) GTEST_SKIP() << "strace cannot trace here";
    auto log = folder_.path() + "/trace";
    Child child(traced(log, sign_up(20)));
    child.read_rest();
    ASSERT_EQ(child.wait(), 0);

    SyncOrder order("data.db-wal", "\"ack ");
    order.read(log);

    EXPECT_EQ(order.acknowledgements, 20);
    EXPECT_EQ(order.too_early, 0);
}

// Proves that the test above can fail.
TEST_F(Killed, ComesBetweenThemWhenNothingIsSynced) {
    if (!can_trace()) GTEST_SKIP() << "strace cannot trace here";
    auto log = folder_.path() + "/trace";
    Child child(traced(log, sign_up(20, "OFF")));
    child.read_rest();
    ASSERT_EQ(child.wait(), 0);

    SyncOrder order("data.db-wal", "\"ack ");
    order.read(log);

    EXPECT_EQ(order.acknowledgements, 20);
    EXPECT_EQ(order.too_early, 20);
}

}  // namespace
}  // namespace cardea::faults
