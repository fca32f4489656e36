// Two client secrets at once: which one is sent, when the other gets its turn, and who is told.
#include <gmock/gmock.h>

#include "cardea/oauth/requests.hpp"
#include "cardea/provider/client_sender.hpp"
#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using Failure = FakeProvider::Failure;
using schema::JsonObject;
using testing::HasSubstr;
using testing::Not;

class ClientSecrets : public ProvidersTest {
  protected:
    ClientSecrets() {
        auto row = idp.row();
        row["client_secret"] = "the new one";
        row["client_secret_previous"] = "the old one";
        EXPECT_TRUE(run(providers->add("fake", row)));
        idp.options.client_secret = "the old one";
    }
    /// Requests to the token endpoint that `work` costs.
    template <class Work>
    int cost_of(Work work) {
        int before = idp.count("token");
        work();
        return idp.count("token") - before;
    }
    ClientSecret in_use() { return run(providers->check("fake")).value().secret_in_use; }
};

TEST_F(ClientSecrets, SendsTheNewOneFirst) {
    idp.options.client_secret = "the new one";

    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 1);
}

TEST_F(ClientSecrets, SendsTheOldOneWhereTheNewIsRefusedAndRemembersIt) {
    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 2);
    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 1);
}

TEST_F(ClientSecrets, GoesOnToTheNewOneWhenTheProviderHas) {
    ASSERT_TRUE(exchange());

    idp.options.client_secret = "the new one";

    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 2);
    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 1);
}

TEST_F(ClientSecrets, SendsACodeOnceForEachSecretAndNoMore) {
    idp.options.client_secret = "a third one";

    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange().error().is(oauth::client_rejected)); }), 2);

    idp.options.client_secret = "the new one";
    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 1) << "nothing was learned";
}

TEST_F(ClientSecrets, SendsNothingTwiceThatWasNotTheClientsRefusal) {
    idp.options.client_secret = "the new one";
    auto code = sign_in();
    auto refused = [&] {
        auto again = *code;
        EXPECT_FALSE(run(providers->exchange(std::move(again))));
    };

    for (auto failure : {Failure::hang, Failure::broken, Failure::status_500, Failure::busy,
                         Failure::html, Failure::garbage, Failure::not_found}) {
        idp.fail("token", failure);
        EXPECT_EQ(cost_of(refused), 1);
    }
    idp.repair();
    EXPECT_EQ(cost_of(refused), 1) << "invalid_grant";
}

TEST_F(ClientSecrets, LearnsNothingFromAnOutage) {
    idp.change_token_answer = [](JsonObject& answer) { answer = {{"error", "server_error"}}; };

    EXPECT_EQ(cost_of([&] { EXPECT_FALSE(exchange()); }), 2);
    EXPECT_EQ(cost_of([&] { EXPECT_FALSE(exchange()); }), 2);
}

TEST_F(ClientSecrets, SendsNothingTwiceWhereThereIsOneSecret) {
    ASSERT_TRUE(
        run(providers->update("fake", JsonObject{{"client_secret_previous", "the new one"}})));
    EXPECT_EQ(cost_of([&] { EXPECT_FALSE(exchange()); }), 1) << "the same";

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"client_secret_previous", nullptr}})));
    EXPECT_EQ(cost_of([&] { EXPECT_FALSE(exchange()); }), 1);
}

TEST_F(ClientSecrets, ForgetsWhatItLearnedWithTheSecretsThatItWasAbout) {
    ASSERT_TRUE(exchange());

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"client_secret", "the old one"},
                                                         {"client_secret_previous", "older"}})));

    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 1);
}

TEST_F(ClientSecrets, RenewAndRevokeInTheSameWay) {
    auto exchanged = exchange();
    auto tokens = exchanged->tokens;
    idp.options.client_secret = "the new one";

    auto renewed = run(providers->renew("fake", tokens));
    ASSERT_TRUE(renewed) << renewed.error().describe();
    EXPECT_TRUE(idp.is_live(renewed->refresh_token->reveal())) << "spent once";

    idp.options.client_secret = "the old one";
    EXPECT_TRUE(run(providers->revoke("fake", *renewed)));
    EXPECT_EQ(idp.revoked.size(), 1u);
    EXPECT_EQ(idp.count("revocation"), 2);
}

TEST_F(ClientSecrets, SendWithTheProfileCallWhichOneCounts) {
    ASSERT_TRUE(run(providers->update(
        "fake", JsonObject{{"email_request", {{"endpoint", idp.options.issuer + "/emails"}}},
                           {"profile",
                            {{"source", "userinfo"},
                             {"email_trust", "claim"},
                             {"headers", {{"x-api-key", "{client_secret}"}}}}}})));
    auto exchanged = exchange();
    ASSERT_TRUE(exchanged) << exchanged.error().describe();

    ASSERT_TRUE(run(providers->profile("fake", *exchanged)));

    ASSERT_EQ(idp.count("emails"), 1);
    for (std::size_t from_end : {1, 2})
        EXPECT_EQ(idp.requests[idp.requests.size() - from_end].headers.get("x-api-key"),
                  "the old one");
}

/// One whose token endpoint looks at no secret, and whose calls need it.
class CallsWithASecret : public ClientSecrets {
  protected:
    CallsWithASecret() {
        idp.options.client_secret.clear();
        idp.options.api_key = "the old one";
        auto changed = run(providers->update(
            "fake", JsonObject{{"token_endpoint_auth_method", "none"},
                               {"email_request", {{"endpoint", idp.options.issuer + "/emails"}}},
                               {"profile",
                                {{"source", "userinfo"},
                                 {"email_trust", "claim"},
                                 {"headers", {{"x-api-key", "{client_secret}"}}}}}}));
        EXPECT_TRUE(changed);
    }
    Result<oauth::Profile> profile() {
        auto exchanged = exchange();
        if (!exchanged) return std::unexpected(exchanged.error());
        return run(providers->profile("fake", std::move(*exchanged)));
    }
};

TEST_F(CallsWithASecret, SendTheOtherOneWhereTheFirstIsRefusedAndRememberIt) {
    auto who = profile();

    ASSERT_TRUE(who) << who.error().describe();
    EXPECT_EQ(idp.count("userinfo"), 2);
    EXPECT_EQ(idp.count("emails"), 1);
    EXPECT_TRUE(profile());
    EXPECT_EQ(idp.count("userinfo"), 3);
}

TEST_F(CallsWithASecret, FindItOutAtTheListOfAddressesToo) {
    ASSERT_TRUE(run(providers->update(
        "fake", JsonObject{{"profile",
                            {{"source", "id_token"},
                             {"email_trust", "claim"},
                             {"headers", {{"x-api-key", "{client_secret}"}}}}}})));
    idp.emails = {{{"email", "main@x.example"}, {"primary", true}, {"verified", true}}};

    auto who = profile();

    ASSERT_TRUE(who) << who.error().describe();
    EXPECT_EQ(who->email, "main@x.example");
    EXPECT_EQ(idp.count("emails"), 2);
}

/// The second call to an endpoint gets no answer.
class AnswersOnce : public http::Client {
  public:
    AnswersOnce(http::Client& inner, std::string url) : inner_(inner), url_(std::move(url)) {}
    Task<http::Response> send(http::Request request, http::Limits limits) override {
        if (request.target == url_ && ++calls_ == 2) co_return fail(http::peer_timeout);
        co_return co_await inner_.send(std::move(request), limits);
    }

  private:
    http::Client& inner_;
    std::string url_;
    int calls_ = 0;
};

// It may have been the person's token that was refused, and then there are no addresses.
TEST_F(CallsWithASecret, CountAsRefusedWhenTheOtherOneGetsNoAnswer) {
    ASSERT_TRUE(run(providers->update(
        "fake", JsonObject{{"profile",
                            {{"source", "id_token"},
                             {"email_trust", "claim"},
                             {"headers", {{"x-api-key", "{client_secret}"}}}}}})));
    auto exchanged = exchange().value();
    AnswersOnce client(idp, idp.options.issuer + "/emails");
    Providers other({*database, client, keyring, clock, random}, Options());

    auto who = run(other.profile("fake", std::move(exchanged)));

    EXPECT_TRUE(who) << who.error().describe();
}

TEST_F(CallsWithASecret, SendNothingTwiceThatWasNotRefused) {
    auto exchanged = exchange().value();
    for (auto failure : {Failure::status_500, Failure::not_found, Failure::redirect}) {
        int before = idp.count("userinfo");
        idp.fail("userinfo", failure);
        EXPECT_FALSE(run(providers->profile("fake", exchanged)));
        EXPECT_EQ(idp.count("userinfo"), before + 1);
    }
}

TEST_F(CallsWithASecret, AreSentAgainWhereTheConnectionBroke) {
    auto exchanged = exchange().value();
    idp.fail("userinfo", Failure::broken);

    EXPECT_FALSE(run(providers->profile("fake", exchanged)));
    EXPECT_EQ(idp.count("userinfo"), 2);
}

TEST_F(CallsWithASecret, AreNotContradictedByATokenEndpointThatLooksAtNone) {
    ASSERT_TRUE(profile());

    EXPECT_EQ(in_use(), ClientSecret::previous);
}

TEST(RevocationVerdict, IsAboutTheClientWhereItsSecretIsSent) {
    http::Response refused;
    refused.status = 401;
    oauth::Provider provider;
    provider.revocation.emplace().token_in = oauth::RevokedPlace::elsewhere;
    EXPECT_EQ(revocation_verdict(provider, refused), ClientVerdict::unclear);

    provider.revocation->params = {{"clientSecret", "{client_secret}"}};

    EXPECT_EQ(revocation_verdict(provider, refused), ClientVerdict::refused);
}

TEST_F(ClientSecrets, TellsOnceAtTheChange) {
    testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(exchange());
    auto log = testing::internal::GetCapturedStderr();

    EXPECT_THAT(log, HasSubstr("provider.previous_secret_used provider=fake"));
    EXPECT_EQ(log.find("previous_secret_used"), log.rfind("previous_secret_used"));
    EXPECT_THAT(log, Not(HasSubstr("the old one")));
}

TEST_F(ClientSecrets, AreTriedBothByTheCheck) {
    EXPECT_EQ(in_use(), ClientSecret::previous);
    EXPECT_EQ(cost_of([&] { EXPECT_TRUE(exchange()); }), 1) << "and what it found out counts";

    idp.options.client_secret = "the new one";
    EXPECT_EQ(in_use(), ClientSecret::current);
}

TEST_F(ClientSecrets, AreSealedAndNeverShown) {
    auto rows = run(database->run(
        db::Statement{"test.rows",
                      "SELECT config, client_secret, client_secret_previous FROM oauth_providers"},
        {}));
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_THAT(rows->rows[0][0].as_text(), Not(HasSubstr("one")));
    for (std::size_t at : {1, 2})
        EXPECT_THAT(to_text(rows->rows[0][at].as_bytes()), Not(HasSubstr("one")));

    auto shown = run(providers->show("fake")).value();
    EXPECT_TRUE(shown.has_client_secret_previous);
    auto text = schema::write_json(shown);
    EXPECT_THAT(text, Not(HasSubstr("the old one")));
    EXPECT_THAT(text, HasSubstr(R"("key":"client_secret_previous","value":"\"********\"")"));
}

TEST_F(ClientSecrets, AreNotMistakenForEachOther) {
    ASSERT_TRUE(run(database->run(
        db::Statement{"test.swap",
                      "UPDATE oauth_providers SET client_secret = "
                      "client_secret_previous, client_secret_previous = client_secret"},
        {})));

    EXPECT_TRUE(enabled_names().empty()) << "a seal is of one column";
}

TEST_F(ClientSecrets, StayEachByItselfWhenARowIsReplaced) {
    auto row = idp.row();
    row["client_secret"] = "the newest";

    ASSERT_TRUE(run(providers->replace("fake", row)));

    auto fake = run(providers->find("fake")).value();
    EXPECT_EQ(fake->client_secret.reveal(), "the newest");
    EXPECT_EQ(fake->client_secret_previous.reveal(), "the old one");
}

TEST_F(ClientSecrets, ComeFromTheEnvironmentToo) {
    environment["FAKE_CLIENT_SECRET_PREVIOUS"] = "from outside";
    make_providers();

    EXPECT_EQ(run(providers->find("fake")).value()->client_secret_previous.reveal(),
              "from outside");
}

}  // namespace
}  // namespace cardea::provider
