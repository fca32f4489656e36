// What owners and administrators do to accounts.
#include <gmock/gmock.h>

#include "tests/support/world.hpp"

namespace cardea {
namespace {

using testing::Contains;
using testing::ElementsAre;

class AccountFlowTest : public testing::Test {
  protected:
    Result<account::Account> add(std::string_view email, std::optional<std::string_view> password) {
        sign_in::AddAccount wish{account::Email::parse(email).value(), std::nullopt,
                                 account::Name::parse("Ada").value(),
                                 account::Roles::parse({"admin"}).value()};
        if (password) wish.password = password::Password::parse(*password).value();
        return world.run(world.account_flow.add(std::move(wish), cli));
    }

    World world;
    Browser ada{world};
    audit::Origin cli{"cli", "", ""};
};

TEST_F(AccountFlowTest, AddsAnAccountThatCanSignInAtOnce) {
    auto account = add("ada@example.org", "correct horse").value();

    EXPECT_TRUE(account.email_verified) << "the administrator answers for it";
    EXPECT_TRUE(account.roles.has(account::admin));
    EXPECT_FALSE(account.is_invitation());
    EXPECT_TRUE(ada.sign_in("ada@example.org"));
    EXPECT_TRUE(ada.me().value()->account.has_role("admin"));
}

TEST_F(AccountFlowTest, AddsAnInvitationWithoutAPassword) {
    auto account = add("ada@example.org", std::nullopt).value();

    EXPECT_TRUE(account.is_invitation());
    EXPECT_FALSE(account.email_verified);
    EXPECT_EQ(refusal(ada.sign_in("ada@example.org", "")), "sign_in.credentials_wrong");
    EXPECT_THAT(world.events(account.id), Contains("account.invited"));
}

TEST_F(AccountFlowTest, DoesNotAddATakenAddress) {
    ASSERT_TRUE(add("ada@example.org", "correct horse"));

    EXPECT_EQ(refusal(add("ADA@example.org", "correct horse")), "account.email_taken");
    EXPECT_EQ(refusal(add("ADA@example.org", std::nullopt)), "account.email_taken");
}

TEST_F(AccountFlowTest, ChangesWhatTheOwnerNames) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();
    account::Changes changes;
    changes.email = account::Email::parse("ada@example.com").value();

    auto account = world.run(world.account_flow.update(id, changes, {id, "192.0.2.1", ""}));

    EXPECT_EQ(account->email, "ada@example.com");
    EXPECT_THAT(world.events(id), Contains("account.changed"));
    EXPECT_EQ(ada.me().value()->account.email, "ada@example.com");
}

TEST_F(AccountFlowTest, ChangesNothingWhenTheAddressIsTaken) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();
    ASSERT_TRUE(Browser(world).sign_up("bob@example.org"));
    account::Changes changes;
    changes.name = "Bob";
    changes.email = account::Email::parse("bob@example.org").value();

    EXPECT_EQ(refusal(world.run(world.account_flow.update(id, changes, {id, "", ""}))),
              "account.email_taken");
    EXPECT_EQ(world.account(id).name, "") << "all or nothing";
}

TEST_F(AccountFlowTest, EndsTheSessionsOfADisabledAccountForGood) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();

    ASSERT_TRUE(world.run(world.account_flow.disable(id, cli)));
    EXPECT_EQ(ada.whoami(), "session.unknown");
    ASSERT_TRUE(world.run(world.account_flow.enable(id, cli)));

    EXPECT_EQ(ada.whoami(), "session.unknown") << "enabling revives nothing";
    EXPECT_TRUE(ada.sign_in("ada@example.org"));
    EXPECT_THAT(world.events(id),
                ElementsAre("account.created", "session.opened", "account.disabled",
                            "account.enabled", "session.opened"));
}

TEST_F(AccountFlowTest, GivesAndTakesRolesAtOnce) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto id = ada.whoami();
    auto admin = account::Roles::parse({"admin"}).value();
    EXPECT_FALSE(ada.me().value()->account.has_role("admin"));

    ASSERT_TRUE(world.run(world.account_flow.set_roles(id, admin, cli)));
    EXPECT_TRUE(ada.me().value()->account.has_role("admin"));
    ASSERT_TRUE(world.run(world.account_flow.set_roles(id, account::Roles(), cli)));
    EXPECT_FALSE(ada.me().value()->account.has_role("admin"));
}

TEST_F(AccountFlowTest, NamesWhoDidIt) {
    auto account = add("ada@example.org", "correct horse").value();

    auto page = world.run(world.trail.list(*world.database, {}, "", 1)).value();

    EXPECT_EQ(page.items.at(0).actor, "cli");
    EXPECT_EQ(page.items[0].account_id, account.id);
    EXPECT_EQ(page.items[0].detail.at("roles"), "admin");
}

TEST_F(AccountFlowTest, RefusesAccountsThatAreNotThere) {
    EXPECT_EQ(refusal(world.run(world.account_flow.disable("x", cli))), "account.missing");
    EXPECT_EQ(refusal(world.run(world.account_flow.enable("x", cli))), "account.missing");
    EXPECT_EQ(refusal(world.run(world.account_flow.set_roles("x", {}, cli))), "account.missing");
    EXPECT_TRUE(world.events().empty());
}

}  // namespace
}  // namespace cardea
