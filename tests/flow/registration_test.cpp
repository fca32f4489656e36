// Who may open an account: the same for passwords and for providers.
#include <gmock/gmock.h>

#include "tests/support/world.hpp"

namespace cardea {
namespace {

using sign_in::Registration;

sign_in::Settings with(Registration registration) {
    sign_in::Settings settings;
    settings.registration = registration;
    return settings;
}

class RegistrationTest : public testing::Test {
  protected:
    account::Account invite(std::string_view email, std::vector<std::string> roles = {}) {
        sign_in::AddAccount wish{account::Email::parse(email).value(), std::nullopt,
                                 account::Name::parse("Invited").value(),
                                 account::Roles::parse(roles).value()};
        return world.run(world.account_flow.add(std::move(wish), {"cli", "", ""})).value();
    }
    void allow_only(std::string_view domain) {
        sign_in::Settings settings;
        settings.allowed_email_domains.push_back(sign_in::EmailDomain::parse(domain).value());
        world.choose(std::move(settings));
    }

    World world;
    Browser somebody{world};
};

TEST_F(RegistrationTest, IsForNobodyWhenItIsClosed) {
    world.choose(with(Registration::closed));
    invite("ada@example.org");

    EXPECT_EQ(refusal(somebody.sign_up("ada@example.org")), "account.registration_closed");
    EXPECT_EQ(refusal(somebody.sign_up("bob@example.org")), "account.registration_closed");
    EXPECT_EQ(refusal(somebody.sign_in_with("idp")), "account.registration_closed");
    EXPECT_EQ(world.count("connections"), 0u);
    EXPECT_EQ(world.count("sessions"), 0u);
}

TEST_F(RegistrationTest, LetsThoseInWhoHaveAnAccountWhenItIsClosed) {
    ASSERT_TRUE(somebody.sign_up("ada@example.org"));
    ASSERT_TRUE(Browser(world).sign_in_with("idp"));
    world.choose(with(Registration::closed));

    EXPECT_TRUE(somebody.sign_in("ada@example.org"));
    EXPECT_TRUE(Browser(world).sign_in_with("idp"));
}

TEST_F(RegistrationTest, IsForTheInvitedAlone) {
    world.choose(with(Registration::invited));
    auto invitation = invite("ada@example.org");

    EXPECT_EQ(refusal(Browser(world).sign_up("bob@example.org")), "account.registration_closed");
    EXPECT_EQ(refusal(Browser(world).sign_in_with("idp")), "account.registration_closed");
    ASSERT_TRUE(somebody.sign_up("Ada@example.org"));

    EXPECT_EQ(somebody.whoami(), invitation.id);
    EXPECT_EQ(world.account(invitation.id).name, "Invited");
    EXPECT_FALSE(world.account(invitation.id).email_verified);
}

TEST_F(RegistrationTest, DoesNotTellWhoHasAnAccountWhenOnlyTheInvitedMayCome) {
    ASSERT_TRUE(somebody.sign_up("ada@example.org"));
    world.choose(with(Registration::invited));

    EXPECT_EQ(refusal(Browser(world).sign_up("ada@example.org")), "account.registration_closed");
}

TEST_F(RegistrationTest, GivesAnInvitationToOneOfSeveral) {
    world.choose(with(Registration::invited));
    invite("ada@example.org");

    EXPECT_TRUE(somebody.sign_up("ada@example.org"));
    EXPECT_EQ(refusal(Browser(world).sign_up("ada@example.org", "another password")),
              "account.registration_closed");
    EXPECT_EQ(world.count("accounts"), 1u);
}

TEST_F(RegistrationTest, GivesAnInvitationToItsOwnerThroughAProvider) {
    world.choose(with(Registration::invited));
    auto invitation = invite("alice@idp.example", {"admin"});

    ASSERT_TRUE(somebody.sign_in_with("idp"));

    EXPECT_EQ(somebody.whoami(), invitation.id);
    EXPECT_TRUE(world.account(invitation.id).email_verified);
    EXPECT_TRUE(world.account(invitation.id).roles.has(account::admin));
}

TEST_F(RegistrationTest, GivesNoInvitationForAnAddressThatAProviderHasNotProven) {
    world.choose(with(Registration::invited));
    auto invitation = invite("alice@idp.example");
    world.idp.user.email_verified = false;

    EXPECT_EQ(refusal(somebody.sign_in_with("idp")), "account.registration_closed");
    EXPECT_TRUE(world.account(invitation.id).is_invitation());

    world.other.user.email = "alice@idp.example";
    ASSERT_TRUE(Browser(world).sign_in_with("other")) << "a claim that the row believes is enough";
    EXPECT_FALSE(world.account(invitation.id).email_authoritative) << "and a proof takes it over";
}

TEST_F(RegistrationTest, GivesNoRolesToSomebodyUnproven) {
    world.choose(with(Registration::invited));
    invite("root@example.org", {"admin"});
    world.idp.user.email = "root@example.org";
    world.idp.user.email_verified = false;

    EXPECT_EQ(refusal(somebody.sign_up("root@example.org")), "account.registration_closed");
    EXPECT_EQ(refusal(somebody.sign_in_with("idp")), "account.registration_closed");
}

TEST_F(RegistrationTest, GivesNoRolesForAProvidersClaimOfAnAddressThatItDoesNotGiveOut) {
    world.choose(with(Registration::invited));
    invite("root@example.org", {"admin"});
    world.other.user.email = "root@example.org";

    EXPECT_EQ(refusal(somebody.sign_in_with("other")), "account.registration_closed");
}

TEST_F(RegistrationTest, GivesADisabledInvitationToNobody) {
    auto invitation = invite("ada@example.org");
    ASSERT_TRUE(world.run(world.account_flow.disable(invitation.id, {})));

    EXPECT_EQ(refusal(somebody.sign_up("ada@example.org")), "account.email_taken");
}

TEST_F(RegistrationTest, HonoursInvitationsAlsoWhenItIsOpen) {
    auto invitation = invite("ada@example.org");

    ASSERT_TRUE(somebody.sign_up("ada@example.org"));

    EXPECT_EQ(somebody.whoami(), invitation.id);
}

TEST_F(RegistrationTest, KeepsToTheAllowedDomains) {
    allow_only("Example.org");

    EXPECT_EQ(refusal(somebody.sign_up("ada@example.com")), "account.registration_closed");
    EXPECT_EQ(refusal(somebody.sign_up("ada@sub.example.org")), "account.registration_closed");
    EXPECT_EQ(refusal(somebody.sign_up("ada@notexample.org")), "account.registration_closed");
    EXPECT_TRUE(somebody.sign_up("ada@EXAMPLE.org."));
}

TEST_F(RegistrationTest, KeepsToTheAllowedDomainsForProvidersToo) {
    allow_only("example.org");
    EXPECT_EQ(refusal(somebody.sign_in_with("idp")), "account.registration_closed");

    world.idp.user.email = std::nullopt;
    EXPECT_EQ(refusal(somebody.sign_in_with("idp")), "account.registration_closed");

    allow_only("idp.example");
    world.idp.user.email = "alice@idp.example";
    EXPECT_TRUE(somebody.sign_in_with("idp"));
}

TEST_F(RegistrationTest, LeavesNothingBehindWhenItRefuses) {
    world.choose(with(Registration::invited));
    (void)somebody.sign_up("ada@example.org");
    (void)somebody.sign_in_with("idp");

    for (auto table : {"accounts", "sessions", "connections", "verifications"})
        EXPECT_EQ(world.count(table), 0u) << table;
}

}  // namespace
}  // namespace cardea
