// merged(): what an answer to a refresh leaves out stays as it was.
#include "cardea/oauth/token.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace cardea::oauth {
namespace {

class Merged : public testing::Test {
  protected:
    Merged() {
        kept.access_token = SecretText("old-at");
        kept.refresh_token = SecretText("old-rt");
        kept.scopes = std::vector<std::string>{"a", "b"};
        kept.id_token = SecretText("old-id");
        kept.received_at = clock.now();
        kept.expiry = Expiry::at;
        kept.expires_at = clock.now() + 1h;
        kept.refresh_token_expires_at = clock.now() + 100h;
        clock.advance(30min);
        answer.access_token = SecretText("new-at");
        answer.received_at = clock.now();
    }
    FakeClock clock;
    TokenSet kept;
    TokenSet answer;
};

TEST_F(Merged, TakesTheNewAccessToken) {
    EXPECT_EQ(merged(kept, answer).access_token.reveal(), "new-at");
}

TEST_F(Merged, KeepsARefreshTokenThatTheAnswerLeavesOut) {
    auto result = merged(kept, answer);

    EXPECT_EQ(result.refresh_token->reveal(), "old-rt");
    EXPECT_EQ(result.refresh_token_expires_at, kept.refresh_token_expires_at);
}

TEST_F(Merged, TakesARotatedRefreshTokenWithItsOwnEnd) {
    answer.refresh_token = SecretText("new-rt");

    auto result = merged(kept, answer);

    EXPECT_EQ(result.refresh_token->reveal(), "new-rt");
    EXPECT_FALSE(result.refresh_token_expires_at);
}

TEST_F(Merged, KeepsScopesAndIdTokenThatTheAnswerLeavesOut) {
    auto result = merged(kept, answer);

    EXPECT_EQ(result.scopes, kept.scopes);
    EXPECT_EQ(result.id_token->reveal(), "old-id");
}

TEST_F(Merged, TakesNarrowedScopes) {
    answer.scopes = std::vector<std::string>{"a"};

    EXPECT_EQ(merged(kept, answer).scopes, answer.scopes);
}

TEST_F(Merged, GivesTheLifetimeSeenBeforeWhenTheAnswerSaysNone) {
    auto result = merged(kept, answer);

    EXPECT_EQ(result.expiry, Expiry::at);
    EXPECT_EQ(result.expires_at, answer.received_at + 1h);
}

TEST_F(Merged, TakesTheAnswersOwnExpiry) {
    answer.expiry = Expiry::at;
    answer.expires_at = answer.received_at + 5min;

    EXPECT_EQ(merged(kept, answer).expires_at, answer.received_at + 5min);
}

TEST_F(Merged, StaysUnknownWhenNothingWasEverKnown) {
    kept.expiry = Expiry::unknown;
    kept.expires_at.reset();

    EXPECT_EQ(merged(kept, answer).expiry, Expiry::unknown);
}

TEST_F(Merged, KeepsThatTokensNeverEnd) {
    kept.expiry = Expiry::never;
    kept.expires_at.reset();

    EXPECT_EQ(merged(kept, answer).expiry, Expiry::never);
}

TEST_F(Merged, DoesNotLearnALifetimeFromAClockThatJumped) {
    kept.expires_at = kept.received_at - 1h;

    EXPECT_EQ(merged(kept, answer).expiry, Expiry::unknown);
}

TEST_F(Merged, KeepsFactsThatTheAnswerLeftOut) {
    kept.kept = {{"host", "old"}, {"team", "t"}};
    kept.callback = {{"device_id", "d"}};
    answer.kept = {{"host", "new"}};

    auto tokens = merged(kept, answer);

    EXPECT_EQ(tokens.kept.at("host"), "new");
    EXPECT_EQ(tokens.kept.at("team"), "t");
    EXPECT_EQ(tokens.callback.at("device_id"), "d");
}

TEST_F(Merged, KeepsNoRefreshTokenOfAPublicClientWithoutItsKey) {
    answer.is_for_public_client = true;
    kept.dpop_key = SecretText("old-key");

    EXPECT_FALSE(merged(kept, answer).refresh_token) << "there is no key";
    answer.dpop_key = SecretText("new-key");
    EXPECT_FALSE(merged(kept, answer).refresh_token) << "there is another key";
    EXPECT_FALSE(merged(kept, answer).refresh_token_expires_at);
}

TEST_F(Merged, KeepsAConfidentialClientsRefreshTokenBesideAnyKey) {
    kept.dpop_key = SecretText("old-key");
    answer.dpop_key = SecretText("new-key");

    auto result = merged(kept, answer);

    ASSERT_TRUE(result.refresh_token);
    EXPECT_EQ(result.refresh_token->reveal(), "old-rt");
    EXPECT_EQ(result.dpop_key->reveal(), "new-key");
}

TEST_F(Merged, KeepsTheRefreshTokenBesideItsOwnKeyOrTheFirstKey) {
    answer.is_for_public_client = true;
    answer.dpop_key = SecretText("key");

    EXPECT_EQ(merged(kept, answer).refresh_token->reveal(), "old-rt");
    kept.dpop_key = SecretText("key");
    EXPECT_EQ(merged(kept, answer).refresh_token->reveal(), "old-rt");
}

TEST_F(Merged, KeepsCompanions) {
    kept = with_companion(kept, "files", answer);

    EXPECT_TRUE(merged(kept, TokenSet()).companions.contains("files"));
}

TEST_F(Merged, KeepsTheRefreshTokenOfBothWhenACompanionsAnswerBringsNone) {
    answer.refresh_token.reset();

    EXPECT_EQ(with_companion(kept, "files", answer).refresh_token->reveal(), "old-rt");
}

}  // namespace
}  // namespace cardea::oauth
