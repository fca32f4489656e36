// What was acknowledged is there after the power has failed, at whatever moment.
#include <gtest/gtest.h>

#include "tests/faults/look.hpp"
#include "tests/faults/unsynced_vfs.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::faults {
namespace {

constexpr int clients = 8;
constexpr std::size_t sign_ups = 640;  // enough pages for a checkpoint in between

/// The disk after a power failure, and what had been acknowledged until then.
struct Failure {
    std::string folder;
    std::set<std::string> acknowledged;
};

class PowerLoss : public testing::Test {
  protected:
    void TearDown() override { forget_files(); }

    std::vector<Failure> fail_now_and_then(std::string synchronous, Unsynced unsynced) {
        db::sqlite::Options options;
        options.path = folder_.path() + "/data.db";
        options.vfs = register_unsynced_vfs();
        options.synchronous = std::move(synchronous);
        EXPECT_TRUE(db::sqlite::migrate(options, sign_up_tables()).has_value());
        asio::io_context io(1);
        auto database = db::sqlite::open(io.get_executor(), options).value();
        int running = clients;
        for (int i = 0; i < clients; ++i) {
            asio::co_spawn(io, client(*database, unsynced, running), asio::detached);
        }
        // NOLINTNEXTLINE(bugprone-infinite-loop): the coroutines have it by reference.
        while (running > 0) io.run_one();
        return std::move(failures_);
    }

    Task<void> client(db::Database& database, Unsynced unsynced, int& running) {
        while (next_ < sign_ups) {
            auto id = std::to_string(next_++);
            auto done = co_await sign_up(database, id);
            if (!done) break;
            acknowledged_.insert(id);
            if (acknowledged_.size() % 16 == 1) fail_power(unsynced);
        }
        --running;
        co_return Result<void>();
    }

    void fail_power(Unsynced unsynced) {
        auto number = static_cast<unsigned>(failures_.size());
        auto folder = folder_.path() + "/after" + std::to_string(number);
        lose_power(folder, unsynced, number);
        failures_.push_back({folder, acknowledged_});
    }

    TempFolder folder_;
    std::size_t next_ = 0;
    std::set<std::string> acknowledged_;
    std::vector<Failure> failures_;
};

TEST_F(PowerLoss, TakesNothingThatWasAcknowledged) {
    auto failures = fail_now_and_then("FULL", Unsynced::lost);

    ASSERT_EQ(failures.size(), sign_ups / 16);
    for (const auto& failure : failures) {
        auto found = look(failure.folder + "/data.db");
        EXPECT_EQ(found.problem, "");
        EXPECT_EQ(found.missing(failure.acknowledged), 0u) << failure.folder;
    }
}

TEST_F(PowerLoss, TakesNothingThatWasAcknowledgedWhenTheDiskWritesInItsOwnOrder) {
    auto failures = fail_now_and_then("FULL", Unsynced::some_kept);

    ASSERT_EQ(failures.size(), sign_ups / 16);
    for (const auto& failure : failures) {
        auto found = look(failure.folder + "/data.db");
        EXPECT_EQ(found.problem, "");
        EXPECT_EQ(found.missing(failure.acknowledged), 0u) << failure.folder;
    }
}

// Proves that the two tests above can fail.
TEST_F(PowerLoss, TakesAcknowledgedSignUpsWhenNothingIsSynced) {
    auto failures = fail_now_and_then("OFF", Unsynced::lost);

    std::size_t missing = 0;
    for (const auto& failure : failures) {
        missing += look(failure.folder + "/data.db").missing(failure.acknowledged);
    }
    EXPECT_GT(missing, 0u);
}

}  // namespace
}  // namespace cardea::faults
