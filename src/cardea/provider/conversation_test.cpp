// The conversation with a provider: exchange, profile, renewal, revocation, and every way in which
// it can go wrong.
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using Failure = FakeProvider::Failure;
using schema::JsonObject;

class Conversation : public ProvidersTest {
  protected:
    Conversation() { add_fake(); }
    template <class T>
    void expect_refused(const Result<T>& result, const Reason& reason, const std::string& what) {
        ASSERT_FALSE(result) << what;
        EXPECT_EQ(result.error().reason().slug, reason.slug) << what;
    }
    SecretText refresh_token_of(const Exchanged& exchanged) {
        return exchanged.tokens.refresh_token.value_or(SecretText());
    }
    Result<oauth::Profile> profile() {
        auto exchanged = exchange();
        if (!exchanged) return std::unexpected(exchanged.error());
        return run(providers->profile("fake", *exchanged));
    }
};

TEST_F(Conversation, TellsHowTheTokenEndpointFailed) {
    auto code = sign_in();
    ASSERT_TRUE(code);

    expect_failures_told("token", [&] {
        auto again = *code;
        return refusal(run(providers->exchange(std::move(again))));
    });
}

TEST_F(Conversation, NeverSendsACodeTwice) {
    auto code = sign_in();
    idp.fail("token", Failure::broken);

    auto exchanged = run(providers->exchange(std::move(*code)));

    EXPECT_FALSE(exchanged);
    EXPECT_EQ(idp.count("token"), 1);
}

TEST_F(Conversation, SaysThatACodeWasUsed) {
    auto code = sign_in();
    auto again = *code;
    ASSERT_TRUE(run(providers->exchange(std::move(*code))));

    expect_refused(run(providers->exchange(std::move(again))), code_refused, "used code");
}

TEST_F(Conversation, SaysThatTheCredentialsAreWrong) {
    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"client_secret", "wrong"}})));

    expect_refused(exchange(), oauth::client_rejected, "wrong secret");
}

TEST_F(Conversation, RefusesACodeWithTheWrongVerifier) {
    // The victim's code in one's own callback: its challenge is another's.
    auto provider = run(providers->ready("fake")).value();
    oauth::Beginning mine{providers->redirect_uri(*provider), "/", "cookie"};
    oauth::Beginning theirs = mine;
    auto victim = oauth::begin(*provider, std::move(theirs), random, clock.now());
    auto attacker = oauth::begin(*provider, std::move(mine), random, clock.now());
    auto stolen = http::Parameters::parse(idp.authorize(victim.url)).value();
    auto own = http::Parameters::parse(idp.authorize(attacker.url)).value();
    http::Parameters mixed{{"code", std::string(*stolen.get("code"))},
                           {"state", std::string(*own.get("state"))},
                           {"iss", std::string(*own.get("iss"))}};
    auto callback = oauth::read_callback("fake", mixed.encode());
    auto code = oauth::check_callback(*provider, attacker.pending, *callback, clock.now());
    ASSERT_TRUE(code);

    expect_refused(run(providers->exchange(std::move(*code))), code_refused, "stolen code");
}

TEST_F(Conversation, DemandsAnIdToken) {
    idp.change_token_answer = [](JsonObject& answer) { answer.erase("id_token"); };
    expect_refused(exchange(), oauth::id_token_refused, "missing");

    idp.change_token_answer = [](JsonObject& answer) { answer["id_token"] = false; };
    expect_refused(exchange(), oauth::id_token_refused, "false");
}

TEST_F(Conversation, RefusesIdTokensOfOthers) {
    idp.change_claims = [](JsonObject& claims) { claims["nonce"] = "another"; };
    expect_refused(exchange(), oauth::id_token_refused, "nonce");

    idp.change_claims = [](JsonObject& claims) { claims["iss"] = "https://evil.example"; };
    expect_refused(exchange(), oauth::id_token_refused, "iss");

    idp.change_claims = [](JsonObject& claims) { claims["aud"] = "another"; };
    expect_refused(exchange(), oauth::id_token_refused, "aud");
}

TEST_F(Conversation, RefusesAnIdTokenOfAnEarlierFlow) {
    std::string earlier;
    idp.change_id_token = [&](std::string& token) { earlier = token; };
    ASSERT_TRUE(exchange());

    idp.change_id_token = [&](std::string& token) { token = earlier; };

    expect_refused(exchange(), oauth::id_token_refused, "replayed");
}

TEST_F(Conversation, RefusesForgedIdTokensThatComeStraightFromTheProvider) {
    ASSERT_TRUE(exchange());
    idp.forge();

    expect_refused(exchange(), oauth::id_token_refused, "forged");
}

TEST_F(Conversation, GivesTokensAndTheProvenSubject) {
    auto exchanged = exchange();

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_EQ(exchanged->id->subject, "user-1");
    EXPECT_EQ(exchanged->id->issuer, idp.options.issuer);
    EXPECT_TRUE(exchanged->tokens.refresh_token);
    EXPECT_EQ(exchanged->tokens.expires_at, clock.now() + 3600s);
}

TEST_F(Conversation, SignsInWithEveryTokenLifetimeThatAProviderMaySay) {
    for (schema::Json odd : {schema::Json(nullptr), schema::Json("3600"), schema::Json(0),
                             schema::Json(-1), schema::Json(1e20), schema::Json(JsonObject())}) {
        idp.change_token_answer = [&](JsonObject& answer) { answer["expires_in"] = odd; };
        EXPECT_TRUE(exchange()) << schema::write_json(odd);
    }
}

TEST_F(Conversation, SendsNoSecretInAUrl) {
    ASSERT_TRUE(profile());

    for (const auto& request : idp.requests)
        EXPECT_EQ(request.target.find('?'), std::string::npos) << request.target;
}

TEST_F(Conversation, SignsInWithAPlainOAuthProvider) {
    auto row = idp.row();
    row["protocol"] = "oauth2";
    row.erase("issuer");
    row["scopes"] = {"user"};
    row["authorization_endpoint"] = idp.options.issuer + "/authorize";
    row["token_endpoint"] = idp.options.issuer + "/token";
    row["userinfo_endpoint"] = idp.options.issuer + "/userinfo";
    ASSERT_TRUE(run(providers->add("plain", row)));

    auto exchanged = exchange("plain");

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_FALSE(exchanged->id);
    EXPECT_EQ(idp.count("jwks"), 0);
    auto who = run(providers->profile("plain", {exchanged->tokens}));
    EXPECT_EQ(who->subject, "user-1");
}

TEST_F(Conversation, ReadsTheProfile) {
    auto who = profile();

    ASSERT_TRUE(who) << who.error().describe();
    EXPECT_EQ(who->subject, "user-1");
    EXPECT_EQ(who->email, "alice@idp.example");
    EXPECT_TRUE(who->email_verified);
    EXPECT_FALSE(who->email_authoritative);
    EXPECT_EQ(who->name, "Alice");
}

TEST_F(Conversation, RefusesTheProfileOfAnotherUser) {
    idp.change_userinfo = [](JsonObject& answer) { answer["sub"] = "user-2"; };
    expect_refused(profile(), oauth::profile_refused, "other sub");

    idp.change_userinfo = [](JsonObject& answer) { answer.erase("sub"); };
    expect_refused(profile(), oauth::profile_refused, "no sub");
}

TEST_F(Conversation, TellsHowTheProfileCallFailed) {
    auto exchanged = exchange();
    ASSERT_TRUE(exchanged);
    auto fails_with = [&](Failure failure, const Reason& reason, const char* what) {
        idp.fail("userinfo", failure);
        expect_refused(run(providers->profile("fake", *exchanged)), reason, what);
    };

    fails_with(Failure::hang, timeout, "hang");
    fails_with(Failure::broken, failed, "broken");
    fails_with(Failure::status_500, failed, "500");
    fails_with(Failure::html, oauth::profile_refused, "html");
    fails_with(Failure::ten_megabytes, failed, "10 MB");

    idp.repair();
    exchanged->tokens.access_token = SecretText("unknown");
    expect_refused(run(providers->profile("fake", *exchanged)), oauth::token_refused, "401");
}

TEST_F(Conversation, AsksAgainOnceWhenAHarmlessRequestBroke) {
    auto exchanged = exchange();
    idp.fail("userinfo", Failure::broken);

    EXPECT_FALSE(run(providers->profile("fake", *exchanged)));

    EXPECT_EQ(idp.count("userinfo"), 2);
}

TEST_F(Conversation, ReadsTheProfileFromTheIdTokenWhereTheRowSaysSo) {
    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"profile", {{"source", "id_token"}}}})));

    auto who = profile();

    ASSERT_TRUE(who);
    EXPECT_EQ(who->email, "alice@idp.example");
    EXPECT_EQ(idp.count("userinfo"), 0);
}

TEST_F(Conversation, AsksForTheAddressesWhereTheRowSaysSo) {
    JsonObject changes{{"email_request", {{"endpoint", idp.options.issuer + "/emails"}}}};
    ASSERT_TRUE(run(providers->update("fake", std::move(changes))));
    idp.emails = {{{"email", "main@x.example"}, {"primary", true}, {"verified", true}}};
    idp.user.email.reset();

    EXPECT_EQ(profile()->email, "main@x.example");

    idp.fail("emails", Failure::status_500);
    expect_refused(profile(), failed, "500");
}

TEST_F(Conversation, RenewsAndRotates) {
    auto exchanged = exchange();
    auto first = refresh_token_of(*exchanged);

    auto renewed = renew("fake", first);

    ASSERT_TRUE(renewed) << renewed.error().describe();
    EXPECT_FALSE(renewed->access_token == exchanged->tokens.access_token);
    EXPECT_FALSE(*renewed->refresh_token == first);
    EXPECT_FALSE(idp.is_live(first.reveal()));
    EXPECT_TRUE(idp.is_live(renewed->refresh_token->reveal()));
}

TEST_F(Conversation, SaysWhenRenewalIsFinal) {
    auto exchanged = exchange();
    idp.withdraw();

    expect_refused(renew("fake", refresh_token_of(*exchanged)), oauth::consent_withdrawn,
                   "withdrawn");
}

TEST_F(Conversation, SaysThatRenewalIsWorthARetryForEverythingElse) {
    auto token = refresh_token_of(*exchange());
    for (Failure failure : {Failure::broken, Failure::status_500, Failure::html, Failure::garbage,
                            Failure::ten_megabytes, Failure::cut_off}) {
        idp.fail("token", failure);
        expect_refused(renew("fake", token), failed, "passing");
    }
    idp.fail("token", Failure::hang);
    expect_refused(renew("fake", token), timeout, "hang");

    idp.fail("token", Failure::busy);
    EXPECT_EQ(renew("fake", token).error().retry_after(), 7s);
}

TEST_F(Conversation, NeverSendsARefreshTokenTwice) {
    auto token = refresh_token_of(*exchange());
    int before = idp.count("token");
    idp.fail("token", Failure::broken);

    EXPECT_FALSE(renew("fake", token));

    EXPECT_EQ(idp.count("token"), before + 1);
}

TEST_F(Conversation, Revokes) {
    auto exchanged = exchange();

    ASSERT_TRUE(run(providers->revoke("fake", exchanged->tokens)));

    EXPECT_EQ(idp.revoked, std::vector<std::string>{refresh_token_of(*exchanged).reveal()});
}

TEST_F(Conversation, RevokesCompanionsToo) {
    JsonObject params{{"resource", "https://files.example"}};
    JsonObject changes{{"renewal", {{"companions", {{"files", {{"params", params}}}}}}}};
    ASSERT_TRUE(run(providers->update("fake", std::move(changes))));
    auto kept = exchange()->tokens;
    auto files = run(providers->companion("fake", kept, "files")).value();
    auto tokens = oauth::with_companion(kept, "files", files);
    ASSERT_TRUE(idp.is_live(files.access_token.reveal()));

    ASSERT_TRUE(run(providers->revoke("fake", tokens)));

    EXPECT_FALSE(idp.is_live(tokens.refresh_token->reveal()));
    EXPECT_FALSE(idp.is_live(files.access_token.reveal()));
}

TEST_F(Conversation, TriesToRevokeTheOthersWhenOneFails) {
    auto tokens = exchange()->tokens;
    tokens.companions["files"].access_token = SecretText("files-token");
    idp.fail("revocation", Failure::status_500);

    expect_refused(run(providers->revoke("fake", tokens)), failed, "500");

    EXPECT_EQ(idp.count("revocation"), 2);
}

TEST_F(Conversation, WaitsOnceForWhoDoesNotAnswerARevocation) {
    auto tokens = exchange()->tokens;
    tokens.companions["files"].access_token = SecretText("files-token");
    idp.fail("revocation", Failure::hang);

    expect_refused(run(providers->revoke("fake", tokens)), timeout, "hang");

    EXPECT_EQ(idp.count("revocation"), 1);
}

TEST_F(Conversation, SaysWhenRevocationFailed) {
    auto exchanged = exchange();
    idp.fail("revocation", Failure::status_500);
    expect_refused(run(providers->revoke("fake", exchanged->tokens)), failed, "500");

    idp.fail("revocation", Failure::hang);
    expect_refused(run(providers->revoke("fake", exchanged->tokens)), timeout, "hang");
}

TEST_F(Conversation, HasNothingToRevokeWithoutAnEndpoint) {
    idp.change_discovery = [](JsonObject& document) { document.erase("revocation_endpoint"); };
    auto exchanged = exchange();

    EXPECT_TRUE(run(providers->revoke("fake", exchanged->tokens)));
    EXPECT_EQ(idp.count("revocation"), 0);
}

TEST_F(Conversation, NeedsAProviderThatIsEnabled) {
    auto exchanged = exchange();
    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"enabled", false}})));

    expect_refused(renew("fake", refresh_token_of(*exchanged)), unknown, "off");
}

}  // namespace
}  // namespace cardea::provider
