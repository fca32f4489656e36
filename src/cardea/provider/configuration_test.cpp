// The configuration of providers: four sources, one table that is written here.
#include "cardea/provider/configuration.hpp"

#include "cardea/db/row.hpp"
#include "cardea/provider/catalogue.hpp"
#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using schema::JsonObject;

class ProviderConfiguration : public ProvidersTest {
  protected:
    Listed listed(const std::string& name) {
        auto all = run(providers->list());
        EXPECT_TRUE(all);
        for (auto& one : *all)
            if (one.name == name) return one;
        ADD_FAILURE() << name << " is not listed";
        return {};
    }
    ShownValue shown_value(const std::string& name, const std::string& key) {
        auto shown = run(providers->show(name));
        EXPECT_TRUE(shown);
        for (auto& value : shown->values)
            if (value.key == key) return value;
        return {};
    }
    template <class T>
    void expect_refused(const Result<T>& result, const Reason& reason) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().reason().slug, reason.slug);
    }
};

TEST_F(ProviderConfiguration, HasNobodyEnabledAtFirst) {
    EXPECT_TRUE(enabled_names().empty());
    EXPECT_EQ(listed("google").problem, "no client id: set GOOGLE_CLIENT_ID");
    expect_refused(run(providers->find("google")), unknown);
    expect_refused(run(providers->find("nobody")), unknown);
    expect_refused(run(providers->ready("../google")), unknown);
}

TEST_F(ProviderConfiguration, EnablesAProviderByTwoVariables) {
    environment = {{"GOOGLE_CLIENT_ID", "id"}};
    EXPECT_EQ(listed("google").problem, "no client secret: set GOOGLE_CLIENT_SECRET");

    environment["GOOGLE_CLIENT_SECRET"] = "secret";
    make_providers();

    EXPECT_EQ(enabled_names(), std::vector<std::string>{"google"});
    EXPECT_EQ(run(providers->find("google")).value()->client_secret.reveal(), "secret");
}

TEST_F(ProviderConfiguration, MakesVariablesOfEveryName) {
    settings.providers["my-idp"] = idp.row();
    environment = {{"MY_IDP_CLIENT_ID", "from environment"}};
    make_providers();

    EXPECT_EQ(run(providers->find("my-idp")).value()->client_id, "from environment");
}

TEST_F(ProviderConfiguration, LaysTheSourcesOverEachOther) {
    settings.providers["github"] = {{"title", "Our GitHub"}, {"client_id", "from config"}};
    environment = {{"GITHUB_CLIENT_SECRET", "from environment"}};
    make_providers();
    ASSERT_TRUE(run(providers->add(
        "github", JsonObject{{"client_id", "from table"}, {"client_secret", "from table"}})));

    auto github = run(providers->find("github")).value();

    EXPECT_EQ(github->title, "Our GitHub");
    EXPECT_EQ(github->client_id, "from table");
    EXPECT_EQ(github->client_secret.reveal(), "from environment");
    EXPECT_EQ(shown_value("github", "title").origin, Origin::config);
    EXPECT_EQ(shown_value("github", "client_id").origin, Origin::table);
    EXPECT_EQ(shown_value("github", "client_secret").origin, Origin::environment);
    EXPECT_EQ(shown_value("github", "token_endpoint").origin, Origin::catalogue);
}

TEST_F(ProviderConfiguration, AddsAProviderThatWorksAtOnce) {
    EXPECT_TRUE(enabled_names().empty());

    add_fake();

    EXPECT_EQ(enabled_names(), std::vector<std::string>{"fake"});
    EXPECT_TRUE(listed("fake").stored);
}

TEST_F(ProviderConfiguration, TakesTheValuesOfVariablesFromEverySource) {
    environment["AUTH0_CLIENT_ID"] = "id";
    environment["AUTH0_CLIENT_SECRET"] = "secret";
    EXPECT_NE(listed("auth0").problem.find("AUTH0_DOMAIN"), std::string::npos);

    settings.providers["auth0"] = schema::JsonObject{{"values", {{"domain", "config.example"}}}};
    make_providers();
    EXPECT_EQ(run(providers->ready("auth0")).value()->issuer, "https://config.example/");

    schema::JsonObject row{{"values", {{"domain", "table.example"}}}};
    ASSERT_TRUE(run(providers->add("auth0", std::move(row))));
    EXPECT_EQ(run(providers->ready("auth0")).value()->issuer, "https://table.example/");

    environment["AUTH0_DOMAIN"] = "environment.example";
    make_providers();
    EXPECT_EQ(run(providers->ready("auth0")).value()->issuer, "https://environment.example/");
}

TEST_F(ProviderConfiguration, RefusesAValueThatItsVariableDoesNotTake) {
    schema::JsonObject row{{"values", {{"domain", "evil.example/x?"}}}};

    auto added = run(providers->add("auth0", std::move(row)));

    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().fields().front().field, "values.domain");
}

TEST_F(ProviderConfiguration, SaysWhatToRegisterBeforeAnythingIsConfigured) {
    auto shown = run(providers->show("linkedin"));

    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->title, "LinkedIn");
    EXPECT_EQ(shown->redirect_uri, "https://app.example/auth/callback/linkedin");
    EXPECT_NE(shown->problem.find("LINKEDIN_CLIENT_ID"), std::string::npos);
}

TEST_F(ProviderConfiguration, SeesWhatAnotherProcessWrote) {
    EXPECT_TRUE(enabled_names().empty());
    Providers::Parts parts{*database, idp, keyring, clock, random};
    Providers other(parts, Options());

    ASSERT_TRUE(run(other.add("fake", idp.row())));
    clock.advance(5ms);
    EXPECT_EQ(enabled_names(), std::vector<std::string>{"fake"});

    ASSERT_TRUE(run(other.update("fake", JsonObject{{"title", "New"}})));
    clock.advance(5ms);
    EXPECT_EQ(run(providers->find("fake")).value()->title, "New");

    ASSERT_TRUE(run(other.remove("fake")));
    clock.advance(5ms);
    EXPECT_TRUE(enabled_names().empty());
}

TEST_F(ProviderConfiguration, KeepsTheSamePointerForWhatDidNotChange) {
    add_fake();
    auto before = run(providers->find("fake")).value();

    ASSERT_TRUE(run(providers->add("second", idp.row())));

    EXPECT_EQ(run(providers->find("fake")).value(), before);
}

TEST_F(ProviderConfiguration, RefusesToAddTwice) {
    add_fake();

    expect_refused(run(providers->add("fake", idp.row())), exists);
}

TEST_F(ProviderConfiguration, RefusesARowThatCannotWorkAndStoresNothing) {
    expect_refused(run(providers->add("fake", JsonObject{{"isuer", "x"}})),
                   oauth::provider_invalid);
    expect_refused(run(providers->add("fake", JsonObject{{"issuer", "http://10.0.0.1"}})),
                   oauth::provider_invalid);
    expect_refused(run(providers->add("Fake/..", idp.row())), oauth::provider_invalid);
    expect_refused(run(providers->add("fake", JsonObject{{"client_secret", 1}})), schema::invalid);

    EXPECT_EQ(run(providers->list()).value().size(), read_catalogue()->size());
}

TEST_F(ProviderConfiguration, StoresSecretsSealed) {
    add_fake();

    auto rows = run(database->run(
        db::Statement{"test.rows", "SELECT config, client_secret FROM oauth_providers"}, {}));

    ASSERT_EQ(rows->size(), 1u);
    auto secret = idp.options.client_secret;
    EXPECT_EQ(rows->rows[0][0].as_text().find(secret), std::string::npos);
    EXPECT_EQ(to_text(rows->rows[0][1].as_bytes()).find(secret), std::string::npos);
    EXPECT_FALSE(rows->rows[0][1].is_null());
}

TEST_F(ProviderConfiguration, NeverShowsASecret) {
    add_fake();

    auto shown = schema::write_json(run(providers->show("fake")).value());

    EXPECT_EQ(shown.find(idp.options.client_secret), std::string::npos);
    EXPECT_TRUE(run(providers->show("fake"))->has_client_secret);
    EXPECT_EQ(shown_value("fake", "client_secret").value, "\"********\"");
}

TEST_F(ProviderConfiguration, RefusesASecretThatWasMovedToAnotherRow) {
    add_fake();
    ASSERT_TRUE(run(providers->add("second", idp.row())));
    db::Values none;
    ASSERT_TRUE(
        run(database->run(db::Statement{"test.swap",
                                        "UPDATE oauth_providers SET client_secret = (SELECT "
                                        "client_secret FROM oauth_providers WHERE name = 'second') "
                                        "WHERE name = 'fake'"},
                          std::move(none))));

    EXPECT_EQ(enabled_names(), std::vector<std::string>{"second"});
    EXPECT_FALSE(listed("fake").problem.empty());
}

TEST_F(ProviderConfiguration, LivesWithARowOfAnotherVersion) {
    add_fake();
    db::Values none;
    ASSERT_TRUE(run(database->run(
        db::Statement{"test.break", "UPDATE oauth_providers SET config = '{\"from_2031\": 1}'"},
        std::move(none))));

    EXPECT_TRUE(enabled_names().empty());
    EXPECT_NE(listed("fake").problem.find("from_2031"), std::string::npos);
    expect_refused(run(providers->find("fake")), unknown);
}

TEST_F(ProviderConfiguration, FollowsAClockThatWasSetBack) {
    add_fake();
    ASSERT_TRUE(run(providers->find("fake")));
    constexpr db::Statement remove{"test.remove", "DELETE FROM oauth_providers"};
    ASSERT_TRUE(run(database->run(remove, db::Values())));

    clock.advance(-1h);

    expect_refused(run(providers->find("fake")), unknown);
}

TEST_F(ProviderConfiguration, UpdatesKeyByKey) {
    add_fake();

    ASSERT_TRUE(run(providers->update(
        "fake", JsonObject{{"title", "T"}, {"profile", {{"email_trust", "provider_verifies"}}}})));
    auto fake = run(providers->find("fake")).value();
    EXPECT_EQ(fake->title, "T");
    EXPECT_EQ(fake->profile.email_trust, oauth::EmailTrust::provider_verifies);
    EXPECT_EQ(fake->client_secret.reveal(), idp.options.client_secret);

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"title", nullptr}})));
    EXPECT_EQ(run(providers->find("fake")).value()->title, "fake");

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"client_secret", "new"}})));
    EXPECT_EQ(run(providers->find("fake")).value()->client_secret.reveal(), "new");

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"client_secret", nullptr}})));
    expect_refused(run(providers->find("fake")), unknown);
}

TEST_F(ProviderConfiguration, RefusesAnUpdateThatCannotWorkAndKeepsTheRow) {
    add_fake();

    expect_refused(run(providers->update("fake", JsonObject{{"issuer", "file:///x"}})),
                   oauth::provider_invalid);
    expect_refused(run(providers->update("nobody", JsonObject{{"title", "T"}})), unknown);
    expect_refused(run(providers->update("google", JsonObject{{"title", "T"}})), unknown);

    EXPECT_EQ(run(providers->find("fake")).value()->issuer, idp.options.issuer);
}

TEST_F(ProviderConfiguration, ReplacesARowButKeepsASecretThatIsLeftOut) {
    add_fake();
    auto row = idp.row();
    row.erase("client_secret");
    row["title"] = "Replaced";

    ASSERT_TRUE(run(providers->replace("fake", row)));

    auto fake = run(providers->find("fake")).value();
    EXPECT_EQ(fake->title, "Replaced");
    EXPECT_EQ(fake->client_secret.reveal(), idp.options.client_secret);
    expect_refused(run(providers->replace("nobody", row)), unknown);
}

TEST_F(ProviderConfiguration, RemovesARowAndShowsTheCatalogueAgain) {
    ASSERT_TRUE(run(providers->add("google", JsonObject{{"title", "Mine"}})));
    EXPECT_EQ(listed("google").title, "Mine");

    ASSERT_TRUE(run(providers->remove("google")));

    EXPECT_EQ(listed("google").title, "Google");
    expect_refused(run(providers->remove("google")), unknown);
}

TEST_F(ProviderConfiguration, SwitchesOffWithoutForgetting) {
    add_fake();

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"enabled", false}})));

    EXPECT_TRUE(enabled_names().empty());
    EXPECT_EQ(listed("fake").problem, "switched off (enabled = false)");
}

TEST_F(ProviderConfiguration, NeedsNoSecretForAPublicClient) {
    auto row = idp.row();
    row.erase("client_secret");
    row["token_endpoint_auth_method"] = "none";

    ASSERT_TRUE(run(providers->add("fake", row)));

    EXPECT_EQ(enabled_names(), std::vector<std::string>{"fake"});
}

TEST_F(ProviderConfiguration, ReportsADeadDatabaseAsSuch) {
    database->close();

    auto found = run(providers->find("google"));

    ASSERT_FALSE(found);
    EXPECT_FALSE(found.error().is(unknown));
}

class RedirectUri : public ProvidersTest {
  protected:
    std::string of_fake(const std::string& own = {}) {
        make_providers();
        auto provider = idp.provider();
        provider.redirect_uri = own;
        return providers->redirect_uri(provider);
    }
};

TEST_F(RedirectUri, IsOneForEachProviderByDefault) {
    EXPECT_EQ(of_fake(), "https://app.example/auth/callback/fake");
}

TEST_F(RedirectUri, IsWhatTheEnvironmentSays) {
    redirect_uri = "https://other.example/cb";
    EXPECT_EQ(of_fake(), "https://other.example/cb");

    redirect_uri = "https://other.example/{provider}/cb";
    EXPECT_EQ(of_fake(), "https://other.example/fake/cb");
}

TEST_F(RedirectUri, IsTheProvidersOwnWhenItsRowHasOne) {
    redirect_uri = "https://other.example/cb";

    EXPECT_EQ(of_fake("https://third.example/{provider}"), "https://third.example/fake");
}

}  // namespace
}  // namespace cardea::provider
