#include "cardea/schema/settings.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cardea/base/text.hpp"
#include "cardea/schema/json.hpp"
#include "cardea/schema/setting_text.hpp"

namespace cardea::schema {
namespace program {

struct DebugMode {
    bool debug = false;
};
DESCRIBED(DebugMode, (debug, "Says more in the log."))

enum class Level { quiet, loud };
BOOST_DESCRIBE_ENUM(Level, quiet, loud)

struct Server {
    std::string host = "127.0.0.1";
    std::uint16_t port = 5000;
    std::optional<std::string> public_url;
    std::chrono::seconds idle_limit = 30s;
    std::vector<std::string> hosts{"localhost"};
    Level level = Level::quiet;
    double share = 0.5;
    DebugMode debug_mode;
};
DESCRIBED(Server, (host, "Address to listen on."), (port, "TCP port.", between(1, 65535)),
          (public_url, "Where browsers find the server."),
          (idle_limit, "How long a connection may rest.", between(1s, 1h)),
          (hosts, "Names that are served."), (level, "How much is said."), (share, ""),
          (debug_mode, "Switches for development."))

struct Database {
    SecretText url;
    std::optional<int> pool = 4;
};
DESCRIBED(Database, (url, "Where the database is.", environment("DATABASE_URL")),
          (pool, "How many connections."))

struct Oauth {
    std::optional<std::string> redirect_uri;
    std::map<std::string, Json> providers;
};
DESCRIBED(Oauth,
          (redirect_uri, "Where providers send browsers back to.", environment("REDIRECT_URI")),
          (providers, "One open table for each provider."))

struct Settings {
    Server server;
    Database database;
    Oauth oauth;
};
DESCRIBED(Settings, (server, "Where to listen.", named("Server_configuration")),
          (database, "Where to store.", named("Database")), (oauth, "Providers.", named("OAuth")))

struct Keyed {
    SecretText url{"sqlite:data.db"};
    std::optional<SecretText> spare;
    std::optional<SecretText> other;
};
DESCRIBED(Keyed, (url, "Where."), (spare, "A spare one."), (other, "Another."))

}  // namespace program

namespace {

using program::Settings;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SettingSources toml(std::string text) {
    SettingSources sources;
    sources.toml = std::move(text);
    return sources;
}

SettingSources variables(const Environment::Variables& process) {
    SettingSources sources;
    sources.environment = Environment(process);
    return sources;
}

std::vector<SettingProblem> problems_of(const SettingSources& sources) {
    auto loaded = load_settings<Settings>(sources);
    EXPECT_EQ(loaded.value.has_value(), loaded.problems.empty());
    return loaded.problems;
}

// Problems

TEST(Settings, NameAnUnknownKeyAndTheNearestKnownOne) {
    auto problems = problems_of(toml("[Server_configuration]\nprot = 1\n"));

    EXPECT_THAT(problems,
                ElementsAre(SettingProblem{"config.toml:2:1", "Server_configuration.prot",
                                           "an unknown key", "the name of a setting", "port"}));
}

TEST(Settings, NameAnUnknownSectionAndTheNearestKnownOne) {
    auto problems =
        problems_of(toml("[server_configuration]\nport = 1\n[Server_configuration.debug]\n"));

    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].nearest + problems[1].nearest, "Server_configuration");
    EXPECT_THAT(problems[0].text() + problems[1].text(), HasSubstr("config.toml:3:"));
}

TEST(Settings, SayWhatWasFoundAndWhatIsExpected) {
    auto problems = problems_of(toml("[Server_configuration]\nport = \"http\"\n"));

    EXPECT_THAT(problems,
                ElementsAre(SettingProblem{"config.toml:2:1", "Server_configuration.port",
                                           "\"http\"", "an integer from 1 to 65535", ""}));
}

TEST(Settings, KeepEveryBoundToTheLetter) {
    auto is_good = [](std::string_view port) {
        return problems_of(toml(fmt::format("[Server_configuration]\nport = {}\n", port))).empty();
    };

    EXPECT_TRUE(is_good("1"));
    EXPECT_TRUE(is_good("65535"));
    for (auto port : {"0", "65536", "-1", "9223372036854775807", "1.0", "true", "[]"})
        EXPECT_FALSE(is_good(port)) << port;
}

TEST(Settings, KeepTheBoundsOfDurations) {
    auto is_good = [](std::string_view limit) {
        return problems_of(toml(fmt::format("[Server_configuration]\nidle_limit = {}\n", limit)))
            .empty();
    };

    for (auto limit : {"\"1s\"", "\"1h\"", "90", "\"59m60s\"", "\"1000ms\""})
        EXPECT_TRUE(is_good(limit)) << limit;
    for (auto limit : {"\"0s\"", "\"1h1s\"", "\"1\"", "\"-5s\"", "\"5\"", "\"s\"", "\"5 s\"",
                       "\"1500ms\"", "-1", "\"99999999999999999999d\"", "\"9000000000000000h\""})
        EXPECT_FALSE(is_good(limit)) << limit;
}

TEST(Settings, ReportProblemsOfAllSourcesAtOnce) {
    SettingSources sources =
        toml("[Server_configuration]\nport = 0\nlevel = \"deafening\"\n[Databse]\n");
    sources.environment = Environment(
        {{"CARDEA_SERVER_CONFIGURATION_PORT", "many"}, {"CARDEA_SERVER_CONFIGURATION_HOTS", "x"}});
    sources.environment.add_dotenv("CARDEA_SERVER_CONFIGURATION_SHARE=half", ".env");
    sources.overrides.push_back({"Server_configuration.host", "ok", "--host"});
    sources.overrides.push_back({"Server_configuration.debug_mode.debug", "maybe", "--debug"});

    std::vector<std::string> texts;
    for (const auto& problem : problems_of(sources)) texts.push_back(problem.text());

    EXPECT_THAT(texts, testing::UnorderedElementsAre(
                           "config.toml:2:1: Server_configuration.port: found 0, expected an "
                           "integer from 1 to 65535",
                           "config.toml:3:1: Server_configuration.level: found \"deafening\", "
                           "expected one of quiet, loud",
                           "config.toml:4:2: Databse: found an unknown key, expected the name of a "
                           "setting; did you mean "
                           "`Database`?",
                           "environment CARDEA_SERVER_CONFIGURATION_PORT: "
                           "Server_configuration.port: found \"many\", "
                           "expected an integer from 1 to 65535",
                           "environment: CARDEA_SERVER_CONFIGURATION_HOTS: found an unknown "
                           "setting, expected the name of "
                           "a setting; did you mean `CARDEA_SERVER_CONFIGURATION_HOSTS`?",
                           ".env:1: Server_configuration.share: found \"half\", expected a number",
                           "--debug: Server_configuration.debug_mode.debug: found \"maybe\", "
                           "expected true or false"));
}

TEST(Settings, KeepWhatCouldBeReadBesideWhatIsWrong) {
    auto loaded = load_settings<Settings>(
        toml("[Server_configuration]\nprot = 1\nport = \"many\"\nhost = \"10.0.0.1\"\n"
             "hosts = [\"a\", 5]\n[nonsense]\na = 1\n"));

    EXPECT_FALSE(loaded.value);
    ASSERT_TRUE(loaded.readable);
    EXPECT_EQ(loaded.readable->server.host, "10.0.0.1");
    EXPECT_EQ(loaded.readable->server.port, 5000);
    EXPECT_EQ(loaded.readable->server.hosts, std::vector<std::string>{"localhost"});
}

TEST(Settings, GuessNothingFromATextThatIsNoToml) {
    EXPECT_FALSE(load_settings<Settings>(toml("[Server_configuration\n")).readable);
}

TEST(Settings, KnowWhereAValueOrItsSectionStands) {
    auto loaded = load_settings<Settings>(toml("[Server_configuration]\nport = 80\n"));

    EXPECT_EQ(origin_of(loaded.origins, "Server_configuration.port"), "config.toml:2:1");
    EXPECT_THAT(origin_of(loaded.origins, "Server_configuration.host"),
                testing::StartsWith("config.toml:1:"));
    EXPECT_EQ(origin_of(loaded.origins, "Database.url"), "");
}

TEST(Settings, ReportATextThatIsNoTomlWithItsPlace) {
    auto problems = problems_of(toml("[Server_configuration]\nport = \n"));

    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].source.substr(0, 14), "config.toml:2:");
}

TEST(Settings, ReportAWrongLineEvenWhereALaterSourceWins) {
    SettingSources sources = toml("[Server_configuration]\nport = 0\n");
    sources.environment =
        Environment(Environment::Variables{{"CARDEA_SERVER_CONFIGURATION_PORT", "80"}});

    EXPECT_EQ(problems_of(sources).size(), 1u);
}

TEST(Settings, NeverRepeatASecret) {
    std::vector<SettingSources> all{
        toml("[Database]\nurl = [\"hunter2\"]\n"),
        toml("[Database]\nulr = \"hunter2\"\n"),
        toml("Database = \"hunter2\"\n"),
        toml("[OAuth]\nredirect_uri = \"a\"\n[OAuth.providers]\ngoogle = "
             "1\n[Server_configuration]\nport = "
             "\"postgres://me:hunter2@host/db\"\n"),
        variables({{"DATABASE_URL", "hunter2"}, {"CARDEA_DATABASE_URL", "hunter2"}}),
        variables({{"DATABASE_URL", "hunter2"}, {"DATABASE_URL_FILE", "/nowhere"}}),
        variables({{"CARDEA_DATABASE_ULR", "hunter2"}})};
    all.push_back({});
    all.back().overrides.push_back({"Database.url", "hunter2", "--database-url"});

    for (const auto& sources : all) {
        auto problems = problems_of(sources);
        EXPECT_EQ(problems.size(), 1u);
        for (const auto& problem : problems) EXPECT_THAT(problem.text(), Not(HasSubstr("hunter2")));
    }
}

TEST(Settings, RefuseASecretOnTheCommandLine) {
    SettingSources sources;
    sources.overrides.push_back({"Database.url", "x", "--database-url"});

    auto problems = problems_of(sources);

    ASSERT_EQ(problems.size(), 1u);
    EXPECT_THAT(problems[0].text(),
                AllOf(HasSubstr("--database-url"), HasSubstr("CARDEA_DATABASE_URL")));
}

TEST(Settings, RefuseAnUnknownKeyOnTheCommandLine) {
    SettingSources sources;
    sources.overrides.push_back({"Server_configuration.prt", "1", "--set"});

    auto problems = problems_of(sources);

    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].nearest, "port");
}

TEST(Settings, RefuseASectionThatIsNone) {
    auto problems = problems_of(toml("Server_configuration = 5\n"));

    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].expected, "a table");
}

TEST(Settings, LeaveNamesAloneThatAreNotTheirs) {
    SettingSources sources = variables({{"PATH", "/bin"},
                                        {"CARDEA_SERVICE_HOST", "10.0.0.1"},
                                        {"CARDEA_PORT", "tcp://10.0.0.1:80"},
                                        {"CARDEA_CONFIG", "x"},
                                        {"CARDEA_OAUTH_PROVIDERS_GOOGLE", "x"}});
    sources.other_names.push_back("CARDEA_CONFIG");

    EXPECT_THAT(problems_of(sources), IsEmpty());
}

// Values

TEST(Settings, AreTheirDefaultsWithoutASource) {
    auto loaded = load_settings<Settings>({});

    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->server.port, 5000);
    EXPECT_EQ(loaded.value->database.pool, 4);
    EXPECT_THAT(loaded.origins, IsEmpty());
}

TEST(Settings, AreReadFromTheOriginalSections) {
    auto loaded = load_settings<Settings>(toml(R"(
[Server_configuration]
host = "0.0.0.0"
port = 8080
public_url = "https://id.example"
idle_limit = "10m"
hosts = ["a", "b"]
level = "loud"
share = 1
[Server_configuration.debug_mode]
debug = true
[Database]
pool = 7
[OAuth.providers.example]
issuer = "https://issuer.example"
scopes = ["openid"]
)"));

    ASSERT_TRUE(loaded.value);
    const auto& server = loaded.value->server;
    EXPECT_EQ(server.host, "0.0.0.0");
    EXPECT_EQ(server.port, 8080);
    EXPECT_EQ(server.public_url, "https://id.example");
    EXPECT_EQ(server.idle_limit, 600s);
    EXPECT_THAT(server.hosts, ElementsAre("a", "b"));
    EXPECT_EQ(server.level, program::Level::loud);
    EXPECT_EQ(server.share, 1.0);
    EXPECT_TRUE(server.debug_mode.debug);
    EXPECT_EQ(loaded.value->database.pool, 7);
    EXPECT_EQ(loaded.value->oauth.providers.at("example").at("issuer"),
              Json("https://issuer.example"));
}

TEST(Settings, AreReadFromTheEnvironment) {
    auto loaded =
        load_settings<Settings>(variables({{"CARDEA_SERVER_CONFIGURATION_PORT", "8080"},
                                           {"CARDEA_SERVER_CONFIGURATION_IDLE_LIMIT", "10m"},
                                           {"CARDEA_SERVER_CONFIGURATION_HOSTS", "a, b"},
                                           {"CARDEA_SERVER_CONFIGURATION_LEVEL", "loud"},
                                           {"CARDEA_SERVER_CONFIGURATION_SHARE", "0.25"},
                                           {"CARDEA_SERVER_CONFIGURATION_DEBUG_MODE_DEBUG", "true"},
                                           {"DATABASE_URL", "sqlite:x"},
                                           {"REDIRECT_URI", "https://id.example/auth/callback"}}));

    ASSERT_TRUE(loaded.value) << loaded.problems.front().text();
    EXPECT_EQ(loaded.value->server.port, 8080);
    EXPECT_EQ(loaded.value->server.idle_limit, 10min);
    EXPECT_THAT(loaded.value->server.hosts, ElementsAre("a", "b"));
    EXPECT_EQ(loaded.value->server.level, program::Level::loud);
    EXPECT_EQ(loaded.value->server.share, 0.25);
    EXPECT_TRUE(loaded.value->server.debug_mode.debug);
    EXPECT_EQ(loaded.value->database.url.reveal(), "sqlite:x");
    EXPECT_EQ(loaded.value->oauth.redirect_uri, "https://id.example/auth/callback");
}

TEST(Settings, ComeFromTheLastSourceThatSaysSo) {
    SettingSources sources =
        toml("[Server_configuration]\nhost = \"toml\"\nport = 1\nshare = 0.1\n");
    sources.environment = Environment(
        {{"CARDEA_SERVER_CONFIGURATION_PORT", "2"}, {"CARDEA_SERVER_CONFIGURATION_LEVEL", "loud"}});
    sources.environment.add_dotenv(
        "CARDEA_SERVER_CONFIGURATION_PORT=3\nCARDEA_SERVER_CONFIGURATION_HOST=dotenv\n", ".env");
    sources.overrides.push_back({"Server_configuration.level", "quiet", "--quiet"});

    auto loaded = load_settings<Settings>(sources);

    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->server.share, 0.1);
    EXPECT_EQ(loaded.value->server.host, "dotenv");
    EXPECT_EQ(loaded.value->server.port, 2);
    EXPECT_EQ(loaded.value->server.level, program::Level::quiet);
    EXPECT_EQ(loaded.origins.at("Server_configuration.share"), "config.toml:4:1");
    EXPECT_EQ(loaded.origins.at("Server_configuration.host"), ".env:2");
    EXPECT_EQ(loaded.origins.at("Server_configuration.port"),
              "environment CARDEA_SERVER_CONFIGURATION_PORT");
    EXPECT_EQ(loaded.origins.at("Server_configuration.level"), "--quiet");
}

TEST(Settings, TakeNoneForNotSet) {
    auto loaded =
        load_settings<Settings>(toml("[Server_configuration]\nport = \"none\"\npublic_url = "
                                     "\"none\"\n[Database]\npool = \"none\"\n"));

    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->server.port, 5000);
    EXPECT_FALSE(loaded.value->server.public_url);
    EXPECT_FALSE(loaded.value->database.pool);
}

TEST(Settings, TakeAnEmptyVariableForNotSet) {
    SettingSources sources = toml("[Server_configuration]\nport = 81\n");
    sources.environment =
        Environment(Environment::Variables{{"CARDEA_SERVER_CONFIGURATION_PORT", ""}});

    EXPECT_EQ(load_settings<Settings>(sources).value->server.port, 81);
}

TEST(Settings, TakeASecretFromItsFile) {
    std::string path = testing::TempDir() + "cardea_settings_secret";
    std::ofstream(path) << "sqlite:file\n";
    ::chmod(path.c_str(), 0600);

    auto loaded = load_settings<Settings>(variables({{"DATABASE_URL_FILE", path}}));
    std::filesystem::remove(path);

    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->database.url.reveal(), "sqlite:file");
    EXPECT_EQ(loaded.origins.at("Database.url"), "DATABASE_URL_FILE");
}

// What is shown

std::map<std::string, ShownSetting> shown(const SettingSources& sources) {
    auto loaded = load_settings<Settings>(sources);
    std::map<std::string, ShownSetting> result;
    for (auto& setting : settings_show(*loaded.value, loaded.origins))
        result.emplace(setting.key, setting);
    return result;
}

TEST(SettingsShow, MasksEverySecret) {
    SettingSources sources = toml(R"(
[Server_configuration]
public_url = "https://me:hunter2@id.example/"
[OAuth.providers.example]
client_id = "visible"
client_secret = "hunter2"
token_endpoint = "https://issuer.example/token"
nested = [{ private_key = "hunter2" }]
)");
    sources.environment = Environment(Environment::Variables{{"DATABASE_URL", "hunter2"}});
    auto loaded = load_settings<Settings>(sources);
    ASSERT_TRUE(loaded.value) << loaded.problems.front().text();

    auto settings = settings_show(*loaded.value, loaded.origins);

    std::string all = settings_text(settings) + write_json(settings);
    EXPECT_THAT(all, Not(HasSubstr("hunter2")));
    EXPECT_THAT(
        all, AllOf(HasSubstr("visible"), HasSubstr("issuer.example/token"), HasSubstr("********")));
}

TEST(SettingsShow, SaysWhereEachValueComesFrom) {
    SettingSources sources = toml("[Server_configuration]\nport = 81\n");
    sources.environment = Environment(Environment::Variables{{"DATABASE_URL", "x"}});

    auto settings = shown(sources);

    EXPECT_EQ(settings.at("Server_configuration.port").origin, "config.toml:2:1");
    EXPECT_EQ(settings.at("Server_configuration.port").value, Json(81));
    EXPECT_EQ(settings.at("Server_configuration.host").origin, "default");
    EXPECT_EQ(settings.at("Server_configuration.idle_limit").value, Json("30s"));
    EXPECT_EQ(settings.at("Server_configuration.public_url").value, Json(nullptr));
    EXPECT_EQ(settings.at("Database.url").value, Json("********"));
    EXPECT_EQ(settings.at("Database.url").origin, "environment DATABASE_URL");
    EXPECT_EQ(shown({}).at("Database.url").value, Json(nullptr));
}

TEST(SettingsShow, MasksADefaultThatIsASecretToo) {
    program::Keyed keyed;
    keyed.spare = SecretText("hunter2");

    auto settings = settings_show(keyed, {});

    ASSERT_EQ(settings.size(), 3u);
    EXPECT_EQ(settings[0].value, Json("********"));
    EXPECT_EQ(settings[1].value, Json("********"));
    EXPECT_EQ(settings[2].value, Json(nullptr));
}

TEST(SettingsReference, ShowsTheDefaultOfASecret) {
    EXPECT_THAT(settings_reference<program::Keyed>(),
                AllOf(HasSubstr("#url = \"sqlite:data.db\"\n"), HasSubstr("#spare = \"none\"\n")));
}

TEST(SettingsShow, IsAlignedText) {
    std::vector<ShownSetting> settings{{"a", Json(1), "default"},
                                       {"long.key", Json("x"), ".env:1"}};

    EXPECT_EQ(settings_text(settings), "a = 1           # default\nlong.key = \"x\"  # .env:1\n");
}

// The reference

constexpr std::string_view expected_reference =
    R"(# Every setting of cardea with its default. To change one, take the `#` from its line (and from
# nothing else).
# Each can also be set in the environment as CARDEA_<SECTION>_<KEY>, which wins. The text "none"
# means: not set.

# Where to listen.
[Server_configuration]

# Address to listen on.
#host = "127.0.0.1"

# TCP port. An integer from 1 to 65535.
#port = 5000

# Where browsers find the server.
#public_url = "none"

# How long a connection may rest. A duration such as 30s, 10m or 1h, from 1s to 1h.
#idle_limit = "30s"

# Names that are served. A list, each a text.
#hosts = ["localhost"]

# How much is said. One of quiet, loud.
#level = "quiet"

# A number.
#share = 0.5

# Switches for development.
[Server_configuration.debug_mode]

# Says more in the log.
#debug = false

# Where to store.
[Database]

# Where the database is.
# A secret: better set as DATABASE_URL, or as DATABASE_URL_FILE, a file of mode 600, than here.
#url = "none"

# How many connections. An integer from -2147483648 to 2147483647.
#pool = 4

# Providers.
[OAuth]

# Where providers send browsers back to.
# Environment: REDIRECT_URI or REDIRECT_URI_FILE.
#redirect_uri = "none"

# One open table for each provider.
#[OAuth.providers.NAME]
)";

TEST(SettingsReference, IsMadeOfNotesDefaultsAndBounds) {
    EXPECT_EQ(settings_reference<Settings>(), expected_reference);
}

TEST(SettingsReference, IsAFileThatChangesNothing) {
    std::string text = settings_reference<Settings>();
    std::string uncommented;
    for (auto line : split(text, '\n')) {
        bool is_key = line.starts_with('#') && !line.starts_with("# ") && !line.starts_with("#[");
        uncommented += std::string(is_key ? line.substr(1) : line) + '\n';
    }

    EXPECT_THAT(problems_of(toml(text)), IsEmpty());
    auto loaded = load_settings<Settings>(toml(uncommented));
    ASSERT_TRUE(loaded.value) << loaded.problems.front().text();
    auto changed = to_json(*loaded.value);
    auto defaults = to_json(Settings{});
    changed.at("Database").as_object().erase("pool");
    defaults.at("Database").as_object().erase("pool");
    EXPECT_EQ(changed, defaults);
    EXPECT_EQ(loaded.value->database.pool, 4);
}

TEST(SettingText, WritesToml) {
    EXPECT_EQ(toml_text(Json(2.0)), "2.0");
    EXPECT_EQ(toml_text(Json("a\"b\n")), R"("a\"b\n")");
    EXPECT_EQ(toml_text(parse_json(R"({"a b":[1,true],"c":{}})").value()),
              R"({ "a b" = [1, true], c = {} })");
    EXPECT_EQ(toml_text(Json(nullptr)), "\"none\"");
}

TEST(EnvironmentName, IsMadeOfTheKey) {
    EXPECT_EQ(environment_name("Server_configuration.debug_mode.debug"),
              "CARDEA_SERVER_CONFIGURATION_DEBUG_MODE_DEBUG");
}

}  // namespace
}  // namespace cardea::schema
