// Signing up, in and out with a password.
#include <gmock/gmock.h>

#include <future>

#include "cardea/password/formats/fit.hpp"
#include "cardea/password/kernel.hpp"
#include "tests/support/world.hpp"

namespace cardea {
namespace {

using testing::Contains;
using testing::ElementsAre;

class PasswordFlowTest : public testing::Test {
  protected:
    Result<sign_in::SignedIn> sign_in_from(std::string address, std::string_view password) {
        return Browser(world, std::move(address)).sign_in("ada@example.org", password);
    }
    std::string id_of(Browser& browser) { return browser.whoami(); }

    World world;
    Browser ada{world};
};

TEST_F(PasswordFlowTest, RefusesAnUnknownAddressAndAWrongPasswordAlike) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    Browser eve(world);

    auto wrong = eve.sign_in("ada@example.org", "not the password");
    auto unknown = eve.sign_in("nobody@example.org", "not the password");

    EXPECT_EQ(refusal(wrong), "sign_in.credentials_wrong");
    EXPECT_EQ(refusal(unknown), "sign_in.credentials_wrong");
    EXPECT_EQ(wrong.error().reason().text, unknown.error().reason().text);
    EXPECT_EQ(eve.whoami(), "session.missing");
}

TEST_F(PasswordFlowTest, RefusesAnAccountWithoutAPasswordLikeAWrongOne) {
    ASSERT_TRUE(ada.sign_in_with("idp"));

    EXPECT_EQ(refusal(ada.sign_in("alice@idp.example")), "sign_in.credentials_wrong");
}

TEST_F(PasswordFlowTest, TellsThatAnAccountIsDisabledOnlyAfterTheRightPassword) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    ASSERT_TRUE(world.run(world.account_flow.disable(ada.whoami(), {"cli", "", ""})));

    EXPECT_EQ(refusal(ada.sign_in("ada@example.org", "wrong password")),
              "sign_in.credentials_wrong");
    EXPECT_EQ(refusal(ada.sign_in("ada@example.org")), "account.disabled");
    EXPECT_EQ(ada.whoami(), "session.unknown");
}

TEST_F(PasswordFlowTest, RefusesABrokenStoredHashLikeAWrongPassword) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();
    for (auto broken :
         {"", "plain", "$2b$10$short", "$2b$99$xxxxxxxxxxxxxxxxxxxxxx", "$argon2id$v=19$"}) {
        ASSERT_TRUE(world.run(
            world.accounts.set_password(*world.database, id, SecretText(std::string(broken)))));

        EXPECT_EQ(refusal(ada.sign_in("ada@example.org")), "sign_in.credentials_wrong") << broken;
    }
}

TEST_F(PasswordFlowTest, SignsUpAndInWithTheSamePassword) {
    auto outcome = ada.sign_up("Ada@Example.org").value();
    auto id = ada.whoami();
    Browser phone(world);

    auto signed_in = phone.sign_in("ada@example.org.").value();

    EXPECT_EQ(outcome.signed_in->account.email, "Ada@example.org");
    EXPECT_FALSE(outcome.signed_in->account.email_verified);
    EXPECT_EQ(signed_in.account.id, id);
    EXPECT_EQ(signed_in.session.method, "password");
    EXPECT_EQ(phone.whoami(), id);
    EXPECT_EQ(ada.whoami(), id) << "both are signed in";
    EXPECT_THAT(world.events(id),
                ElementsAre("account.created", "session.opened", "session.opened"));
}

TEST_F(PasswordFlowTest, KeepsNoPlainPasswordAnywhere) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", "canary password"));
    constexpr db::Statement everything{"test.all", "SELECT * FROM accounts"};

    auto rows = world.run(world.database->run(everything, db::Values())).value();

    for (const auto& value : rows.rows.at(0))
        EXPECT_EQ(value.as_text().find("canary"), std::string::npos);
}

TEST_F(PasswordFlowTest, AlwaysOpensANewSessionAndEndsTheOldOneOfThatBrowser) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto first = ada.session;

    ASSERT_TRUE(ada.sign_in("ada@example.org"));

    EXPECT_FALSE(first == ada.session);
    EXPECT_EQ(refusal(world.run(world.sessions.find(first))), "session.unknown");
    EXPECT_EQ(world.count("sessions"), 1u);
}

TEST_F(PasswordFlowTest, NeverAdoptsAPlantedSession) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    Browser eve(world, "198.51.100.1");
    ASSERT_TRUE(eve.sign_up("eve@example.org"));

    ada.session = eve.session;
    ASSERT_TRUE(ada.sign_in("ada@example.org"));

    EXPECT_FALSE(ada.session == eve.session);
    EXPECT_EQ(eve.whoami(), "session.unknown") << "what was planted is worth nothing afterwards";
}

TEST_F(PasswordFlowTest, OpensOneAccountForFiftySignUpsAtOnce) {
    auto one = [](World& on, int number) -> Task<void> {
        static constexpr std::array disguises{"title@example.org", "TITLE@example.org",
                                              "title@example.org.", "t\u0131tle@example.org"};
        auto email = account::Email::parse(disguises[static_cast<std::size_t>(number) % 4]);
        auto password = password::Password::parse("correct horse");
        sign_in::SignUp wish{*email, *password, account::Name()};
        sign_in::Visit visit;
        visit.origin.client_address = "192.0.2." + std::to_string(number);
        auto outcome = co_await on.passwords->sign_up(std::move(wish), std::move(visit));
        if (outcome) co_return Result<void>();
        co_return std::unexpected(outcome.error());
    };
    for (int i = 0; i < 50; ++i) world.background.add("sign_up", one(world, i));

    world.settle();

    EXPECT_EQ(world.count("accounts"), 1u);
    EXPECT_EQ(world.count("sessions"), 1u);
}

TEST_F(PasswordFlowTest, TellsThatAnAddressIsTaken) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));

    EXPECT_EQ(refusal(Browser(world).sign_up("ADA@example.org")), "account.email_taken");
}

TEST_F(PasswordFlowTest, TellsNobodyThatAnAddressIsTakenWhenSoSet) {
    sign_in::Settings settings;
    settings.reveal_existing_accounts = false;
    world.choose(settings);
    Browser eve(world);

    auto fresh = ada.sign_up("ada@example.org");
    auto taken = eve.sign_up("ada@example.org");

    ASSERT_TRUE(fresh);
    ASSERT_TRUE(taken);
    EXPECT_FALSE(fresh->signed_in);
    EXPECT_FALSE(taken->signed_in);
    EXPECT_EQ(world.count("accounts"), 1u);
    EXPECT_TRUE(ada.sign_in("ada@example.org"));
}

// Throttling.

TEST_F(PasswordFlowTest, SlowsDownWhoGuesses) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    std::vector<std::string> refusals;
    refusals.reserve(10);

    for (int i = 0; i < 10; ++i)
        refusals.push_back(refusal(sign_in_from("203.0.113.1", "guess!!!")));

    EXPECT_THAT(refusals, Contains("throttle.slow_down"));
    auto slowed = sign_in_from("203.0.113.1", "correct horse");
    ASSERT_EQ(refusal(slowed), "throttle.slow_down");
    EXPECT_GT(slowed.error().retry_after().value(), 0s);
}

TEST_F(PasswordFlowTest, LetsTheOwnerInWhileStrangersGuess) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    for (int i = 0; i < 40; ++i) (void)sign_in_from("203.0.113." + std::to_string(i), "guess!!!");

    EXPECT_TRUE(ada.sign_in("ada@example.org"));
}

TEST_F(PasswordFlowTest, LetsAKnownBrowserInFromAnAddressThatIsSlowedDown) {
    auto signed_up = ada.sign_up("ada@example.org");
    auto cookie = signed_up->signed_in->known_browser->value;
    for (int i = 0; i < 40; ++i) (void)sign_in_from("203.0.113." + std::to_string(i), "guess!!!");
    sign_in::Visit visit;
    visit.origin.client_address = "198.51.100.7";
    sign_in::Credentials right{account::Email::parse("ada@example.org").value(),
                               password::Attempt::parse("correct horse").value()};

    auto stranger = world.run(world.passwords->sign_in(right, visit));
    visit.known_browser = cookie;
    auto owner = world.run(world.passwords->sign_in(right, visit));

    EXPECT_EQ(refusal(stranger), "throttle.slow_down");
    EXPECT_TRUE(owner.has_value());
    EXPECT_TRUE(owner->known_browser.has_value());
}

TEST_F(PasswordFlowTest, NotesFailuresWithoutTheTypedAddress) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    (void)ada.sign_in("hunter2@example.org", "x");

    auto page = world.run(world.trail.list(*world.database, {}, "", 1)).value();

    ASSERT_EQ(page.items.at(0).type, "sign_in.failed");
    EXPECT_FALSE(page.items[0].account_id);
    EXPECT_THAT(page.items[0].detail, ElementsAre(std::pair("method", "password")));
}

// Changing the password.

TEST_F(PasswordFlowTest, ChangesThePasswordOnlyWithTheOldOne) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));

    EXPECT_EQ(refusal(ada.change_password(std::nullopt, "battery staple")),
              "password.current_needed");
    EXPECT_EQ(refusal(ada.change_password("wrong horse", "battery staple")),
              "password.current_wrong");
    EXPECT_TRUE(ada.sign_in("ada@example.org"));
}

TEST_F(PasswordFlowTest, EndsAllOtherSessionsWhenThePasswordChanges) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    Browser thief(world);
    ASSERT_TRUE(thief.sign_in("ada@example.org"));
    auto id = ada.whoami();

    ASSERT_TRUE(ada.change_password("correct horse", "battery staple"));

    EXPECT_EQ(ada.whoami(), id);
    EXPECT_EQ(thief.whoami(), "session.unknown");
    EXPECT_EQ(refusal(thief.sign_in("ada@example.org", "correct horse")),
              "sign_in.credentials_wrong");
    EXPECT_TRUE(thief.sign_in("ada@example.org", "battery staple"));
    EXPECT_THAT(world.events(id), Contains("password.changed"));
}

TEST_F(PasswordFlowTest, SetsAFirstPasswordWithoutAnOldOne) {
    ASSERT_TRUE(ada.sign_in_with("idp"));

    EXPECT_TRUE(ada.change_password(std::nullopt, "battery staple"));

    EXPECT_TRUE(Browser(world).sign_in("alice@idp.example", "battery staple"));
}

/// Computes nothing before it is told to go on.
class HeldKernel final : public password::Kernel {
  public:
    explicit HeldKernel(std::shared_future<void> go) : go_(std::move(go)) {}
    Result<password::Digest> compute(std::string_view password, password::Variant variant, int cost,
                                     const password::Salt& salt) const override {
        go_.wait();
        return inner_->compute(password, variant, cost, salt);
    }

  private:
    std::shared_future<void> go_;
    std::unique_ptr<Kernel> inner_ = password::make_libxcrypt_kernel();
};

TEST_F(PasswordFlowTest, OpensNoSessionForAPasswordThatChangesWhileItIsChecked) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto fresh = world.run(world.hasher.hash(SecretText("battery staple"))).value();
    std::promise<void> go;
    password::Settings quick;
    quick.cost = 4;
    quick.threads = 1;
    auto kernel = std::make_unique<HeldKernel>(go.get_future().share());
    auto held =
        std::make_unique<password::Hasher>(quick, password::SaltSource(), std::move(kernel));
    password::formats::AnyHasher hasher(quick, password::formats::fit(std::move(held)));
    sign_in::PasswordFlow flow(
        {*world.database, world.accounts, world.sessions, world.trail, hasher, world.throttle,
         world.background, world.policy, world.known_browsers},
        {});
    std::string outcome = "under way";
    auto steal = [](sign_in::PasswordFlow& by, std::string& into) -> Task<void> {
        sign_in::Credentials credentials{account::Email::parse("ada@example.org").value(),
                                         password::Attempt::parse("correct horse").value()};
        auto stolen = co_await by.sign_in(std::move(credentials), sign_in::Visit());
        into = refusal(stolen);
        co_return Result<void>();
    };
    world.background.add("thief", steal(flow, outcome));

    ASSERT_TRUE(
        world.run(world.accounts.set_password(*world.database, ada.whoami(), SecretText(fresh))));
    ASSERT_EQ(outcome, "under way");
    go.set_value();
    world.settle();

    EXPECT_EQ(outcome, "sign_in.credentials_wrong");
    EXPECT_EQ(world.count("sessions"), 1u) << "only the one of the sign-up";
}

TEST_F(PasswordFlowTest, HashesAgainWithTheCostOfToday) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();
    password::Settings stronger;
    stronger.cost = 5;
    password::formats::AnyHasher hasher(stronger);
    sign_in::PasswordFlow flow(
        {*world.database, world.accounts, world.sessions, world.trail, hasher, world.throttle,
         world.background, world.policy, world.known_browsers},
        {});
    sign_in::Credentials credentials{account::Email::parse("ada@example.org").value(),
                                     password::Attempt::parse("correct horse").value()};

    ASSERT_TRUE(world.run(flow.sign_in(credentials, ada.visit())));
    world.settle();

    auto hash = world.run(world.accounts.find_credential(*world.database, id))->password_hash;
    EXPECT_EQ(hash->reveal().substr(0, 7), "$2b$05$");
    EXPECT_TRUE(world.run(flow.sign_in(credentials, ada.visit())));
}

// Signing out.

TEST_F(PasswordFlowTest, SignsOutHereAndElsewhere) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    Browser phone(world);
    ASSERT_TRUE(phone.sign_in("ada@example.org"));
    auto me = ada.me().value();

    ASSERT_TRUE(world.run(
        world.session_flow.end_others(me->account.id, me->session.id, {me->account.id, "", ""})));
    EXPECT_EQ(phone.whoami(), "session.unknown");
    ASSERT_TRUE(world.run(
        world.session_flow.end(me->account.id, me->session.id, {me->account.id, "", ""})));
    EXPECT_EQ(ada.whoami(), "session.unknown");
    EXPECT_EQ(refusal(world.run(world.session_flow.end(me->account.id, me->session.id, {}))),
              "session.not_found");
    EXPECT_THAT(world.events(me->account.id),
                ElementsAre("account.created", "session.opened", "session.opened", "sessions.ended",
                            "session.ended"));
}

}  // namespace
}  // namespace cardea
