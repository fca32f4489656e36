#include "cardea/embed/configuration.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

namespace cardea {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Configuration : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "cardea_configuration_XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        std::filesystem::remove_all(folder_);
        ::unsetenv("CARDEA_EXAMPLE_URL");
    }

    std::filesystem::path write(const std::string& name, std::string_view text) {
        auto path = folder_ / name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    TomlConfiguration toml_ = TomlConfiguration::parse(R"(
top = 1
[Server_configuration]
host = "127.0.0.1"
port = 8080
ratio = 0.5
public_url = "none"
hosts = ["a", "b"]
idle_limit = "10m"
poll = 1.5
[Server_configuration.debug_mode]
debug = true
)")
                                  .value();
    std::filesystem::path folder_;
};

TEST_F(Configuration, NamesAVariableThatIsMissing) {
    auto url = get_environment_variable(Environment(), "DATABASE_URL");

    ASSERT_FALSE(url);
    EXPECT_TRUE(url.error().is(schema::variable_missing));
    EXPECT_THAT(url.error().describe(), HasSubstr("DATABASE_URL"));
}

TEST_F(Configuration, NamesEveryWrongLineOfAnEnvironmentFile) {
    auto environment = load_environment(write(".env", "A=1\nnonsense\nB=\"hunter2\n"));

    ASSERT_FALSE(environment);
    EXPECT_TRUE(environment.error().is(configuration_unreadable));
    EXPECT_THAT(environment.error().detail(),
                AllOf(HasSubstr(".env:2"), HasSubstr(".env:3"), Not(HasSubstr("hunter2"))));
}

TEST_F(Configuration, RefusesAFolderForAFile) {
    EXPECT_FALSE(load_environment(folder_));
    EXPECT_FALSE(TomlConfiguration::load(folder_));
}

TEST_F(Configuration, NeedsNoEnvironmentFile) {
    ::setenv("CARDEA_EXAMPLE_URL", "process", 1);

    auto environment = load_environment(folder_ / ".env");

    ASSERT_TRUE(environment);
    EXPECT_EQ(get_environment_variable(*environment, "CARDEA_EXAMPLE_URL").value(), "process");
}

TEST_F(Configuration, LetsTheProcessWinOverTheFile) {
    ::setenv("CARDEA_EXAMPLE_URL", "process", 1);
    auto environment = load_environment(
        write(".env", "CARDEA_EXAMPLE_URL=file\nCARDEA_EXAMPLE_KEY=\"from file\"\n"));

    ASSERT_TRUE(environment);
    EXPECT_EQ(get_environment_variable(*environment, "CARDEA_EXAMPLE_URL").value(), "process");
    EXPECT_EQ(get_environment_variable(*environment, "CARDEA_EXAMPLE_KEY").value(), "from file");
}

TEST_F(Configuration, ReadsAVariableFromItsFile) {
    auto path = write("key", "hunter2\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    Environment environment(Environment::Variables{{"SECRET_KEY_FILE", path.string()}});

    EXPECT_EQ(get_environment_variable(environment, "SECRET_KEY").value(), "hunter2");
}

TEST_F(Configuration, SaysWhereATextIsNotToml) {
    auto toml = TomlConfiguration::load(write("config.toml", "a = 1\nb = \n"));

    ASSERT_FALSE(toml);
    EXPECT_TRUE(toml.error().is(configuration_unreadable));
    EXPECT_THAT(toml.error().detail(), HasSubstr("config.toml:2:"));
}

TEST_F(Configuration, SaysWhichFileIsNotThere) {
    auto toml = TomlConfiguration::load(folder_ / "nowhere.toml");

    ASSERT_FALSE(toml);
    EXPECT_THAT(toml.error().detail(), HasSubstr("nowhere.toml"));
}

TEST_F(Configuration, NamesAKeyThatIsMissing) {
    auto value = get_toml_variable<int>(toml_, "Server_configuration", "prot");

    ASSERT_FALSE(value);
    EXPECT_TRUE(value.error().is(configuration_missing));
    EXPECT_EQ(value.error().detail(), "Server_configuration.prot");
}

TEST_F(Configuration, RefusesAValueOfAnotherTypeAlsoWithADefault) {
    auto port = get_toml_variable(toml_, "Server_configuration", "host", 5000);

    ASSERT_FALSE(port);
    EXPECT_TRUE(port.error().is(configuration_wrong));
    EXPECT_THAT(port.error().detail(),
                AllOf(HasSubstr("config.toml:4:1"), HasSubstr("an integer")));
    EXPECT_FALSE(get_toml_variable(toml_, "Server_configuration", "port", "0.0.0.0"));
    EXPECT_FALSE(get_toml_variable(toml_, "", "Server_configuration", "x"));
}

TEST_F(Configuration, ReadsEveryType) {
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "host", "0.0.0.0").value(),
              "127.0.0.1");
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "port", 5000).value(), 8080);
    EXPECT_EQ(get_toml_variable<std::int64_t>(toml_, "", "top").value(), 1);
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "ratio", 1.0).value(), 0.5);
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "idle_limit", 30s).value(), 10min);
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "poll", 1ms).value(), 1500ms);
    EXPECT_THAT(
        get_toml_variable<std::vector<std::string>>(toml_, "Server_configuration", "hosts").value(),
        ElementsAre("a", "b"));
}

TEST_F(Configuration, ReadsDottedSections) {
    EXPECT_TRUE(
        get_toml_variable(toml_, "Server_configuration.debug_mode", "debug", false).value());
}

TEST_F(Configuration, TakesNoneForNotSet) {
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "public_url", "otherwise").value(),
              "otherwise");
    EXPECT_FALSE(get_toml_variable<std::string>(toml_, "Server_configuration", "public_url"));
}

TEST_F(Configuration, GivesTheDefaultForWhatIsNotThere) {
    EXPECT_EQ(get_toml_variable(toml_, "Nowhere.at.all", "port", 5000).value(), 5000);
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration", "", "x").value(), "x");
    EXPECT_EQ(get_toml_variable(toml_, "Server_configuration.host", "more", "x").value(), "x");
}

}  // namespace
}  // namespace cardea
