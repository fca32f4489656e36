#include "cardea/schema/environment.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cardea::schema {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Environment with(const Environment::Variables& process) {
    return Environment(process);
}

class SecretFile : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "cardea_environment_XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(std::string_view content, mode_t mode = 0600) {
        std::string path = (folder_ / "secret").string();
        std::ofstream(path, std::ios::binary) << content;
        ::chmod(path.c_str(), mode);
        return path;
    }

    std::filesystem::path folder_;
};

using EnvironmentFile = SecretFile;

TEST_F(EnvironmentFile, IsRefusedWhenOthersCanReadIt) {
    for (mode_t mode : {0604, 0644, 0666, 0602, 0601}) {
        auto path = write("hunter2", mode);
        Environment environment = with({{"KEY_FILE", path}});

        auto key = environment.take("KEY");

        ASSERT_FALSE(key) << mode;
        EXPECT_TRUE(key.error().is(variable_unusable));
        EXPECT_THAT(key.error().detail(), AllOf(HasSubstr("KEY_FILE"), HasSubstr("chmod 600")));
    }
}

TEST_F(EnvironmentFile, IsRefusedWhenTheVariableIsThereToo) {
    Environment environment = with({{"KEY", "a"}, {"KEY_FILE", write("b")}});

    auto key = environment.take("KEY");

    ASSERT_FALSE(key);
    EXPECT_THAT(key.error().detail(), HasSubstr("KEY and KEY_FILE are both set"));
}

TEST_F(EnvironmentFile, IsRefusedWhenItIsNotThere) {
    Environment environment = with({{"KEY_FILE", (folder_ / "nowhere").string()}});

    auto key = environment.take("KEY");

    ASSERT_FALSE(key);
    EXPECT_THAT(key.error().detail(), HasSubstr("nowhere"));
}

TEST_F(EnvironmentFile, IsRefusedWhenItIsNoFile) {
    EXPECT_FALSE(read_secret_file(folder_.string()));
    auto pipe = (folder_ / "pipe").string();
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_FALSE(read_secret_file(pipe));
}

TEST_F(EnvironmentFile, IsRefusedAboveSixtyFourKilobytes) {
    EXPECT_TRUE(read_secret_file(write(std::string(65536, 'x'))));
    EXPECT_FALSE(read_secret_file(write(std::string(65537, 'x'))));
}

TEST_F(EnvironmentFile, GivesItsContentWithoutTheLineEnd) {
    EXPECT_EQ(read_secret_file(write("hunter2\n"))->reveal(), "hunter2");
    EXPECT_EQ(read_secret_file(write("hunter2\r\n"))->reveal(), "hunter2");
    EXPECT_EQ(read_secret_file(write("hunter2"))->reveal(), "hunter2");
    EXPECT_EQ(read_secret_file(write(" a \n\n"))->reveal(), " a \n");
    EXPECT_EQ(read_secret_file(write(""))->reveal(), "");
}

TEST_F(EnvironmentFile, MayBeReadableByTheGroup) {
    Environment environment = with({{"KEY_FILE", write("b", 0640)}});

    auto key = environment.take("KEY");

    ASSERT_TRUE(key && *key);
    EXPECT_EQ((*key)->value.reveal(), "b");
    EXPECT_EQ((*key)->origin, "KEY_FILE");
}

TEST_F(EnvironmentFile, CountsWhenTheVariableIsEmpty) {
    Environment environment = with({{"KEY", ""}, {"KEY_FILE", write("b")}});

    EXPECT_EQ(environment.demand("KEY")->reveal(), "b");
}

TEST(Environment, NamesTheVariableThatIsMissing) {
    Environment environment = with({{"EMPTY", ""}});

    for (auto name : {"DATABASE_URL", "EMPTY"}) {
        auto value = environment.demand(name);
        ASSERT_FALSE(value);
        EXPECT_TRUE(value.error().is(variable_missing));
        EXPECT_EQ(value.error().detail(), name);
    }
}

TEST(Environment, LetsTheProcessWinOverTheFile) {
    Environment environment = with({{"A", "process"}});

    auto problems = environment.add_dotenv("A=file\nB=file", ".env");

    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(environment.find("A")->value.reveal(), "process");
    EXPECT_EQ(environment.find("A")->origin, "environment");
    EXPECT_EQ(environment.find("B")->value.reveal(), "file");
    EXPECT_EQ(environment.find("B")->origin, ".env:2");
}

TEST(Environment, InterpolatesWithWhatTheProcessSays) {
    Environment environment = with({{"HOST", "db.example"}});

    environment.add_dotenv("HOST=ignored\nURL=postgres://${HOST}/app", ".env");

    EXPECT_EQ(environment.find("URL")->value.reveal(), "postgres://db.example/app");
}

TEST(Environment, PassesOnProblemsWithFileAndLine) {
    Environment environment;

    auto problems = environment.add_dotenv("A=1\nnonsense", "config/.env");

    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].source, "config/.env:2");
    EXPECT_EQ(problems[0].text(),
              "config/.env:2: found a line of another form, expected NAME=value");
}

TEST(Environment, KnowsWhatTheProcessWasStartedWith) {
    ::setenv("CARDEA_TEST_VARIABLE", "a=b", 1);

    EXPECT_EQ(Environment::of_process().at("CARDEA_TEST_VARIABLE"), "a=b");
    ::unsetenv("CARDEA_TEST_VARIABLE");
}

TEST(SettingProblem, IsOneLine) {
    SettingProblem problem{"config.toml:3:1", "Server_configuration.prot", "an unknown key",
                           "the name of a setting", "port"};

    EXPECT_EQ(
        problem.text(),
        "config.toml:3:1: Server_configuration.prot: found an unknown key, expected the name of "
        "a setting; did you mean `port`?");
}

}  // namespace
}  // namespace cardea::schema
