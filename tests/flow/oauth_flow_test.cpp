// Signing in with a provider, and linking one.
#include <gmock/gmock.h>

#include "tests/support/world.hpp"

namespace cardea {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OAuthFlowTest : public testing::Test {
  protected:
    /// Nothing was linked, opened or kept.
    void expect_nothing_happened() {
        EXPECT_EQ(world.count("sessions"), 0u);
        EXPECT_EQ(world.count("connections"), 0u);
        EXPECT_EQ(world.count("accounts"), 0u);
    }
    std::vector<vault::Connection> connections_of(std::string id) {
        return world.run(world.vault.list(*world.database, std::move(id))).value();
    }
    /// Somebody signs up with the address, without a proof that it is theirs.
    std::string registered(Browser& browser, std::string_view email) {
        EXPECT_TRUE(browser.sign_up(email));
        return browser.whoami();
    }
    void prove_address(std::string id, std::string_view email) {
        auto parsed = account::Email::parse(email).value();
        ASSERT_TRUE(world.run(world.accounts.verify_email(*world.database, id, parsed,
                                                          account::AddressProof::authoritative)));
    }

    /// What the trail says of the identities that were linked to the account, the newest first.
    std::vector<std::map<std::string, std::string>> links_of(std::string id) {
        audit::Filter filter{.account_id = std::move(id), .type = "connection.linked"};
        auto page = world.run(world.trail.list(*world.database, filter, "", 10)).value();
        std::vector<std::map<std::string, std::string>> details;
        details.reserve(page.items.size());
        for (auto& entry : page.items) details.push_back(std::move(entry.detail));
        return details;
    }

    World world;
    Browser alice{world};
};

// State, and the browser that it is bound to. Attacks on them: rfc9700_test.cpp.

TEST_F(OAuthFlowTest, RefusesACallbackAfterTenMinutes) {
    auto query = world.idp.authorize(alice.begin("idp").value());

    world.clock.advance(10min);

    EXPECT_EQ(refusal(alice.finish("idp", query)), "oauth.state_mismatch");
    expect_nothing_happened();
    EXPECT_THAT(world.events(), ElementsAre("sign_in.failed"));
    EXPECT_EQ(refusal(alice.finish("idp", query)), "oauth.state_mismatch");
    EXPECT_EQ(world.events().size(), 1u) << "once is enough";
}

TEST_F(OAuthFlowTest, GivesAReferenceByWhichTheTrailTellsWhatHappened) {
    auto query = world.idp.authorize(alice.begin("idp").value());
    Browser other(world);

    auto refused = other.finish("idp", query);
    auto again = alice.finish("idp", query);

    auto reference = refused.error().reference();
    EXPECT_EQ(again.error().reference(), reference) << "it is the sign-in's";
    audit::Filter filter{.reference = reference};
    auto page = world.run(world.trail.list(*world.database, filter, "", 10)).value();
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].detail.at("reason"), "sign_in.other_browser");
    EXPECT_THAT(page.items[0].detail.at("why"), HasSubstr("no cookie came"));
    EXPECT_EQ(page.items[0].detail.at("begun_at"), to_rfc3339(world.clock.now()));
    EXPECT_THAT(query, Not(HasSubstr(reference)));
}

TEST_F(OAuthFlowTest, GivesTheSameReferenceToWhatSucceeded) {
    auto query = world.idp.authorize(alice.begin("idp").value());
    ASSERT_TRUE(alice.finish("idp", query));

    audit::Filter filter{.reference = alice.finish("idp", query).error().reference()};
    auto page = world.run(world.trail.list(*world.database, filter, "", 10)).value();

    ASSERT_FALSE(page.items.empty());
    EXPECT_EQ(page.items[0].type, "session.opened");
}

// Authorization requests that are pushed.

TEST_F(OAuthFlowTest, NotesThatTheProviderTookNoPushedRequest) {
    world.idp.options.offers_par = true;
    world.idp.fail("par", FakeProvider::Failure::status_500);

    EXPECT_EQ(refusal(alice.begin("idp")), "provider.failed");
    EXPECT_THAT(world.events(), ElementsAre("sign_in.failed"));
    EXPECT_EQ(world.count("verifications"), 0u);
}

TEST_F(OAuthFlowTest, PushesNothingThatCouldNotBeRemembered) {
    world.idp.options.offers_par = true;
    constexpr db::Statement fill{
        "test.fill",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO verifications (secret_hash, kind, provider, payload, created_at, expires_at) "
        "SELECT CAST(printf('%032d', i) AS BLOB), kind, provider, payload, created_at, expires_at "
        "FROM n, (SELECT * FROM verifications LIMIT 1)"};
    ASSERT_TRUE(alice.begin("idp"));
    ASSERT_TRUE(world.run(world.database->run(fill, db::Values())));
    world.clock.advance(1s);

    EXPECT_EQ(refusal(alice.begin("idp")), "verification.full");
    EXPECT_EQ(world.idp.count("par"), 1);
}

TEST_F(OAuthFlowTest, SignsInThroughAPushedRequest) {
    world.idp.options.offers_par = world.idp.options.demands_par = true;

    EXPECT_TRUE(alice.sign_in_with("idp"));

    EXPECT_EQ(world.idp.count("par"), 1);
    EXPECT_EQ(world.count("sessions"), 1u);
}

TEST_F(OAuthFlowTest, LetsOneOfTwentyCallbacksWin) {
    auto query = world.idp.authorize(alice.begin("idp").value());
    auto one = [](World& on, std::string what, std::string flow) -> Task<void> {
        sign_in::Callback callback{"idp", std::move(what), std::move(flow)};
        auto finished = co_await on.oauth->finish(std::move(callback), sign_in::Visit());
        if (finished) co_return Result<void>();
        co_return std::unexpected(finished.error());
    };
    for (int i = 0; i < 20; ++i) world.background.add("callback", one(world, query, alice.flow));

    world.settle();

    EXPECT_EQ(world.idp.count("token"), 1);
    EXPECT_EQ(world.count("sessions"), 1u);
    EXPECT_EQ(world.count("accounts"), 1u);
}

TEST_F(OAuthFlowTest, WorksInTwoTabsInEitherOrder) {
    auto first = world.idp.authorize(alice.begin("idp").value());
    auto second = world.idp.authorize(alice.begin("idp").value());

    EXPECT_TRUE(alice.finish("idp", second));
    EXPECT_TRUE(alice.finish("idp", first));
    EXPECT_EQ(world.count("accounts"), 1u);
    EXPECT_EQ(world.count("sessions"), 1u) << "the second replaces the first in this browser";
}

TEST_F(OAuthFlowTest, ForgetsSignInsThatAreNeverFinished) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(alice.begin("idp"));
    EXPECT_EQ(world.count("verifications"), 100u);

    world.clock.advance(10min);
    ASSERT_TRUE(world.run(world.verifications.sweep(*world.database)));

    EXPECT_EQ(world.count("verifications"), 0u);
}

// What the provider does.

TEST_F(OAuthFlowTest, LeavesNothingBehindWhenThePersonSaysNo) {
    auto query = world.idp.refuse(alice.begin("idp").value());

    EXPECT_EQ(refusal(alice.finish("idp", query)), "oauth.denied");
    expect_nothing_happened();
}

TEST_F(OAuthFlowTest, CanBeTriedAgainAfterTheProviderFailed) {
    using enum FakeProvider::Failure;
    for (auto failure : {hang, broken, status_500, busy, html, garbage, ten_megabytes, cut_off}) {
        world.idp.fail("token", failure);
        auto failed = alice.sign_in_with("idp");
        ASSERT_FALSE(failed);
        auto code = failed.error().code();
        EXPECT_TRUE(code == Code::peer_failed || code == Code::peer_timeout) << refusal(failed);
    }
    expect_nothing_happened();
    EXPECT_EQ(world.events(), std::vector<std::string>(8, "sign_in.failed"));
    world.idp.repair();

    EXPECT_TRUE(alice.sign_in_with("idp"));
}

TEST_F(OAuthFlowTest, NotesThatTheProviderIsDownWhenASignInBegins) {
    using enum FakeProvider::Failure;
    for (auto failure : {hang, status_500}) {
        world.idp.fail("discovery", failure);
        EXPECT_FALSE(alice.begin("idp"));
        world.clock.advance(10min);
    }
    EXPECT_FALSE(alice.begin("nobody"));

    EXPECT_THAT(world.events(), ElementsAre("sign_in.failed", "sign_in.failed"))
        << "not for a name that anybody can make up";
}

TEST_F(OAuthFlowTest, IsNotSwitchedOffForOthersByAFloodOfBeginnings) {
    int begun = 0;
    Result<std::string> refused;
    for (int i = 0; i < 10'050; ++i) {
        auto one = alice.begin("idp");
        if (one)
            ++begun;
        else
            refused = one;
    }
    Browser bob(world, "198.51.100.7");

    EXPECT_EQ(begun, 201);
    EXPECT_EQ(refusal(refused), "throttle.slow_down");
    EXPECT_TRUE(refused.error().retry_after());
    EXPECT_TRUE(bob.begin("idp"));
}

TEST_F(OAuthFlowTest, RefusesAForgedIdToken) {
    world.idp.forge();

    EXPECT_EQ(refusal(alice.sign_in_with("idp")), "oauth.id_token_refused");
    expect_nothing_happened();
}

TEST_F(OAuthFlowTest, KeepsHostileProfilesHarmless) {
    world.idp.user.name = "Eve\r\nSet-Cookie: x=y\u202E" + std::string(5000, 'x');
    world.idp.user.picture = "javascript:alert(1)";
    world.idp.user.email = "not an address";

    ASSERT_TRUE(alice.sign_in_with("idp"));

    auto account = world.account(alice.whoami());
    EXPECT_EQ(account.name.find_first_of("\r\n"), std::string::npos);
    EXPECT_LE(account.name.size(), 200u);
    EXPECT_EQ(account.picture, "");
    EXPECT_FALSE(account.email);
}

// Who it is.

TEST_F(OAuthFlowTest, OpensAnAccountForSomebodyNew) {
    auto finished = alice.sign_in_with("idp");
    ASSERT_TRUE(finished) << finished.error().describe();

    auto account = world.account(alice.whoami());
    EXPECT_EQ(account.email, "alice@idp.example");
    EXPECT_TRUE(account.email_verified);
    EXPECT_EQ(account.name, "Alice");
    EXPECT_FALSE(account.has_password);
    EXPECT_EQ(finished->return_to, "/welcome");
    EXPECT_EQ(finished->signed_in->session.method, "idp");
    auto connections = connections_of(account.id);
    ASSERT_EQ(connections.size(), 1u);
    EXPECT_EQ(connections[0].provider, "idp");
    EXPECT_EQ(connections[0].subject, "user-1");
    EXPECT_THAT(world.events(account.id),
                ElementsAre("account.created", "connection.linked", "session.opened"));
}

TEST_F(OAuthFlowTest, KnowsItsPeopleBySubjectWhateverTheirAddressBecomes) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    auto id = alice.whoami();
    world.idp.user.email = "alice.new@idp.example";
    Browser phone(world);

    ASSERT_TRUE(phone.sign_in_with("idp"));

    EXPECT_EQ(phone.whoami(), id);
    EXPECT_EQ(world.count("connections"), 1u);
}

TEST_F(OAuthFlowTest, KeepsTwoPeopleOfTheSameSubjectAtTwoProvidersApart) {
    world.other.user.email = "alice@other.example";
    Browser bob(world);

    ASSERT_TRUE(alice.sign_in_with("idp"));
    ASSERT_TRUE(bob.sign_in_with("other"));

    EXPECT_NE(alice.whoami(), bob.whoami());
    EXPECT_EQ(world.count("accounts"), 2u);
}

TEST_F(OAuthFlowTest, OpensAnAccountWithoutAnAddressWhenThereIsNone) {
    world.idp.user.email = std::nullopt;

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_FALSE(world.account(alice.whoami()).email);
}

TEST_F(OAuthFlowTest, RefusesADisabledAccount) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    ASSERT_TRUE(world.run(world.account_flow.disable(alice.whoami(), {})));

    EXPECT_EQ(refusal(alice.sign_in_with("idp")), "account.disabled");
    EXPECT_EQ(world.count("sessions"), 0u);
}

TEST_F(OAuthFlowTest, SealsTheTokens) {
    world.idp.change_token_answer = [](schema::JsonObject& answer) {
        answer["refresh_token"] = "canary-refresh-token";
    };
    ASSERT_TRUE(alice.sign_in_with("idp"));
    constexpr db::Statement everything{"test.all", "SELECT * FROM connections"};

    auto rows = world.run(world.database->run(everything, db::Values())).value();

    for (const auto& value : rows.rows.at(0))
        EXPECT_THAT(value.as_text() + to_text(value.as_bytes()), Not(HasSubstr("canary")));
    auto id = connections_of(alice.whoami()).at(0).id;
    auto tokens = world.run(world.vault.tokens(*world.database, id)).value();
    EXPECT_EQ(tokens.refresh_token->reveal(), "canary-refresh-token");
}

TEST_F(OAuthFlowTest, AlwaysOpensANewSessionAndEndsTheOldOneOfThatBrowser) {
    Browser eve(world);
    ASSERT_TRUE(eve.sign_up("eve@example.org"));
    alice.session = eve.session;

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_EQ(eve.whoami(), "session.unknown");
    EXPECT_NE(alice.whoami(), "session.unknown");
}

// Addresses that somebody has already.

TEST_F(OAuthFlowTest, LinksByAnAddressThatBothSidesHaveProven) {
    auto id = registered(alice, "Alice@idp.example");
    prove_address(id, "alice@idp.example");
    Browser phone(world);

    ASSERT_TRUE(phone.sign_in_with("idp"));

    EXPECT_EQ(phone.whoami(), id);
    EXPECT_TRUE(world.account(id).has_password);
    EXPECT_THAT(world.events(id), Contains("connection.linked"));
}

TEST_F(OAuthFlowTest, DoesNotLinkByAnAddressThatTheProviderHasNotProven) {
    auto id = registered(alice, "alice@idp.example");
    prove_address(id, "alice@idp.example");
    Browser eve(world);

    for (const schema::Json& unproven :
         {schema::Json(false), schema::Json(nullptr), schema::Json("true"), schema::Json("false"),
          schema::Json(1)}) {
        world.idp.user.email_verified = unproven;
        EXPECT_EQ(refusal(eve.sign_in_with("idp")), "sign_in.link_first");
    }
    EXPECT_EQ(eve.whoami(), "session.missing");
    EXPECT_EQ(world.count("connections"), 0u);
}

TEST_F(OAuthFlowTest, DoesNotLinkByAnAddressThatTheProviderDoesNotGiveOut) {
    auto id = registered(alice, "alice@example.org");
    prove_address(id, "alice@example.org");
    Browser eve(world);
    world.other.user.email = "alice@example.org";
    world.idp.user.email = "ALICE@example.org";

    EXPECT_EQ(refusal(eve.sign_in_with("other")), "sign_in.link_first");
    EXPECT_EQ(refusal(eve.sign_in_with("idp")), "sign_in.link_first");
    EXPECT_EQ(world.count("connections"), 0u);
}

TEST_F(OAuthFlowTest, GivesAnAddressThatAStrangerRegisteredToItsOwner) {
    Browser stranger(world);
    auto strangers = registered(stranger, "alice@idp.example");

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_NE(alice.whoami(), strangers) << "never into an account prepared by somebody else";
    EXPECT_EQ(world.account(alice.whoami()).email, "alice@idp.example");
    EXPECT_FALSE(world.account(strangers).email);
    EXPECT_FALSE(world.account(strangers).has_password);
    EXPECT_EQ(stranger.whoami(), "session.unknown");
    EXPECT_EQ(refusal(stranger.sign_in("alice@idp.example")), "sign_in.credentials_wrong");
    EXPECT_THAT(world.events(strangers), Contains("account.address_lost"));
}

TEST_F(OAuthFlowTest, GivesAnAddressThatAnotherProviderClaimedToItsOwner) {
    Browser eve(world, "198.51.100.7");
    world.other.user.subject = "eve";
    world.other.user.email = "alice@idp.example";
    ASSERT_TRUE(eve.sign_in_with("other"));
    auto claimed = eve.whoami();
    EXPECT_TRUE(world.account(claimed).email_verified);

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_NE(alice.whoami(), claimed) << "never into an account prepared by somebody else";
    EXPECT_EQ(world.account(alice.whoami()).email, "alice@idp.example");
    EXPECT_FALSE(world.account(claimed).email);
    EXPECT_EQ(eve.whoami(), "session.unknown");
    EXPECT_THAT(world.events(claimed), Contains("account.address_lost"));
}

TEST_F(OAuthFlowTest, GivesAnAddressThatWasLinkedByAClaimToItsOwner) {
    Browser eve(world, "198.51.100.7");
    auto id = registered(eve, "alice@idp.example");
    world.other.user.email = "alice@idp.example";
    ASSERT_TRUE(eve.link("other"));
    EXPECT_TRUE(world.account(id).email_verified);

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_NE(alice.whoami(), id);
    EXPECT_FALSE(world.account(id).email);
}

TEST_F(OAuthFlowTest, FindsAnAccountByTheAddressThatItsOwnProviderProvedLater) {
    world.idp.user.email_verified = false;
    ASSERT_TRUE(alice.sign_in_with("idp"));
    auto id = alice.whoami();
    EXPECT_FALSE(world.account(id).email_verified);
    world.idp.user.email_verified = true;
    ASSERT_TRUE(alice.sign_in_with("idp"));
    world.idp.user.subject = "user-2";
    Browser phone(world);

    ASSERT_TRUE(phone.sign_in_with("idp"));

    EXPECT_EQ(phone.whoami(), id);
}

TEST_F(OAuthFlowTest, ForgetsTheNetworksThatWereKnownToTheOldAccount) {
    Browser stranger(world, "198.51.100.7");
    (void)registered(stranger, "alice@idp.example");
    ASSERT_TRUE(alice.sign_in_with("idp"));
    // Many guesses from elsewhere: strangers wait, and so does whoever had the address before.
    for (int i = 0; i < 10; ++i)
        (void)Browser(world, "203.0.113." + std::to_string(i)).sign_in("alice@idp.example", "x");

    EXPECT_EQ(refusal(stranger.sign_in("alice@idp.example")), "throttle.slow_down");
}

TEST_F(OAuthFlowTest, TakesNoAddressFromSomebodyWhenTheNewcomerIsRefused) {
    Browser first(world);
    auto id = registered(first, "alice@idp.example");
    sign_in::Settings closed;
    closed.registration = sign_in::Registration::closed;
    world.choose(closed);

    EXPECT_EQ(refusal(alice.sign_in_with("idp")), "account.registration_closed");

    EXPECT_EQ(world.account(id).email, "alice@idp.example");
    EXPECT_EQ(first.whoami(), id);
}

TEST_F(OAuthFlowTest, DoesNotLetADisabledPersonBackInByTheirAddress) {
    auto id = registered(alice, "alice@idp.example");
    ASSERT_TRUE(world.run(world.account_flow.disable(id, {})));

    EXPECT_EQ(refusal(alice.sign_in_with("idp")), "account.disabled");
    EXPECT_EQ(world.account(id).email, "alice@idp.example");
}

// Linking.

TEST_F(OAuthFlowTest, LinksAProviderToTheAccountThatIsSignedIn) {
    auto id = registered(alice, "ada@example.org");
    auto session = alice.session;

    auto finished = alice.link("idp");

    ASSERT_TRUE(finished);
    EXPECT_FALSE(finished->signed_in);
    EXPECT_TRUE(alice.session == session);
    EXPECT_EQ(connections_of(id).size(), 1u);
    Browser phone(world);
    ASSERT_TRUE(phone.sign_in_with("idp"));
    EXPECT_EQ(phone.whoami(), id);
}

TEST_F(OAuthFlowTest, SaysInTheTrailWhichIdentityWasLinkedByWhichProof) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    auto id = alice.whoami();
    EXPECT_EQ(links_of(id).at(0).at("proof"), "newcomer");

    world.idp.user.subject = "user-2";
    ASSERT_TRUE(Browser(world).sign_in_with("idp"));
    auto by_address = links_of(id).at(0);
    EXPECT_EQ(by_address.at("proof"), "address");
    EXPECT_EQ(by_address.at("provider"), "idp");
    EXPECT_EQ(by_address.at("issuer"), "https://idp.example");
    EXPECT_EQ(by_address.at("subject"), "user-2");

    ASSERT_TRUE(alice.link("other"));
    EXPECT_EQ(links_of(id).at(0).at("proof"), "session");
    EXPECT_EQ(links_of(id).at(0).at("issuer"), "https://other.example");

    ASSERT_TRUE(Browser(world).sign_in_with("idp"));
    EXPECT_EQ(links_of(id).size(), 3u) << "what is linked is not linked again";
}

TEST_F(OAuthFlowTest, SaysInTheTrailThatAnInvitationWasClaimed) {
    sign_in::AddAccount wish{account::Email::parse("alice@idp.example").value(), std::nullopt,
                             account::Name(), account::Roles()};
    auto invited = world.run(world.account_flow.add(std::move(wish), {"cli", "", ""})).value();

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_EQ(links_of(invited.id).at(0).at("proof"), "invitation");
}

TEST_F(OAuthFlowTest, LinksSeveralPeopleOfOneProvider) {
    auto id = registered(alice, "ada@example.org");
    ASSERT_TRUE(alice.link("idp"));
    world.idp.user.subject = "user-2";

    ASSERT_TRUE(alice.link("idp"));

    EXPECT_EQ(connections_of(id).size(), 2u);
}

TEST_F(OAuthFlowTest, ProvesAnAddressByLinking) {
    auto id = registered(alice, "alice@idp.example");
    EXPECT_FALSE(world.account(id).email_verified);

    ASSERT_TRUE(alice.link("idp"));

    EXPECT_TRUE(world.account(id).email_verified);
}

TEST_F(OAuthFlowTest, ProvesNoAddressThatTheProviderHasNotProven) {
    auto id = registered(alice, "alice@idp.example");
    world.idp.user.email_verified = false;

    ASSERT_TRUE(alice.link("idp"));

    EXPECT_FALSE(world.account(id).email_verified);
}

TEST_F(OAuthFlowTest, DoesNotLinkWhatBelongsToAnotherAccount) {
    ASSERT_TRUE(Browser(world).sign_in_with("idp"));
    auto id = registered(alice, "ada@example.org");

    EXPECT_EQ(refusal(alice.link("idp")), "vault.connection_taken");
    EXPECT_TRUE(connections_of(id).empty());
}

TEST_F(OAuthFlowTest, DoesNotLinkForSomebodyWhoHasSignedOutOrIsAnother) {
    auto id = registered(alice, "ada@example.org");
    auto query = world.idp.authorize(alice.begin("idp", id).value());
    ASSERT_TRUE(alice.sign_up("eve@example.org"));
    EXPECT_EQ(refusal(alice.finish("idp", query)), "sign_in.link_needs_session");

    query = world.idp.authorize(alice.begin("idp", id).value());
    alice.session = SecretText();
    EXPECT_EQ(refusal(alice.finish("idp", query)), "sign_in.link_needs_session");

    EXPECT_EQ(world.idp.count("token"), 0);
    EXPECT_EQ(world.count("connections"), 0u);
}

TEST_F(OAuthFlowTest, DoesNotLinkInAnotherBrowser) {
    auto id = registered(alice, "ada@example.org");
    Browser eve(world);
    ASSERT_TRUE(eve.sign_up("eve@example.org"));
    auto query = world.idp.authorize(eve.begin("idp", eve.whoami()).value());

    EXPECT_EQ(refusal(alice.finish("idp", query)), "sign_in.other_browser");
    EXPECT_TRUE(connections_of(id).empty());
}

}  // namespace
}  // namespace cardea
