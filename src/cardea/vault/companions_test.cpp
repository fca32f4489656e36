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

    EXPECT_EQ(companion(id), "vault.needs_consent");
    EXPECT_EQ(companion(id), "vault.needs_consent");

    EXPECT_EQ(provider_.companion_calls, 1);
    EXPECT_EQ(found(id).state, State::fresh);
    EXPECT_EQ(token(id), "access-1");
    EXPECT_TRUE(run(vault_->renew(id)).has_value()) << "the lease was given back";
}

TEST_F(Companions, AskAFailingProviderOnceInAWhile) {
    auto id = connect().id;
    provider_.failures.emplace_back(provider_down);

    EXPECT_EQ(companion(id), "provider.failed");
    auto waiting = run(vault_->companion_token(id, "files"));
    EXPECT_TRUE(waiting.error().is(waits_for_provider));
    EXPECT_GE(waiting.error().retry_after(), 30s);
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
    auto id = connect_as("https://idp.example", "subject-1").id;
    provider_.answer_about("https://idp.example", "somebody");

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

TEST_F(Companions, AreAskedForAtOnceWhenThePersonHasSignedInAgain) {
    auto id = connect().id;
    provider_.failures.emplace_back(oauth::consent_withdrawn);
    ASSERT_EQ(companion(id), "vault.needs_consent");

    connect();

    EXPECT_EQ(companion(id), "files-3");
}

TEST_F(Companions, EndWhenTheRowHasThemNoMore) {
    auto id = connect().id;
    ASSERT_EQ(companion(id), "files-2");

    provider_.row.erase("files");

    EXPECT_EQ(companion(id), "provider.no_companion");
}

TEST_F(Companions, AreGotAnewWhenTheRowAsksForOthers) {
    auto id = connect().id;
    ASSERT_EQ(companion(id), "files-2");
    provider_.row["files"] = "2";
    provider_.failures.emplace_back(provider_down);

    EXPECT_EQ(companion(id), "provider.failed") << "the other one is not given out";
    provider_.row["files"] = "3";
    EXPECT_EQ(companion(id), "files-3") << "that one has not failed";
    EXPECT_EQ(companion(id), "files-3");
}

TEST_F(Companions, AreGotAnewAfterAnHourWhereNobodySaysWhenTheyEnd) {
    auto id = connect().id;
    provider_.spoil = [](oauth::TokenSet& answer) {
        answer.expiry = oauth::Expiry::unknown;
        answer.expires_at.reset();
    };
    ASSERT_EQ(companion(id), "files-2");

    clock_.advance(59min);
    EXPECT_EQ(companion(id), "files-2");
    clock_.advance(1min);
    provider_.failures.emplace_back(provider_down);
    EXPECT_EQ(companion(id), "files-2") << "it may live, and the provider is in trouble";
    clock_.advance(1min);
    EXPECT_EQ(companion(id), "files-3");
}

TEST_F(Companions, AreNoRenewalOfTheConnection) {
    auto tokens = provider_.issue();
    tokens.answer = SecretText("first");
    auto id = keep(tokens).id;
    provider_.failures.emplace_back(provider_down);
    ASSERT_FALSE(run(vault_->renew(id)).has_value());
    auto retry_at = found(id).renew_at;

    ASSERT_EQ(companion(id), "files-2");

    EXPECT_EQ(found(id).renew_at, retry_at);
    EXPECT_EQ(sql("SELECT failures FROM connections").rows[0][0].as_integer(), 1);
    EXPECT_EQ(run(vault_->tokens(*database_, id))->answer.reveal(), "first");
    EXPECT_EQ(events("connection.renewed"), 0);
    EXPECT_EQ(events("connection.companion_renewed"), 1);
}

TEST_F(Companions, TellWhoseTheRotatedRefreshTokenIs) {
    auto id = connect().id;
    ASSERT_EQ(companion(id, "files"), "files-2");
    auto is_current = [&](const char* token) {
        SecretText refresh_token(token);
        auto holder = run(vault_->holder_of(*database_, "example", refresh_token)).value();
        return holder ? std::optional(holder->is_current) : std::nullopt;
    };
    EXPECT_EQ(is_current("refresh-1"), false);
    EXPECT_EQ(is_current("refresh-2"), true);
    provider_.rotates = false;

    ASSERT_EQ(companion(id, "mail"), "mail-3");

    EXPECT_EQ(is_current("refresh-1"), false);
    EXPECT_EQ(is_current("refresh-2"), true);
}

TEST_F(Companions, AskToSignInAgainWhenTheTokensCannotBeOpened) {
    auto id = connect().id;
    sql("UPDATE connections SET refresh_token = access_token");

    EXPECT_EQ(companion(id), "vault.needs_consent");

    EXPECT_EQ(found(id).reason, "crypto.not_opened");
    EXPECT_EQ(provider_.calls, 0);
}

TEST_F(Companions, AreNotToBeHadWithoutARefreshToken) {
    auto tokens = provider_.issue();
    tokens.refresh_token.reset();

    EXPECT_EQ(companion(keep(tokens).id), "vault.needs_consent");
}

}  // namespace
}  // namespace cardea::vault
