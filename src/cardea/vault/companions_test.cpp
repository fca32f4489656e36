// Companion tokens: got under the same lease as renewals, and no danger to the connection.
#include "cardea/vault/companions.hpp"

#include "cardea/vault/vault_fixture.hpp"

namespace cardea::vault {
namespace {

class Companions : public VaultFixture {};

TEST_F(Companions, AreOfNoConnectionThatIsNotThere) {
    EXPECT_EQ(companion("nobody"), "vault.connection_missing");
}

TEST_F(Companions, ComeWithTheRefreshTokenWhichGoesOn) {
    auto id = connect().id;

    EXPECT_EQ(companion(id), "files-2");

    EXPECT_EQ(provider_.asked, std::vector<std::string>{"refresh-1"});
    EXPECT_EQ(token(id), "access-1") << "the first token is as it was";
    auto renewed = run(vault_->renew(id));
    ASSERT_TRUE(renewed.has_value()) << renewed.error().describe();
    EXPECT_EQ(provider_.asked.back(), "refresh-2");
    EXPECT_EQ(provider_.spent_tokens_sent, 0);
}

TEST_F(Companions, AreKeptUntilTheirEndIsNear) {
    auto id = connect().id;
    ASSERT_EQ(companion(id), "files-2");

    EXPECT_EQ(companion(id), "files-2");
    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(companion(id), "files-2") << "the other token's renewal does not end it";
    clock_.advance(56min);
    EXPECT_EQ(companion(id), "files-4");
    EXPECT_EQ(provider_.companion_calls, 2);
}

TEST_F(Companions, AreToldApartByTheirNames) {
    auto id = connect().id;

    EXPECT_EQ(companion(id, "files"), "files-2");
    EXPECT_EQ(companion(id, "mail"), "mail-3");
    EXPECT_EQ(companion(id, "files"), "files-2");
}

TEST_F(Companions, EndNoConnectionWhenTheyAreRefused) {
    auto id = connect().id;
    provider_.failures.emplace_back(oauth::consent_withdrawn, "no such resource");

    EXPECT_EQ(companion(id), "oauth.consent_withdrawn");

    EXPECT_EQ(found(id).state, State::fresh);
    EXPECT_EQ(token(id), "access-1");
    EXPECT_TRUE(run(vault_->renew(id)).has_value()) << "the lease was given back";
}

TEST_F(Companions, AskAFailingProviderOnceInAWhile) {
    auto id = connect().id;
    provider_.failures.emplace_back(provider_down);

    EXPECT_EQ(companion(id), "provider.failed");
    EXPECT_EQ(companion(id), "provider.failed");
    EXPECT_EQ(provider_.companion_calls, 1);

    clock_.advance(1min);
    EXPECT_EQ(companion(id), "files-2");
}

TEST_F(Companions, AreServedWhileTheyLiveAndTheProviderIsInTrouble) {
    auto id = connect().id;
    ASSERT_EQ(companion(id), "files-2");
    clock_.advance(56min);
    provider_.failures.emplace_back(provider_down);

    EXPECT_EQ(companion(id), "files-2");

    clock_.advance(4min);
    EXPECT_EQ(companion(id), "files-3");
}

TEST_F(Companions, AreNotTakenFromAnAnswerAboutSomebodyElse) {
    auto tokens = provider_.issue();
    tokens.id_token = SecretText(id_token("https://idp.example", "subject-1"));
    auto id = keep(tokens).id;
    provider_.spoil = [](oauth::TokenSet& answer) {
        answer.id_token = SecretText(id_token("https://idp.example", "somebody"));
    };

    EXPECT_EQ(companion(id), "vault.identity_changed");

    EXPECT_TRUE(run(vault_->tokens(*database_, id))->companions.empty());
}

TEST_F(Companions, EndWithTheGrantThatTheyCameFrom) {
    auto id = connect().id;
    ASSERT_EQ(companion(id), "files-2");

    connect();

    EXPECT_EQ(companion(id), "files-4");
    EXPECT_EQ(provider_.asked.back(), "refresh-3");
}

TEST_F(Companions, AreNotToBeHadWithoutARefreshToken) {
    auto tokens = provider_.issue();
    tokens.refresh_token.reset();

    EXPECT_EQ(companion(keep(tokens).id), "vault.needs_consent");
}

}  // namespace
}  // namespace cardea::vault
