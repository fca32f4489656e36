// What no single setting can say, and where each finding points.
#include "cardea/engine/settings.hpp"

#include <gmock/gmock.h>

#include "cardea/schema/settings.hpp"

namespace cardea::engine {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using Problem = schema::SettingProblem;

const schema::Environment::Variables with_key{
    {"SECRET_KEY", "q83vEjRWeJq83vEjRWeJ_aGxkb3dpbmdzdGFydHMtaGVyZQ"}};

/// Settings from texts, as the program reads them.
struct Given {
    Given(std::string toml, schema::Environment::Variables variables) : environment(variables) {
        schema::SettingSources sources;
        sources.toml = std::move(toml);
        sources.toml_name = "my.toml";
        sources.environment = environment;
        auto loaded = schema::load_settings<Settings>(sources);
        settings = loaded.readable.value_or(Settings());
        origins = std::move(loaded.origins);
    }
    StartContext context(Mode mode) const {
        return {mode, environment, origins, "my.toml", "data/.env"};
    }
    std::vector<Problem> check(Mode mode) const { return check_start(settings, context(mode)); }

    schema::Environment environment;
    Settings settings;
    schema::SettingOrigins origins;
};

TEST(CheckStart, PointsAtTheLineOfTheFileThatWasRead) {
    Given given("[Server_configuration]\nhost = \"0.0.0.0\"\npublic_url = \"https://a.example\"\n",
                with_key);

    EXPECT_THAT(given.check(Mode::production), Contains(Field(&Problem::source, "my.toml:2:1")));
}

TEST(CheckStart, NamesTheVariableThatSetTheValue) {
    Given given("", {{"PUBLIC_URL", "http://a.example"}});

    EXPECT_THAT(given.check(Mode::production),
                Contains(Field(&Problem::source, HasSubstr("PUBLIC_URL"))));
}

TEST(CheckStart, NamesTheFileForWhatIsMissing) {
    Given given("", {});

    EXPECT_THAT(given.check(Mode::production), Contains(Field(&Problem::source, "my.toml")));
}

TEST(CheckStart, LeavesTheListenerAndItsOriginOutForRecords) {
    Given given("[Server_configuration]\nhost = \"0.0.0.0\"\n", with_key);

    EXPECT_FALSE(given.check(Mode::production).empty());
    EXPECT_FALSE(given.check(Mode::development).empty());
    EXPECT_THAT(given.check(Mode::records), IsEmpty());
}

TEST(CheckEnvironment, RefusesAWeakKeyAlsoWhereItIsThePreviousOne) {
    auto variables = with_key;
    variables["SECRET_KEY_PREVIOUS"] = "changeme";
    Given given("", variables);

    EXPECT_THAT(check_environment(given.context(Mode::records)),
                testing::ElementsAre(Field(&Problem::key, "SECRET_KEY_PREVIOUS")));
}

TEST(CheckEnvironment, SaysWhereAKeyWasLookedFor) {
    Given given("", {});

    EXPECT_THAT(check_environment(given.context(Mode::records)),
                Contains(Field(&Problem::found, HasSubstr("data/.env"))));
}

TEST(WeakSettings, AreNamedWithTheirPlace) {
    Given given(
        "[Server_configuration]\ninsecure_plain_http = true\n[password]\ncost = 4\n"
        "[throttle]\nenabled = false\n",
        with_key);

    auto weak = weak_settings(given.settings, given.context(Mode::production));

    ASSERT_EQ(weak.size(), 3u);
    EXPECT_EQ(weak[0].source, "my.toml:2:1");
    EXPECT_EQ(weak[1].key, "password.cost");
    EXPECT_EQ(weak[2].key, "throttle.enabled");
}

TEST(WeakSettings, AreNoneByDefault) {
    Given given("", with_key);

    EXPECT_THAT(weak_settings(given.settings, given.context(Mode::production)), IsEmpty());
}

}  // namespace
}  // namespace cardea::engine
