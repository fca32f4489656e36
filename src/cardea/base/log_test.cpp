// The log as a whole: what arrives in a file, and that a broken output never stops the process.
#include "cardea/base/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "cardea/base/text.hpp"

namespace cardea::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

/// The log opened in a file of its own; standard error again afterwards.
class Log : public testing::Test {
  public:
    Log() : file_(std::filesystem::temp_directory_path() / "cardea-log-XXXXXX") {
        int descriptor = mkstemp(file_.data());
        EXPECT_GE(descriptor, 0);
        ::close(descriptor);
        open_file("text");
    }
    ~Log() override {
        EXPECT_TRUE(open({.level = Level::warn, .file = {}, .format = "text"}));
        std::filesystem::remove(file_);
    }

  protected:
    void open_file(const std::string& format, Level level = Level::info) {
        ASSERT_TRUE(open({.level = level, .file = file_, .format = format}));
    }
    std::vector<std::string> lines() {
        flush();
        return written();
    }
    std::vector<std::string> written() const {
        std::ifstream in(file_);
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        return lines;
    }

    std::string file_;
};

/// A pipe whose write end the log opens by name.
class Pipe {
  public:
    Pipe() { EXPECT_EQ(pipe(ends_), 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_reader();
        ::close(ends_[1]);
    }
    std::string write_end() const { return "/dev/fd/" + std::to_string(ends_[1]); }
    void close_reader() {
        if (ends_[0] >= 0) ::close(ends_[0]);
        ends_[0] = -1;
    }

  private:
    int ends_[2];
};

TEST_F(Log, CannotBeOpenedWhereNoFileCanBe) {
    auto opened = open({.level = Level::info, .file = "/nowhere/at/all.log", .format = "text"});

    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(cannot_open));
    EXPECT_THAT(opened.error().detail(), HasSubstr("/nowhere/at/all.log: No such file"));
    info("still.here");
    EXPECT_THAT(lines(), SizeIs(1)) << "the log that was open stays open";
}

TEST_F(Log, WritesOneLineAnEvent) {
    std::string id = "acc_1";
    info("session.ended", kv("account", id), kv("count", 3), kv("admin", true));

    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_THAT(
        written()[0],
        MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9][0-"
                     "9][0-9]Z info session\\.ended account=acc_1 count=3 admin=true"));
}

TEST_F(Log, WritesJsonWhenTold) {
    open_file("json");
    info("http.request", kv("path", "/a \"b\"\n"), kv("status", 200), kv("cold", false));

    ASSERT_THAT(lines(), SizeIs(1));
    auto line = boost::json::parse(written()[0]).as_object();
    EXPECT_EQ(line.at("level").as_string(), "info");
    EXPECT_EQ(line.at("event").as_string(), "http.request");
    EXPECT_EQ(line.at("path").as_string(), "/a \"b\"\n");
    EXPECT_EQ(line.at("status").as_int64(), 200);
    EXPECT_EQ(line.at("cold").as_bool(), false);
    EXPECT_THAT(std::string(line.at("time").as_string()), EndsWith("Z"));
}

TEST_F(Log, IsNotForgedByWhatPeopleType) {
    info("sign_in.failed",
         kv("email", "a@b\n2026-01-01T00:00:00.000Z info sign_in.done\x1b[2K admin=1"));

    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_FALSE(has_control(written()[0]));
    EXPECT_THAT(written()[0], HasSubstr(R"(email="a@b\n2026)"));
}

TEST_F(Log, CutsAFieldAt512Bytes) {
    info("long", kv("agent", std::string(1'000'000, 'x')), kv("next", 1));

    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_THAT(written()[0], HasSubstr("agent=\"" + std::string(512, 'x') + "…\" next=1"));
    EXPECT_LT(written()[0].size(), 600u);
}

TEST_F(Log, LeavesAFieldOf512BytesWhole) {
    info("long", kv("agent", std::string(512, 'x')));

    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_THAT(written()[0], EndsWith("agent=" + std::string(512, 'x')));
}

TEST_F(Log, DropsWhatIsBelowItsLevel) {
    open_file("text", Level::warn);
    EXPECT_FALSE(is_on(Level::info));

    info("quiet");
    debug("quieter");
    error("loud");

    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_THAT(written()[0], EndsWith(" error loud"));
}

TEST_F(Log, WritesByItselfWithoutAFlush) {
    info("later");

    auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (written().empty() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();

    EXPECT_THAT(written(), SizeIs(1));
}

TEST_F(Log, KeepsEveryLineOfManyThreadsWhole) {
    constexpr int threads = 4;
    constexpr int each = 5000;
    {
        std::vector<std::jthread> crowd;
        crowd.reserve(threads);
        for (int t = 0; t < threads; ++t) {
            crowd.emplace_back([t] {
                for (int i = 0; i < each; ++i) info("tick", kv("thread", t), kv("number", i));
            });
        }
    }

    auto all = lines();
    ASSERT_THAT(all, SizeIs(threads * each));
    for (const auto& line : all) {
        ASSERT_THAT(line, MatchesRegex(".*Z info tick thread=[0-3] number=[0-9]+"));
    }
}

TEST_F(Log, MovesOnToAnotherFile) {
    info("first");
    ASSERT_THAT(lines(), SizeIs(1));
    auto moved = file_ + ".1";
    std::filesystem::rename(file_, moved);

    open_file("text");
    info("second");

    ASSERT_THAT(lines(), SizeIs(1));
    EXPECT_THAT(written()[0], EndsWith("second"));
    struct stat status{};
    EXPECT_EQ(stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << "a log may name people";
    std::filesystem::remove(moved);
}

TEST_F(Log, CountsLinesThatAFullDiskLost) {
    auto before = dropped();
    ASSERT_TRUE(open({.level = Level::info, .file = "/dev/full", .format = "text"}));
    info("lost");
    info("lost too");
    flush();
    EXPECT_EQ(dropped() - before, 2u);

    open_file("text");
    info("back");
    flush();

    auto all = lines();
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_THAT(all[0], EndsWith("info back"));
    EXPECT_THAT(all[1], EndsWith("warn log.lines_dropped lines=2"));
}

TEST_F(Log, OutlivesAPipeThatWasClosed) {
    Pipe pipe;
    auto before = dropped();
    ASSERT_TRUE(open({.level = Level::info, .file = pipe.write_end(), .format = "text"}));
    pipe.close_reader();

    warn("into.the.void");
    flush();

    EXPECT_EQ(dropped() - before, 1u) << "and no SIGPIPE ended this process";
}

TEST_F(Log, DoesNotWaitForAReaderThatSleeps) {
    Pipe pipe;
    auto before = dropped();
    ASSERT_TRUE(open({.level = Level::info, .file = pipe.write_end(), .format = "text"}));
    std::string filler(500, 'x');

    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 40'000; ++i) info("filler", kv("text", filler));
    flush();

    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    EXPECT_GT(dropped() - before, 30'000u);
}

}  // namespace
}  // namespace cardea::log
