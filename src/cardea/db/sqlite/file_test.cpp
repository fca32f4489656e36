// The data file as a file: what is refused, who may read it, who serves on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cardea/db/sqlite/sqlite.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::db::sqlite {
namespace {

using testing::HasSubstr;

constexpr Statement make_table{"test.make", "CREATE TABLE things (id TEXT)"};

int mode_of(const std::string& path) {
    struct stat info{};
    return stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

class DataFile : public testing::Test {
  protected:
    Result<std::unique_ptr<Database>> open() {
        Options options;
        options.path = path_;
        return sqlite::open(io_.get_executor(), options);
    }
    std::string refusal() {
        auto opened = open();
        if (opened) return "it was opened";
        return std::string(opened.error().reason().slug) + " " + opened.error().detail();
    }

    TempFolder folder_;
    std::string path_ = folder_.path() + "/data.db";
    asio::io_context io_{1};
};

TEST_F(DataFile, IsNotMadeInAFolderThatIsMissingTwoLevelsUp) {
    path_ = folder_.path() + "/no/such/data.db";

    EXPECT_THAT(refusal(), HasSubstr("db.cannot_open"));
    EXPECT_THAT(refusal(), HasSubstr("does not exist"));
}

TEST_F(DataFile, IsNotAFolder) {
    path_ = folder_.path();

    EXPECT_THAT(refusal(), HasSubstr("is not a file"));
}

TEST_F(DataFile, IsNotBelowAFile) {
    write_file(folder_.path() + "/file", "text");
    path_ = folder_.path() + "/file/data.db";

    EXPECT_THAT(refusal(), HasSubstr("db.cannot_open"));
}

TEST_F(DataFile, OfAnotherFormatIsRefusedAndLeftAlone) {
    auto text = std::string(5000, 'x');
    write_file(path_, text);

    EXPECT_THAT(refusal(), HasSubstr("not a database"));
    std::ifstream in(path_);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), text);
}

TEST_F(DataFile, ThatMayNotBeWrittenIsRefused) {
    if (geteuid() == 0) GTEST_SKIP() << "root may write everything";
    write_file(path_, "");
    std::filesystem::permissions(path_, std::filesystem::perms::owner_read);

    EXPECT_THAT(refusal(), HasSubstr("cannot be read and written"));
}

TEST_F(DataFile, InMemoryCannotBeMigratedBeforeItIsOpened) {
    Options options;
    options.path = ":memory:";

    EXPECT_TRUE(migrate(options, {}).error().is(cannot_open));
}

TEST_F(DataFile, IsMadeForItsOwnerOnlyWithItsJournal) {
    auto before = umask(0);

    auto opened = open();
    ASSERT_TRUE(opened.has_value()) << opened.error().describe();
    ASSERT_TRUE(run(io_, (*opened)->run(make_table, {})).has_value());
    umask(before);

    EXPECT_EQ(mode_of(path_), 0600);
    EXPECT_EQ(mode_of(path_ + "-wal"), 0600);
    EXPECT_EQ(mode_of(path_ + "-shm"), 0600);
}

TEST_F(DataFile, ThatOthersCouldReadIsClosedToThem) {
    write_file(path_, "");
    std::filesystem::permissions(path_, std::filesystem::perms(0644));

    ASSERT_TRUE(open().has_value());

    EXPECT_EQ(mode_of(path_), 0600);
}

TEST_F(DataFile, IsLockedInAFolderThatIsNotThereYet) {
    path_ = folder_.path() + "/new/data.db";

    auto lock = lock_data_file(path_);

    ASSERT_TRUE(lock) << lock.error().detail();
    EXPECT_EQ(mode_of(folder_.path() + "/new"), 0700);
}

TEST_F(DataFile, IsMadeTogetherWithItsFolder) {
    path_ = folder_.path() + "/new/data.db";

    ASSERT_TRUE(open().has_value());

    EXPECT_EQ(mode_of(folder_.path() + "/new"), 0700);
}

TEST_F(DataFile, InMemoryLeavesNothingBehind) {
    auto opened = open_in_memory(io_.get_executor(), {});
    ASSERT_TRUE(opened.has_value()) << opened.error().describe();

    ASSERT_TRUE(run(io_, (*opened)->run(make_table, {})).has_value());

    EXPECT_EQ(::access(":memory:", F_OK), -1);
}

TEST_F(DataFile, IsServedByOneProcessOnly) {
    auto first = lock_data_file(path_);
    ASSERT_TRUE(first.has_value()) << first.error().describe();

    auto second = lock_data_file(path_);

    ASSERT_FALSE(second.has_value());
    EXPECT_TRUE(second.error().is(already_served));
    EXPECT_THAT(second.error().detail(), HasSubstr("process " + std::to_string(getpid())));
    EXPECT_EQ(mode_of(path_ + ".lock"), 0600);
}

TEST_F(DataFile, CanBeServedAgainWhenTheFirstServerHasBeenKilled) {
    auto child = fork();
    if (child == 0) {
        auto lock = lock_data_file(path_);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);

    EXPECT_TRUE(lock_data_file(path_).has_value());
}

}  // namespace
}  // namespace cardea::db::sqlite
