// What may become a password, wherever one is chosen; and passwords that bcrypt alone would cut.
#include <gmock/gmock.h>

#include "cardea/password/policy/common_list.hpp"
#include "tests/support/world.hpp"

namespace cardea {
namespace {

using testing::StartsWith;

class PasswordPolicyFlowTest : public testing::Test {
  protected:
    std::string stored_hash(std::string account_id) {
        auto found = world.accounts.find_credential(*world.database, std::move(account_id));
        return world.run(std::move(found)).value().password_hash.value().reveal();
    }
    Result<account::Account> add(std::string_view email, std::string_view password) {
        sign_in::AddAccount wish{account::Email::parse(email).value(),
                                 password::Password::parse(password).value(),
                                 account::Name(),
                                 {}};
        return world.run(world.account_flow.add(std::move(wish), {"cli", "", ""}));
    }
    static std::string cats() {
        std::string all;
        for (int i = 0; i < 64; ++i) all += "\U0001F431";
        return all;
    }

    World world;
    Browser ada{world};
};

TEST_F(PasswordPolicyFlowTest, RefusesASignUpWithACommonPassword) {
    if (password::built_in_common_passwords().empty()) GTEST_SKIP() << "built without the lists";

    auto outcome = ada.sign_up("ada@example.org", "Password1");

    EXPECT_EQ(refusal(outcome), "password.common");
    EXPECT_EQ(outcome.error().fields().at(0).field, "password");
    EXPECT_EQ(world.count("accounts"), 0u);
}

TEST_F(PasswordPolicyFlowTest, RefusesASignUpWithItsOwnAddressOrTheServicesName) {
    for (auto password :
         {"ada@example.org", "exampleada", "example.org!", "cardea2026", "app.example"})
        EXPECT_EQ(refusal(ada.sign_up("ada@example.org", password)), "password.context")
            << password;
    EXPECT_EQ(world.count("accounts"), 0u);
}

TEST_F(PasswordPolicyFlowTest, CountsNoSignUpWhosePasswordWasRefused) {
    for (int i = 0; i < 100; ++i) (void)ada.sign_up("ada@example.org", "cardea2026");

    EXPECT_TRUE(ada.sign_up("ada@example.org"));
}

TEST_F(PasswordPolicyFlowTest, RefusesAChangeToAPasswordMadeOfTheAccount) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    Browser phone(world);
    ASSERT_TRUE(phone.sign_in("ada@example.org"));

    auto changed = ada.change_password("correct horse", "ada@example.org");

    EXPECT_EQ(refusal(changed), "password.context");
    EXPECT_EQ(changed.error().fields().at(0).field, "new_password");
    EXPECT_TRUE(phone.me()) << "no session ended";
    EXPECT_TRUE(phone.sign_in("ada@example.org"));
}

TEST_F(PasswordPolicyFlowTest, RefusesAnAddedAccountAlike) {
    EXPECT_EQ(refusal(add("ada@example.org", "exampleada")), "password.context");
    EXPECT_EQ(world.count("accounts"), 0u);
    EXPECT_TRUE(add("ada@example.org", "correct horse"));
}

TEST_F(PasswordPolicyFlowTest, LetsOldPasswordsInThatTheRulesWouldRefuse) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();
    auto hash = world.run(world.hasher.hash(SecretText(std::string("abc")))).value();
    ASSERT_TRUE(world.run(world.accounts.set_password(*world.database, id, SecretText(hash))));

    EXPECT_TRUE(ada.sign_in("ada@example.org", "abc"));
}

// Over 72 bytes.

TEST_F(PasswordPolicyFlowTest, RefusesWhatMerelyBeginsLikeALongPassword) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", cats()));
    auto beginning = cats().substr(0, 72);

    EXPECT_EQ(refusal(ada.sign_in("ada@example.org", beginning)), "sign_in.credentials_wrong");
    EXPECT_EQ(refusal(ada.sign_in("ada@example.org", cats() + "!")), "sign_in.credentials_wrong");
}

TEST_F(PasswordPolicyFlowTest, RefusesALongAttemptAtAShortPasswordLikeAnUnknownAddress) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", std::string(72, 'x')));
    auto attempt = std::string(72, 'x') + "y";

    auto wrong = ada.sign_in("ada@example.org", attempt);
    auto unknown = ada.sign_in("nobody@example.org", attempt);

    EXPECT_EQ(refusal(wrong), "sign_in.credentials_wrong");
    EXPECT_EQ(refusal(unknown), "sign_in.credentials_wrong");
}

TEST_F(PasswordPolicyFlowTest, SignsUpAndInWithSixtyFourCharactersOfFourBytes) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", cats()));
    auto id = ada.whoami();

    EXPECT_TRUE(ada.sign_in("ada@example.org", cats()));
    EXPECT_THAT(stored_hash(id), StartsWith("$bcrypt-sha256$v=2,t=2b,r=4$"));
}

TEST_F(PasswordPolicyFlowTest, ChangesFromAShortToALongPasswordAndBack) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();

    ASSERT_TRUE(ada.change_password("correct horse", cats()));
    EXPECT_TRUE(ada.sign_in("ada@example.org", cats()));
    ASSERT_TRUE(ada.change_password(cats(), "battery staple"));

    EXPECT_THAT(stored_hash(id), StartsWith("$2b$"));
    EXPECT_TRUE(ada.sign_in("ada@example.org", "battery staple"));
}

TEST_F(PasswordPolicyFlowTest, HashesALongPasswordAgainWithTheCostOfToday) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", cats()));
    auto id = ada.whoami();
    password::Settings stronger;
    stronger.cost = 5;
    password::formats::AnyHasher hasher(stronger, sign_in::bcrypt_side(stronger));
    sign_in::PasswordFlow flow(
        {*world.database, world.accounts, world.sessions, world.trail, hasher, world.throttle,
         world.background, world.policy, world.known_browsers},
        {});
    sign_in::Credentials credentials{account::Email::parse("ada@example.org").value(),
                                     password::Attempt::parse(cats()).value()};

    ASSERT_TRUE(world.run(flow.sign_in(credentials, ada.visit())));
    world.settle();

    EXPECT_THAT(stored_hash(id), StartsWith("$bcrypt-sha256$v=2,t=2b,r=5$"));
    EXPECT_TRUE(world.run(flow.sign_in(credentials, ada.visit())));
}

// Look-alikes.

TEST_F(PasswordPolicyFlowTest, TakesAPasswordInEitherNormalForm) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", "caf\u00E9 au lait"));

    EXPECT_TRUE(ada.sign_in("ada@example.org", "cafe\u0301 au lait"));
    EXPECT_EQ(refusal(ada.sign_in("ada@example.org", "cafe au lait")), "sign_in.credentials_wrong");
}

TEST_F(PasswordPolicyFlowTest, KeepsPasswordsApartThatOnlyNfkcWouldJoin) {
    ASSERT_TRUE(ada.sign_up("ada@example.org", "o\uFB03ce hours"));

    EXPECT_EQ(refusal(ada.sign_in("ada@example.org", "office hours")), "sign_in.credentials_wrong");
    EXPECT_TRUE(ada.sign_in("ada@example.org", "o\uFB03ce hours"));
}

TEST_F(PasswordPolicyFlowTest, OpensOneAccountForAddressesThatLookAlike) {
    ASSERT_TRUE(ada.sign_up("office@example.org"));
    for (auto disguise : {"o\uFB03ce@example.org", "OFFICE@example.org", "\uFF4Fffice@example.org",
                          "of\u200Bfice@example.org", "off\u0131ce@example.org",
                          "office@EXAMPLE.org.", "office@\uFF45xample.org"}) {
        EXPECT_EQ(refusal(Browser(world).sign_up(disguise)), "account.email_taken") << disguise;
        EXPECT_TRUE(Browser(world).sign_in(disguise)) << disguise;
    }

    EXPECT_EQ(world.count("accounts"), 1u);
}

}  // namespace
}  // namespace cardea
