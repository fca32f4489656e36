// What is kept, how it is sealed, and whose it is.
#include <fstream>

#include "cardea/vault/vault_fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::vault {
namespace {

using testing::HasSubstr;

class Vaults : public VaultFixture {
  protected:
    void add_account(const std::string& id) {
        sql("INSERT INTO accounts (id, email_verified, name, picture, roles, created_at, "
            "updated_at) VALUES ($1, FALSE, '', '', '', 0, 0)",
            {id});
    }
    Bytes column(std::string_view text, const std::string& id) {
        return sql(text, {id}).rows.at(0).at(0).as_bytes();
    }
};

TEST_F(Vaults, KnowNoConnectionThatWasNeverMade) {
    EXPECT_TRUE(run(vault_->find(*database_, "nobody")).error().is(missing));
    EXPECT_TRUE(run(vault_->find(*database_, "https://idp.example", "x")).error().is(missing));
    EXPECT_TRUE(run(vault_->fresh_token("nobody")).error().is(missing));
    EXPECT_TRUE(run(vault_->renew("nobody")).error().is(missing));
    EXPECT_TRUE(run(vault_->remove(*database_, "nobody")).error().is(missing));
    EXPECT_EQ(provider_.calls, 0);
}

TEST_F(Vaults, KnowWhoHasARefreshTokenAndWhoHadTheOneBefore) {
    SecretText first("refresh-1");
    SecretText second("refresh-2");
    auto holder = [&](const SecretText& token, std::string provider = "example") {
        return run(vault_->holder_of(*database_, std::move(provider), token)).value();
    };
    EXPECT_FALSE(holder(first));
    auto id = connect().id;

    EXPECT_EQ(holder(first)->id, id);
    EXPECT_TRUE(holder(first)->is_current);
    EXPECT_FALSE(holder(first, "other"));
    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(holder(first)->id, id);
    EXPECT_FALSE(holder(first)->is_current);
    EXPECT_TRUE(holder(second)->is_current);
    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_FALSE(holder(first));
    EXPECT_FALSE(holder(second)->is_current);
}

TEST_F(Vaults, KnowTheRefreshTokenThatASignInBrought) {
    connect();
    auto id = connect().id;

    EXPECT_EQ(run(vault_->holder_of(*database_, "example", SecretText("refresh-2"))).value()->id,
              id);
}

TEST_F(Vaults, KnowARefreshTokenThatIsNotRotated) {
    provider_.rotates = false;
    auto id = connect().id;
    ASSERT_TRUE(run(vault_->renew(id)).has_value());

    auto holder = run(vault_->holder_of(*database_, "example", SecretText("refresh-1"))).value();

    EXPECT_TRUE(holder->is_current);
}

TEST_F(Vaults, GiveNoConnectionToASecondAccount) {
    add_account("one");
    add_account("two");
    auto id = connect().id;
    ASSERT_TRUE(run(vault_->link(*database_, id, "one")).has_value());

    EXPECT_TRUE(run(vault_->link(*database_, id, "two")).error().is(taken));
    EXPECT_TRUE(run(vault_->link(*database_, id, "one")).has_value());
    EXPECT_EQ(run(vault_->list(*database_, "one"))->size(), 1u);
    EXPECT_EQ(run(vault_->list(*database_, "two"))->size(), 0u);
}

TEST_F(Vaults, KeepOneConnectionForEachPersonAtAProvider) {
    auto first = connect();
    auto again = connect();
    auto other = keep(provider_.issue(), "subject-2");

    EXPECT_EQ(first.id, again.id);
    EXPECT_NE(first.id, other.id);
    EXPECT_EQ(token(first.id), "access-2");
}

TEST_F(Vaults, KeepWhatASignInLeavesOut) {
    auto id = connect().id;
    auto answer = provider_.issue();
    answer.refresh_token.reset();
    answer.scopes.reset();

    auto connection = keep(answer);

    auto tokens = run(vault_->tokens(*database_, id)).value();
    EXPECT_EQ(connection.scopes, (std::vector<std::string>{"openid", "email"}));
    EXPECT_EQ(tokens.refresh_token->reveal(), "refresh-1");
    EXPECT_EQ(tokens.access_token.reveal(), "access-2");
}

TEST_F(Vaults, KeepNothingOfAnotherProvidersGrant) {
    auto tokens = provider_.issue();
    tokens.kept = {{"host", "https://eu.example"}};
    auto id = keep(tokens).id;
    auto answer = provider_.issue();
    answer.refresh_token.reset();
    auto same_person = identity();
    same_person.provider = "other";

    ASSERT_TRUE(run(vault_->keep(*database_, same_person, answer)).has_value());

    auto after = run(vault_->tokens(*database_, id)).value();
    EXPECT_FALSE(after.refresh_token);
    EXPECT_TRUE(after.kept.empty());
}

TEST_F(Vaults, ForgetWithTheAccount) {
    add_account("one");
    auto id = connect().id;
    ASSERT_TRUE(run(vault_->link(*database_, id, "one")).has_value());

    sql("DELETE FROM accounts");

    EXPECT_TRUE(run(vault_->find(*database_, id)).error().is(missing));
}

TEST_F(Vaults, ListPageByPageAndByState) {
    for (int i = 0; i < 5; ++i) keep(provider_.issue(), "subject-" + std::to_string(i));

    auto first = run(vault_->list(*database_, Filter{}, "", 3)).value();
    auto second = run(vault_->list(*database_, Filter{}, *first.next_cursor, 3)).value();
    auto dead = run(vault_->list(*database_, {{}, State::needs_consent}, "", 3)).value();
    auto elsewhere = run(vault_->list(*database_, {"other", {}}, "", 3)).value();

    EXPECT_EQ(first.items.size(), 3u);
    EXPECT_EQ(second.items.size(), 2u);
    EXPECT_EQ(second.next_cursor, std::nullopt);
    EXPECT_TRUE(dead.items.empty());
    EXPECT_TRUE(elsewhere.items.empty());
}

TEST_F(Vaults, ShowNoRefreshTokenAndTellHowLongTheOtherLives) {
    auto fresh = run(vault_->fresh_token(connect().id)).value();

    EXPECT_EQ(fresh.access_token.reveal(), "access-1");
    EXPECT_EQ(fresh.token_type, "Bearer");
    EXPECT_EQ(fresh.expiry, oauth::Expiry::at);
    EXPECT_EQ(fresh.expires_at, clock_.now() + 1h);
}

// Sealing

TEST_F(Vaults, LeaveNoTokenReadableInTheFile) {
    TempFolder folder;
    db::sqlite::Options options;
    options.path = folder.path() + "/data.db";
    ASSERT_TRUE(db::sqlite::migrate(options, db::migrations()).has_value());
    auto file = db::sqlite::open(database_.io.get_executor(), options).value();
    auto vault = make_vault(*file);
    provider_.spoil = [](oauth::TokenSet& tokens) { tokens.answer = SecretText("canary-answer"); };
    auto tokens = provider_.issue();
    tokens.id_token = SecretText("canary-id-token");
    auto id = run(vault->keep(*file, identity(), tokens))->id;
    ASSERT_TRUE(run(vault->renew(id)).has_value());
    std::string content;
    for (const char* suffix : {"", "-wal"}) {
        std::ifstream in(options.path + suffix, std::ios::binary);
        content.append(std::istreambuf_iterator<char>(in), {});
    }

    ASSERT_THAT(content, HasSubstr("subject-1"));  // the row is there to be read
    EXPECT_THAT(content, testing::Not(HasSubstr("access-")));
    EXPECT_THAT(content, testing::Not(HasSubstr("refresh-")));
    EXPECT_THAT(content, testing::Not(HasSubstr("canary-")));
}

TEST_F(Vaults, OpenNoTokenThatWasMovedToAnotherRow) {
    auto mine = keep(provider_.issue(), "mine").id;
    auto theirs = keep(provider_.issue(), "theirs").id;
    auto sealed = column("SELECT access_token FROM connections WHERE id = $1", theirs);

    sql("UPDATE connections SET access_token = $1 WHERE id = $2", {sealed, mine});

    EXPECT_EQ(token(mine), "vault.needs_consent");
    EXPECT_EQ(token(theirs), "access-2");
}

TEST_F(Vaults, OpenNoTokenThatWasMovedToAnotherColumn) {
    auto id = connect().id;

    sql("UPDATE connections SET access_token = refresh_token");

    EXPECT_EQ(token(id), "vault.needs_consent");
}

TEST_F(Vaults, OpenNoTokenOfWhichAnyByteWasChanged) {
    auto id = connect().id;
    auto sealed = column("SELECT access_token FROM connections WHERE id = $1", id);

    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= std::byte{1};
        sql("UPDATE connections SET access_token = $1", {changed});
        EXPECT_TRUE(run(vault_->tokens(*database_, id)).error().is(crypto::not_opened)) << i;
    }
}

TEST_F(Vaults, AskToSignInAgainAndRaiseAnAlarmWhenATokenCannotBeOpened) {
    auto id = connect().id;
    sql("UPDATE connections SET refresh_token = access_token");

    EXPECT_EQ(token(id), "vault.needs_consent");
    EXPECT_EQ(token(id), "vault.needs_consent");

    EXPECT_EQ(found(id).state, State::needs_consent);
    EXPECT_EQ(found(id).reason, "crypto.not_opened");
    EXPECT_EQ(events("connection.needs_consent"), 1);
    EXPECT_EQ(provider_.calls, 0);
}

TEST_F(Vaults, HealWhenThePersonSignsInAgain) {
    auto id = connect().id;
    sql("UPDATE connections SET access_token = refresh_token");
    ASSERT_EQ(token(id), "vault.needs_consent");

    connect();

    EXPECT_EQ(found(id).state, State::fresh);
    EXPECT_EQ(token(id), "access-2");
}

TEST_F(Vaults, MergeNothingOfAConnectionThatWasTakenBack) {
    auto id = connect().id;
    provider_.failures.emplace_back(oauth::consent_withdrawn);
    ASSERT_FALSE(run(vault_->renew(id)).has_value());
    auto answer = provider_.issue();
    answer.refresh_token.reset();

    keep(answer);

    EXPECT_FALSE(run(vault_->tokens(*database_, id))->refresh_token.has_value());
}

TEST_F(Vaults, GiveOutTheFactsThatAreKeptWithTheToken) {
    auto tokens = provider_.issue();
    tokens.kept = {{"instance_url", "https://eu.example"}};
    tokens.callback = {{"device_id", "d-1"}};
    auto id = keep(tokens).id;

    auto leased = run(vault_->fresh_token(id));

    ASSERT_TRUE(leased.has_value());
    EXPECT_EQ(leased->kept.at("instance_url"), "https://eu.example");
    EXPECT_FALSE(leased->kept.contains("device_id"));
    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(provider_.asked_with.at("device_id"), "d-1");
    auto after = run(vault_->tokens(*database_, id));
    EXPECT_EQ(after->kept, tokens.kept);
    EXPECT_EQ(after->callback, tokens.callback);
}

TEST_F(Vaults, OpenConnectionsFromBeforeFactsWereKept) {
    auto id = connect().id;
    sql("UPDATE connections SET kept = NULL");

    EXPECT_EQ(token(id), "access-1");
    EXPECT_TRUE(run(vault_->fresh_token(id))->kept.empty());
}

TEST_F(Vaults, OpenNoFactsThatWereMovedFromElsewhere) {
    auto tokens = provider_.issue();
    tokens.kept = {{"host", "https://eu.example"}};
    auto mine = keep(tokens, "mine").id;
    auto theirs = keep(tokens, "theirs").id;
    auto sealed = column("SELECT kept FROM connections WHERE id = $1", theirs);

    sql("UPDATE connections SET kept = $1 WHERE id = $2", {sealed, mine});

    EXPECT_EQ(token(mine), "vault.needs_consent");
}

TEST_F(Vaults, GiveTheProvidersAnswerToWhoRevokes) {
    auto tokens = provider_.issue();
    tokens.answer = SecretText(R"({"user":"u-1"})");

    auto id = keep(tokens).id;

    EXPECT_EQ(run(vault_->tokens(*database_, id))->answer.reveal(), R"({"user":"u-1"})");
}

TEST_F(Vaults, ForgetsConnectionsThatNobodyLinks) {
    auto linked = connect().id;
    add_account("one");
    ASSERT_TRUE(run(vault_->link(*database_, linked, "one")).has_value());
    auto waiting = keep(provider_.issue(), "subject-2").id;
    clock_.advance(23h);
    EXPECT_EQ(run(vault_->sweep()).value(), 0u);
    keep(provider_.issue(), "subject-3");
    clock_.advance(1h);

    EXPECT_EQ(run(vault_->sweep()).value(), 1u);

    EXPECT_TRUE(run(vault_->find(*database_, waiting)).error().is(missing));
    EXPECT_TRUE(run(vault_->find(*database_, linked)).has_value());
}

// Tokens that are bound to a key

TEST_F(Vaults, GiveABoundTokenWithItsKey) {
    auto tokens = provider_.issue();
    tokens.token_type = "DPoP";
    tokens.dpop_key = SecretText("canary-key");
    auto id = keep(tokens).id;

    auto fresh = run(vault_->fresh_token(id)).value();

    EXPECT_EQ(fresh.token_type, "DPoP");
    EXPECT_EQ(fresh.dpop_key->reveal(), "canary-key");
    auto sealed = column("SELECT dpop_key FROM connections WHERE id = $1", id);
    EXPECT_THAT(to_text(sealed), testing::Not(HasSubstr("canary")));
}

TEST_F(Vaults, OpenWhatWasSealedWithoutAKey) {
    auto id = connect().id;
    auto rows = sql("SELECT dpop_key FROM connections WHERE id = $1", {id});

    ASSERT_TRUE(rows.rows.at(0).at(0).is_null());
    EXPECT_FALSE(run(vault_->fresh_token(id))->dpop_key);
    EXPECT_FALSE(run(vault_->tokens(*database_, id))->dpop_key);
}

TEST_F(Vaults, OpenNoKeyThatWasMovedFromAnotherColumn) {
    auto tokens = provider_.issue();
    tokens.dpop_key = SecretText("key");
    auto id = keep(tokens).id;

    sql("UPDATE connections SET dpop_key = access_token");

    EXPECT_EQ(token(id), "vault.needs_consent");
}

}  // namespace
}  // namespace cardea::vault
