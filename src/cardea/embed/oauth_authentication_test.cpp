// What the methods answer and refuse, against a provider that is strict.
#include "cardea/embed/oauth_fixture.hpp"

#include <fstream>
#include <sstream>

namespace cardea {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using Failure = FakeProvider::Failure;

http::Parameters query_of(const AuthorizationUrl& begun) {
    return http::Parameters::parse(http::Url::parse(begun.url).value().query()).value();
}

struct OAuth : OAuthFixture {
    std::string file_content() const {
        std::stringstream text;
        for (const char* suffix : {"", "-wal"}) {
            std::ifstream file(database_path() + suffix, std::ios::binary);
            text << file.rdbuf();
        }
        return std::move(text).str();
    }
    /// Nothing was sent to the token endpoint.
    void expect_nothing_sent() { EXPECT_EQ(idp.count("token"), 0); }
};

// Beginning.

TEST_F(OAuth, SendsStatePkceAndNonceToTheProvider) {
    auto begun = begin();

    auto query = query_of(begun);
    EXPECT_THAT(begun.url, testing::StartsWith(idp.issuer() + "/authorize?response_type=code&"));
    EXPECT_EQ(query.only("redirect_uri"), "https://app.example/auth/callback/idp");
    EXPECT_EQ(query.only("scope"), "openid email profile");
    EXPECT_EQ(query.only("code_challenge_method"), "S256");
    EXPECT_EQ(query.only("code_challenge").value_or("").size(), 43u);
    EXPECT_EQ(query.only("nonce").value_or("").size(), 43u);
    EXPECT_EQ(begun.binding.size(), 43u);
    EXPECT_THAT(std::string(query.only("state").value_or("")),
                MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:idp"));
}

TEST_F(OAuth, MakesEverythingAnewEachTime) {
    auto first = begin();
    auto second = begin();

    EXPECT_FALSE(first.binding == second.binding);
    for (const char* name : {"state", "nonce", "code_challenge"})
        EXPECT_NE(query_of(first).only(name), query_of(second).only(name)) << name;
}

TEST_F(OAuth, SendsNoChallengeWhereTheProviderForbidsIt) {
    more_toml = "pkce = \"forbidden\"\n";
    open();

    EXPECT_FALSE(query_of(begin("other")).get("code_challenge"));
    EXPECT_TRUE(query_of(begin("idp")).get("code_challenge"));
}

TEST_F(OAuth, GivesABoundTokenWithItsKey) {
    more_toml = "dpop_bound_access_tokens = true\n";
    open();
    other.with([](FakeProvider& provider) { return provider.options.demands_dpop = true; });
    auto begun = begin("other");
    auto exchanged = exchange(begun, other.authorize(begun.url), "other");
    ASSERT_EQ(refusal(exchanged), "");
    auto token = oauth->fresh_token(exchanged->connection).value();

    EXPECT_EQ(token.token_type, "DPoP");
    EXPECT_TRUE(token.dpop_key == exchanged->tokens.dpop_key);
    EXPECT_EQ(refusal(oauth->get_user_info_from_provider("other", token.access_token)),
              "oauth.token_refused");
    EXPECT_EQ(
        refusal(oauth->get_user_info_from_provider("other", token.access_token, token.dpop_key)),
        "");
    auto renewed = oauth->refresh_oauth_token("other", *exchanged->tokens.refresh_token);
    EXPECT_TRUE(renewed && renewed->dpop_key == token.dpop_key);
    EXPECT_THAT(file_content(), Not(HasSubstr("\"d\":")));
}

TEST_F(OAuth, TradesABoundTokenOfElsewhereWithItsKey) {
    // A confidential client's refresh token would be good without it.
    more_toml = "dpop_bound_access_tokens = true\ntoken_endpoint_auth_method = \"none\"\n";
    open();
    other.with([](FakeProvider& provider) {
        provider.options.client_secret.clear();
        return provider.options.demands_dpop = true;
    });
    auto begun = begin("other");
    auto tokens = exchange(begun, other.authorize(begun.url), "other").value().tokens;
    sql("DELETE FROM connections");

    EXPECT_EQ(refusal(oauth->refresh_oauth_token("other", *tokens.refresh_token)),
              "oauth.consent_withdrawn");
    auto traded = oauth->refresh_oauth_token("other", *tokens.refresh_token, tokens.dpop_key);

    ASSERT_EQ(refusal(traded), "");
    EXPECT_TRUE(traded->dpop_key == tokens.dpop_key);
}

TEST_F(OAuth, PushesTheRequestWhereTheProviderDemandsThat) {
    idp.with([](FakeProvider& provider) {
        return provider.options.offers_par = provider.options.demands_par = true;
    });

    auto begun = begin();

    EXPECT_EQ(query_of(begun).size(), 2u);
    EXPECT_EQ(refusal(exchange(begun, idp.authorize(begun.url))), "");
    EXPECT_EQ(idp.count("par"), 1);
}

TEST_F(OAuth, BeginsInTwoTabsOfOneBrowser) {
    auto first = begin();
    auto second = oauth->generate_oauth_authorization_url("idp", first.binding).value();

    EXPECT_TRUE(second.binding == first.binding);
    EXPECT_EQ(refusal(exchange(first, idp.authorize(first.url))), "");
    EXPECT_EQ(refusal(exchange(second, idp.authorize(second.url))), "");
}

TEST_F(OAuth, TakesNoBindingThatItDidNotMake) {
    auto begun = oauth->generate_oauth_authorization_url("idp", SecretText("chosen")).value();

    EXPECT_FALSE(begun.binding == SecretText("chosen"));
}

TEST_F(OAuth, KnowsNoProviderThatIsNotConfigured) {
    auto begun = oauth->generate_oauth_authorization_url("nobody");

    EXPECT_EQ(refusal(begun), "provider.unknown");
    EXPECT_EQ(begun.error().status(), 84);
}

TEST_F(OAuth, SaysThatTheProviderIsDown) {
    auto begun = begin("other");
    auto query = other.authorize(begun.url);
    other.stop();

    EXPECT_EQ(refusal(exchange(begun, query, "other")), "provider.failed");
    EXPECT_EQ(refusal(oauth->refresh_oauth_token("other", SecretText("any"))), "provider.failed");
    EXPECT_EQ(refusal(oauth->get_user_info_from_provider("other", SecretText("any"))),
              "provider.failed");
    open();
    EXPECT_EQ(refusal(oauth->generate_oauth_authorization_url("other")), "provider.failed");
    EXPECT_EQ(refusal(sign_in()), "");
}

// Coming back.

TEST_F(OAuth, RefusesAStateThatWasUsed) {
    auto begun = begin();
    auto query = idp.authorize(begun.url);
    EXPECT_EQ(refusal(exchange(begun, query)), "");

    EXPECT_EQ(refusal(exchange(begun, query)), "oauth.state_mismatch");

    EXPECT_EQ(idp.count("token"), 1);
}

TEST_F(OAuth, RefusesAStateThatIsTooOld) {
    auto begun = begin();
    auto query = idp.authorize(begun.url);
    auto life = sql("SELECT expires_at - created_at FROM verifications").rows.at(0).at(0);
    EXPECT_EQ(life.as_integer(), 600'000);
    sql("UPDATE verifications SET expires_at = created_at");

    EXPECT_EQ(refusal(exchange(begun, query)), "oauth.state_mismatch");

    expect_nothing_sent();
}

TEST_F(OAuth, RefusesAStateOfAnotherProvider) {
    auto begun = begin("idp");

    EXPECT_EQ(refusal(exchange(begun, idp.authorize(begun.url), "other")), "oauth.state_mismatch");

    expect_nothing_sent();
    EXPECT_EQ(other.count("token"), 0);
}

TEST_F(OAuth, RefusesAStateThatWasNeverBegun) {
    auto begun = begin();

    auto answer = oauth->exchange_code_for_token("idp", SecretText("code"), "a:idp", begun.binding,
                                                 idp.issuer());

    EXPECT_EQ(refusal(answer), "oauth.state_mismatch");
}

TEST_F(OAuth, RefusesAnotherBrowserAndUsesTheStateUp) {
    auto begun = begin();
    auto query = idp.authorize(begun.url);
    auto strange = begin();
    strange.url = begun.url;

    EXPECT_EQ(refusal(exchange(strange, query)), "sign_in.other_browser");
    EXPECT_EQ(refusal(exchange(begun, query)), "oauth.state_mismatch");

    expect_nothing_sent();
}

TEST_F(OAuth, RefusesABrowserWithoutBinding) {
    auto begun = begin();
    auto query = idp.authorize(begun.url);
    begun.binding = SecretText();

    EXPECT_EQ(refusal(exchange(begun, query)), "sign_in.other_browser");
}

TEST_F(OAuth, RefusesAnAnswerOfAnotherIssuer) {
    for (const std::string& iss : {std::string(), other.issuer()}) {
        auto begun = begin();
        Answer answer(idp.authorize(begun.url));

        auto exchanged =
            oauth->exchange_code_for_token("idp", answer.code, answer.state, begun.binding, iss);

        EXPECT_EQ(refusal(exchanged), "oauth.issuer_mismatch") << iss;
    }
    expect_nothing_sent();
}

TEST_F(OAuth, RefusesParametersThatStandTwice) {
    auto begun = begin();
    auto query = idp.authorize(begun.url);

    auto exchanged = oauth->exchange_callback("idp", query + "&code=other", begun.binding);

    EXPECT_EQ(refusal(exchanged), "oauth.callback_malformed");
    expect_nothing_sent();
}

TEST_F(OAuth, SaysThatThePersonSaidNo) {
    auto begun = begin();
    auto query = idp.with([&](FakeProvider& provider) { return provider.refuse(begun.url); });

    EXPECT_EQ(refusal(oauth->exchange_callback("idp", query, begun.binding)), "oauth.denied");
}

TEST_F(OAuth, RefusesACodeOfAnotherSignIn) {
    auto victim = begin();
    Answer stolen(idp.authorize(victim.url));
    auto begun = begin();
    Answer own(idp.authorize(begun.url));

    auto exchanged =
        oauth->exchange_code_for_token("idp", stolen.code, own.state, begun.binding, own.iss);

    EXPECT_EQ(refusal(exchanged), "oauth.code_refused");
}

TEST_F(OAuth, RefusesAForgedIdToken) {
    idp.with([](FakeProvider& provider) {
        provider.forge();
        return true;
    });

    EXPECT_EQ(refusal(sign_in()), "oauth.id_token_refused");
    EXPECT_EQ(sql("SELECT count(*) FROM connections").rows.at(0).at(0).as_integer(), 0);
}

TEST_F(OAuth, RefusesAnIdTokenWithAnotherNonce) {
    idp.with([](FakeProvider& provider) {
        provider.change_claims = [](schema::JsonObject& claims) { claims["nonce"] = "replayed"; };
        return true;
    });

    EXPECT_EQ(refusal(sign_in()), "oauth.id_token_refused");
}

TEST_F(OAuth, TellsWhatIsWrongWithAProvider) {
    struct Case {
        const char* endpoint;
        Failure failure;
        const char* slug = "provider.failed";
    };
    for (auto [endpoint, failure, slug] :
         {Case{"token", Failure::status_500}, Case{"token", Failure::busy},
          Case{"token", Failure::html}, Case{"token", Failure::garbage},
          Case{"token", Failure::cut_off}, Case{"token", Failure::ten_megabytes},
          Case{"userinfo", Failure::status_500},
          Case{"userinfo", Failure::html, "oauth.profile_refused"}}) {
        idp.fail(endpoint, failure);
        EXPECT_EQ(refusal(sign_in()), slug) << endpoint;
        idp.fail(endpoint, Failure::none);
    }
}

TEST_F(OAuth, GivesTokensProfileAndConnection) {
    auto exchanged = sign_in();

    ASSERT_EQ(refusal(exchanged), "");
    EXPECT_EQ(exchanged->profile.subject, "user-1");
    EXPECT_EQ(exchanged->profile.email, "alice@idp.example");
    EXPECT_TRUE(exchanged->profile.email_verified);
    EXPECT_EQ(exchanged->profile.name, "Alice");
    EXPECT_FALSE(exchanged->account);
    EXPECT_EQ(exchanged->tokens.token_type, "Bearer");
    EXPECT_EQ(exchanged->tokens.expiry, oauth::Expiry::at);
    EXPECT_TRUE(exchanged->tokens.refresh_token);
    EXPECT_TRUE(exchanged->tokens.id_token);
    auto fresh = oauth->fresh_token(exchanged->connection);
    ASSERT_EQ(refusal(fresh), "");
    EXPECT_TRUE(fresh->access_token == exchanged->tokens.access_token);
}

TEST_F(OAuth, TakesTheWholeQuery) {
    auto begun = begin();

    auto exchanged = oauth->exchange_callback("idp", idp.authorize(begun.url), begun.binding);

    EXPECT_EQ(refusal(exchanged), "");
}

TEST_F(OAuth, KeepsOneConnectionASubject) {
    auto first = sign_in();
    auto second = sign_in();

    EXPECT_EQ(first->connection, second->connection);
    EXPECT_FALSE(first->tokens.access_token == second->tokens.access_token);
}

TEST_F(OAuth, KeepsTheRefreshTokenThatALaterSignInLeavesOut) {
    auto first = sign_in();
    idp.with([](FakeProvider& provider) {
        provider.change_token_answer = [](schema::JsonObject& answer) {
            answer.erase("refresh_token");
        };
        return true;
    });

    auto second = sign_in();

    EXPECT_TRUE(second->tokens.refresh_token == first->tokens.refresh_token);
}

TEST_F(OAuth, StoresNeitherStateNorTokensInTheClear) {
    auto begun = begin();
    Answer answer(idp.authorize(begun.url));
    auto pending = file_content();
    auto exchanged = exchange(begun, idp.authorize(begin().url));
    auto done = sign_in();
    auto stored = file_content();

    ASSERT_FALSE(pending.empty());
    EXPECT_THAT(pending,
                AllOf(Not(HasSubstr(answer.state)), Not(HasSubstr(begun.binding.reveal()))));
    EXPECT_EQ(refusal(exchanged), "sign_in.other_browser");
    EXPECT_THAT(stored, AllOf(Not(HasSubstr(done->tokens.access_token.reveal())),
                              Not(HasSubstr(done->tokens.refresh_token->reveal()))));
}

// Refreshing, and looking who somebody is.

TEST_F(OAuth, RefreshesWithRotation) {
    auto exchanged = sign_in();

    auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);

    ASSERT_EQ(refusal(refreshed), "");
    EXPECT_FALSE(refreshed->access_token == exchanged->tokens.access_token);
    EXPECT_TRUE(refreshed->refresh_token);
    EXPECT_FALSE(refreshed->refresh_token == exchanged->tokens.refresh_token);
}

TEST_F(OAuth, KeepsTheRefreshTokenWithoutRotation) {
    idp.with([](FakeProvider& provider) { return provider.options.rotates = false; });
    auto exchanged = sign_in();

    auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);

    ASSERT_EQ(refusal(refreshed), "");
    EXPECT_TRUE(refreshed->refresh_token == exchanged->tokens.refresh_token);
    EXPECT_FALSE(refreshed->access_token == exchanged->tokens.access_token);
}

TEST_F(OAuth, KeepsTheConnectionFreshWhenItsTokenIsRefreshed) {
    auto exchanged = sign_in();

    auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);

    auto fresh = oauth->fresh_token(exchanged->connection);
    EXPECT_TRUE(fresh->access_token == refreshed->access_token);
    sql("UPDATE connections SET renew_at = 1");
    EXPECT_EQ(oauth->renew_oaths().value(), 1u);
    EXPECT_EQ(refusal(oauth->fresh_token(exchanged->connection)), "");
}

TEST_F(OAuth, SendsNoSpentRefreshTokenAgain) {
    auto exchanged = sign_in();
    auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);
    int asked = idp.count("token");

    auto again = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);

    ASSERT_EQ(refusal(again), "");
    EXPECT_TRUE(again->access_token == refreshed->access_token);
    EXPECT_TRUE(again->refresh_token == refreshed->refresh_token);
    EXPECT_EQ(idp.count("token"), asked);
}

TEST_F(OAuth, RefreshesATokenThatNoConnectionHas) {
    auto exchanged = sign_in();
    sql("DELETE FROM connections");

    auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);

    EXPECT_EQ(refusal(refreshed), "");
    EXPECT_EQ(sql("SELECT count(*) FROM connections").rows.at(0).at(0).as_integer(), 0);
}

TEST_F(OAuth, SaysThatTheConnectionNeedsConsent) {
    auto exchanged = sign_in();
    idp.with([](FakeProvider& provider) {
        provider.withdraw();
        return true;
    });

    auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);

    EXPECT_EQ(refusal(refreshed), "vault.needs_consent");
    EXPECT_EQ(refusal(oauth->fresh_token(exchanged->connection)), "vault.needs_consent");
}

TEST_F(OAuth, SaysThatTheConsentWasWithdrawn) {
    auto refreshed = oauth->refresh_oauth_token("idp", SecretText("rt-unknown"));

    EXPECT_EQ(refusal(refreshed), "oauth.consent_withdrawn");
    EXPECT_EQ(refreshed.error().status(), 84);
}

TEST_F(OAuth, ReadsTheProfileOfAnAccessToken) {
    auto exchanged = sign_in();

    auto profile = oauth->get_user_info_from_provider("idp", exchanged->tokens.access_token);

    ASSERT_EQ(refusal(profile), "");
    EXPECT_EQ(profile->subject, "user-1");
    EXPECT_EQ(profile->email, "alice@idp.example");
}

TEST_F(OAuth, RefusesAnAccessTokenThatTheProviderDoesNotKnow) {
    EXPECT_EQ(refusal(oauth->get_user_info_from_provider("idp", SecretText("at-unknown"))),
              "oauth.token_refused");
}

// Connections.

TEST_F(OAuth, LinksAConnectionOnceToAnAccount) {
    auto alice = new_account("alice@app.example");
    auto bob = new_account("bob@app.example");
    auto connection = sign_in()->connection;

    EXPECT_EQ(refusal(oauth->link_connection("con-unknown", alice)), "vault.connection_missing");
    EXPECT_EQ(refusal(oauth->link_connection(connection, "nobody")), "account.missing");
    EXPECT_EQ(refusal(oauth->link_connection(connection, alice)), "");
    EXPECT_EQ(refusal(oauth->link_connection(connection, alice)), "");
    EXPECT_EQ(refusal(oauth->link_connection(connection, bob)), "vault.connection_taken");

    EXPECT_EQ(sign_in()->account, alice);
    auto events = sql("SELECT count(*) FROM events WHERE type = 'connection.linked'");
    EXPECT_EQ(events.rows.at(0).at(0).as_integer(), 1);
}

TEST_F(OAuth, RenewsWhatIsDue) {
    auto exchanged = sign_in();
    EXPECT_EQ(oauth->renew_oaths().value(), 0u);
    sql("UPDATE connections SET renew_at = 1");

    EXPECT_EQ(oauth->renew_oaths().value(), 1u);

    auto fresh = oauth->fresh_token(exchanged->connection);
    EXPECT_FALSE(fresh->access_token == exchanged->tokens.access_token);
    EXPECT_EQ(refusal(oauth->fresh_token("con-unknown")), "vault.connection_missing");
}

// Starting.

TEST_F(OAuth, TellsEveryProblemOfTheSettingsAtOnce) {
    auto wrong = TomlConfiguration::parse("[Database]\nurl = \"oracle:x\"\n").value();

    auto opened = OAuthAuthentication::open(wrong, Environment(), {.error = 7});

    ASSERT_EQ(refusal(opened), "embed.settings_invalid");
    EXPECT_EQ(opened.error().status(), 7);
    EXPECT_THAT(opened.error().detail(), AllOf(HasSubstr("Database.url"), HasSubstr("SECRET_KEY"),
                                               HasSubstr("Server_configuration.public_url")));
    EXPECT_EQ(opened.error().fields().size(), 3u);
    EXPECT_THROW(OAuthAuthentication(wrong, Environment(), {}), std::runtime_error);
}

TEST_F(OAuth, RefusesLoopbackAndPlainHttpUnlessToldOtherwise) {
    auto strict = options();
    strict.insecure_allow_loopback = false;
    auto opened = OAuthAuthentication::open(toml(), environment(), strict);
    EXPECT_EQ(refusal(opened), "embed.settings_invalid");

    auto plain = TomlConfiguration::parse("").value();
    Environment::Variables variables{
        {"SECRET_KEY", "a text with enough variety 0123456789 AbCdEfGh"},
        {"REDIRECT_URI", "http://app.example/auth/callback"}};
    opened = OAuthAuthentication::open(plain, Environment(variables), strict);
    ASSERT_EQ(refusal(opened), "embed.settings_invalid");
    EXPECT_THAT(opened.error().detail(), HasSubstr("REDIRECT_URI"));
}

TEST_F(OAuth, ReadsTheRedirectUriFromAFile) {
    auto file = folder.path() + "/redirect_uri";
    std::ofstream(file) << "https://file.example/{provider}\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    Environment::Variables variables{
        {"SECRET_KEY", "a text with enough variety 0123456789 AbCdEfGh"},
        {"DATABASE_URL", "sqlite:" + database_path()},
        {"REDIRECT_URI_FILE", file}};

    auto opened = OAuthAuthentication::open(toml(), Environment(variables), options());

    ASSERT_EQ(refusal(opened), "");
    auto begun = (*opened)->generate_oauth_authorization_url("idp").value();
    EXPECT_EQ(query_of(begun).only("redirect_uri"), "https://file.example/idp");

    std::filesystem::remove(file);
    opened = OAuthAuthentication::open(toml(), Environment(variables), options());
    EXPECT_EQ(refusal(opened), "embed.settings_invalid");
}

TEST_F(OAuth, RefusesAnotherKeyThanTheStoredOne) {
    auto other_key = environment().all();
    Environment::Variables variables;
    for (const auto& [name, variable] : other_key) variables[name] = variable.value.reveal();
    variables["SECRET_KEY"] = "another text with variety 0123456789 AbCdEfGh";

    auto opened = OAuthAuthentication::open(toml(), Environment(variables), options());

    EXPECT_EQ(refusal(opened), "engine.key_mismatch");
    EXPECT_EQ(opened.error().status(), 84);
}

}  // namespace
}  // namespace cardea
