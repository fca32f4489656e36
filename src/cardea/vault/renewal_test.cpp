// Renewal: once, in time, in order, and with nothing lost when something fails.
#include "cardea/base/encoding.hpp"
#include "cardea/vault/vault_fixture.hpp"

namespace cardea::vault {
namespace {

/// A database that refuses to begin, as one does whose disk is full or whose lock is taken.
class FlakyDatabase final : public db::Database {
  public:
    explicit FlakyDatabase(db::Database& real) : real_(real) {}
    Task<db::Rows> run(db::Statement statement, db::Values values) override {
        return real_.run(statement, std::move(values));
    }
    Task<std::unique_ptr<db::Transaction>> begin() override {
        if (refusals == 0) return real_.begin();
        --refusals;
        return refuse();
    }
    Task<Instant> server_now() override { return real_.server_now(); }
    std::optional<std::uint64_t> data_version() override { return real_.data_version(); }
    Task<void> ping() override { return real_.ping(); }
    void close() override {}

    int refusals = 0;

  private:
    static Task<std::unique_ptr<db::Transaction>> refuse() { co_return fail(db::unavailable); }
    db::Database& real_;
};

Task<void> refuse_twice(FlakyDatabase& database) {
    database.refusals = 2;
    co_return Result<void>();
}

Task<void> renew_elsewhere(db::Database& database) {
    constexpr db::Statement take{"test.take",
                                 "UPDATE connections SET generation = generation + 1, "
                                 "lease_holder = 'other', token_type = 'theirs'"};
    auto taken_over = co_await database.run(take, db::Values());
    if (!taken_over) co_return std::unexpected(taken_over.error());
    co_return Result<void>();
}

class Renewals : public VaultFixture {
  protected:
    /// Starts `count` calls of fresh_token at once, spread over the vaults; their outcomes.
    std::vector<std::string> ask_together(std::vector<Vault*> vaults, const std::string& id,
                                          std::size_t count = 20) {
        std::vector<std::string> outcomes;
        for (std::size_t i = 0; i < count; ++i) {
            auto note = [&](std::exception_ptr, Result<AccessToken> fresh) {
                outcomes.push_back(fresh ? fresh->access_token.reveal()
                                         : std::string(fresh.error().reason().slug));
            };
            auto call = vaults[i % vaults.size()]->fresh_token(id);
            asio::co_spawn(database_.io, std::move(call), note);
        }
        database_.io.restart();
        while (outcomes.size() < count) database_.io.run_one();
        return outcomes;
    }
};

// When the caller is gone

TEST_F(Renewals, AreWaitedForWhenNobodyAsksAnyMore) {
    auto id = connect().id;
    provider_.delay = 20ms;
    auto hasty = runtime::within(1ms, vault_->renew(id));

    EXPECT_TRUE(run(std::move(hasty)).error().is(deadline_passed));
    EXPECT_EQ(renewals_.size(), 1u);
    EXPECT_TRUE(run(renewals_.wait_until_empty()));

    EXPECT_EQ(events("connection.renewed"), 1);
    EXPECT_EQ(token(id), "access-2");
}

// When the provider is in trouble

TEST_F(Renewals, ServeTheOldTokenWhileItLivesAndAskTheProviderAgainLater) {
    auto id = connect().id;
    clock_.advance(57min);
    provider_.failures.emplace_back(provider_down);

    EXPECT_EQ(token(id), "access-1");
    EXPECT_EQ(token(id), "access-1");
    EXPECT_EQ(provider_.calls, 1);

    clock_.advance(45s);
    EXPECT_EQ(token(id), "access-2");
    EXPECT_EQ(provider_.calls, 2);
}

TEST_F(Renewals, GiveNoTokenThatHasRunOut) {
    auto id = connect().id;
    clock_.advance(61min);
    provider_.failures.emplace_back(provider_down);

    EXPECT_EQ(token(id), "provider.failed");
    auto waiting = run(vault_->fresh_token(id));

    EXPECT_TRUE(waiting.error().is(waits_for_provider));
    EXPECT_GE(waiting.error().retry_after(), 30s);
    EXPECT_EQ(provider_.calls, 1);
    EXPECT_EQ(found(id).state, State::fresh);
}

TEST_F(Renewals, WaitLongerAfterEachFailureAndAtMostAsLongAsSet) {
    auto id = connect().id;
    Milliseconds last = 0ms;
    for (int i = 0; i < 12; ++i) {
        provider_.failures.emplace_back(provider_down);
        ASSERT_FALSE(run(vault_->renew(id)).has_value());
        auto wait = *found(id).renew_at - clock_.now();
        if (i < 6) {
            EXPECT_GT(wait, last) << i;
        }
        EXPECT_LE(wait, 75min);
        last = wait;
    }
}

TEST_F(Renewals, ObeyRetryAfter) {
    auto id = connect().id;
    provider_.failures.push_back(Error(provider_down).with_retry_after(600s));

    ASSERT_FALSE(run(vault_->renew(id)).has_value());

    EXPECT_GE(*found(id).renew_at, clock_.now() + 600s);
}

TEST_F(Renewals, EndNoGrantForAnyOtherRefusalThanAWithdrawnConsent) {
    auto id = connect().id;
    for (const Reason* reason : {&provider_down, &oauth::client_rejected, &oauth::answer_malformed,
                                 &deadline_passed, &internal}) {
        provider_.failures.emplace_back(*reason);
        EXPECT_FALSE(run(vault_->renew(id)).has_value());
        EXPECT_EQ(found(id).state, State::fresh) << reason->slug;
    }
    EXPECT_EQ(token(id), "access-1");
}

// When the person is

TEST_F(Renewals, AskOnceForAGrantThatWasTakenBackAndNeverAgain) {
    auto id = connect().id;
    clock_.advance(58min);
    provider_.failures.emplace_back(oauth::consent_withdrawn);

    EXPECT_EQ(token(id), "vault.needs_consent");
    EXPECT_EQ(token(id), "vault.needs_consent");
    EXPECT_TRUE(run(vault_->renew(id)).error().is(needs_consent));
    EXPECT_EQ(run(vault_->renew_due()).value(), 0u);

    EXPECT_EQ(provider_.calls, 1);
    EXPECT_EQ(found(id).reason, "oauth.consent_withdrawn");
    EXPECT_EQ(events("connection.needs_consent"), 1);
}

TEST_F(Renewals, AskThePersonWhenATokenHasRunOutThatCannotBeRenewed) {
    auto tokens = provider_.issue();
    tokens.refresh_token.reset();
    auto id = keep(tokens).id;

    EXPECT_EQ(token(id), "access-1");
    clock_.advance(61min);

    EXPECT_EQ(token(id), "vault.needs_consent");
    EXPECT_EQ(provider_.calls, 0);
}

// What an answer leaves out, and what it must not say

TEST_F(Renewals, KeepTheRefreshTokenThatAnAnswerLeavesOut) {
    provider_.rotates = false;
    auto id = connect().id;

    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    ASSERT_TRUE(run(vault_->renew(id)).has_value());

    EXPECT_EQ(run(vault_->tokens(*database_, id))->refresh_token->reveal(), "refresh-1");
    EXPECT_EQ(provider_.spent_tokens_sent, 0);
}

TEST_F(Renewals, CountTheLifetimeSeenBeforeWhenAnAnswerNamesNone) {
    auto id = connect().id;
    provider_.spoil = [](oauth::TokenSet& tokens) {
        tokens.expiry = oauth::Expiry::unknown;
        tokens.expires_at.reset();
    };
    clock_.advance(58min);

    ASSERT_EQ(token(id), "access-2");

    EXPECT_EQ(found(id).expires_at, clock_.now() + 1h);
}

TEST_F(Renewals, LeaveTokensAloneThatNeverEndOrOfWhichNothingIsKnown) {
    auto tokens = provider_.issue();
    tokens.expiry = oauth::Expiry::unknown;
    tokens.expires_at.reset();
    auto id = keep(tokens).id;
    clock_.advance(24h * 400);

    EXPECT_EQ(token(id), "access-1");
    EXPECT_EQ(run(vault_->renew_due()).value(), 0u);
    EXPECT_EQ(found(id).expiry, oauth::Expiry::unknown);
    EXPECT_EQ(provider_.calls, 0);
}

TEST_F(Renewals, RefuseAnAnswerAboutSomebodyElse) {
    auto id = connect_as("https://idp.example", "subject-1").id;
    provider_.answer_about("https://idp.example", "somebody");

    auto renewed = run(vault_->renew(id));

    ASSERT_FALSE(renewed.has_value());
    EXPECT_EQ(renewed.error().reason().slug, "vault.identity_changed");
    EXPECT_EQ(token(id), "access-1");
    EXPECT_EQ(events("connection.identity_changed"), 1);
}

TEST_F(Renewals, RefuseAnAnswerOfAnotherIssuer) {
    auto id = connect_as("https://idp.example", "subject-1").id;
    provider_.answer_about("https://other.example", "subject-1");

    EXPECT_FALSE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(token(id), "access-1");
}

TEST_F(Renewals, TakeAnAnswerAboutTheSamePerson) {
    auto id = connect_as("https://idp.example", "subject-1").id;
    provider_.answer_about("https://idp.example", "subject-1");

    EXPECT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(token(id), "access-2");
}

// One at a time

TEST_F(Renewals, AreOneForTwentyWhoAskAtTheInstantOfExpiry) {
    auto id = connect().id;
    provider_.delay = 30ms;
    clock_.advance(1h);

    auto outcomes = ask_together({vault_.get()}, id);

    EXPECT_THAT(outcomes, testing::Each("access-2"));
    EXPECT_EQ(provider_.calls, 1);
    EXPECT_EQ(provider_.spent_tokens_sent, 0);
}

TEST_F(Renewals, AreOneForManyVaultsOnOneDatabase) {
    auto second = make_vault(*database_);
    auto third = make_vault(*database_);
    auto id = connect().id;
    for (int round = 1; round <= 8; ++round) {
        provider_.delay = Milliseconds(random_.below(3));
        clock_.advance(1h);

        auto outcomes = ask_together({vault_.get(), second.get(), third.get()}, id);

        EXPECT_THAT(outcomes, testing::Each("access-" + std::to_string(round + 1)));
        EXPECT_EQ(provider_.calls, round);
    }
    EXPECT_EQ(provider_.spent_tokens_sent, 0);
}

TEST_F(Renewals, AreTakenOverWhenTheHolderIsGone) {
    auto id = connect().id;
    clock_.advance(58min);
    sql("UPDATE connections SET lease_holder = 'dead', lease_until = $1, generation = 9",
        {clock_.now() + 30s});
    clock_.advance(31s);

    EXPECT_EQ(token(id), "access-2");
}

TEST_F(Renewals, OfAHolderThatSleptTooLongChangeNothing) {
    auto id = connect().id;
    // While the provider answers, the lease passes and another instance renews.
    provider_.before_answer = [this] { return renew_elsewhere(*database_); };

    ASSERT_TRUE(run(vault_->renew(id)).has_value());

    EXPECT_EQ(sql("SELECT token_type FROM connections").rows[0][0].as_text(), "theirs");
    EXPECT_EQ(run(vault_->tokens(*database_, id))->access_token.reveal(), "access-1");
}

// Nothing lost

TEST_F(Renewals, StoreAnAnswerWhenTheDatabaseIsBack) {
    FlakyDatabase flaky(*database_);
    auto vault = make_vault(flaky);
    auto id = connect().id;
    provider_.before_answer = [&flaky] { return refuse_twice(flaky); };

    auto renewed = run(vault->renew(id));

    ASSERT_TRUE(renewed.has_value()) << renewed.error().describe();
    EXPECT_EQ(flaky.refusals, 0);
    EXPECT_EQ(run(vault_->tokens(*database_, id))->refresh_token->reveal(), "refresh-2");
    EXPECT_EQ(provider_.calls, 1);
}

TEST_F(Renewals, GoOnWhenTheCallerIsGone) {
    auto id = connect().id;
    provider_.delay = 30ms;

    auto gone = run(runtime::within(5ms, vault_->renew(id)));
    EXPECT_FALSE(gone.has_value());
    provider_.delay = 0ms;
    database_.io.restart();
    database_.io.run_for(200ms);

    EXPECT_EQ(token(id), "access-2");
    EXPECT_EQ(provider_.calls, 1);
}

// In time and in order

TEST_F(Renewals, KeepAtLeastTenSecondsOfLifeInEveryTokenGivenOut) {
    provider_.lifetime = 60s;
    auto id = connect().id;
    for (int i = 0; i < 1200; ++i) {
        auto fresh = run(vault_->fresh_token(id)).value();
        ASSERT_GE(*fresh.expires_at - clock_.now(), 10s) << i;
        clock_.advance(500ms);
    }
    // A token of 60 s is renewed 20 to 22 s before its end.
    EXPECT_LE(provider_.calls, 600 / 38 + 1);
}

TEST_F(Renewals, KeepToTheMarginOfTheProvider) {
    auto margins = [](const std::string& provider) -> std::optional<Seconds> {
        if (provider == "example") return 15min;
        return std::nullopt;
    };
    Vault::Parts parts{*database_, *keyring_,           clock_,    random_,
                       *trail_,    provider_.renewer(), renewals_, margins};
    vault_ = std::make_unique<Vault>(std::move(parts), settings_);
    auto id = connect().id;

    EXPECT_LE(*found(id).renew_at, clock_.now() + 45min);
    EXPECT_GT(*found(id).renew_at, clock_.now() + 43min);
    clock_.advance(46min);
    EXPECT_EQ(token(id), "access-2");
    EXPECT_LE(*found(id).renew_at, clock_.now() + 45min);
}

TEST_F(Renewals, OfAProviderInTroubleLeaveAnEvent) {
    auto id = connect().id;
    provider_.failures.emplace_back(provider_down);

    EXPECT_FALSE(run(vault_->renew(id, {"account-1", "192.0.2.1", "req"})).has_value());

    auto rows = sql("SELECT actor, client_address, detail FROM events WHERE type = $1",
                    {"connection.renewal_failed"});
    ASSERT_EQ(rows.rows.size(), 1u);
    EXPECT_EQ(rows.rows[0][0].as_text(), "account-1");
    EXPECT_EQ(rows.rows[0][1].as_text(), "192.0.2.1");
    EXPECT_NE(rows.rows[0][2].as_text().find("provider.failed"), std::string::npos);
}

TEST_F(Renewals, OfTheJobGoInTheOrderOfExpiry) {
    settings_.at_once = 1;
    vault_ = make_vault(*database_);
    for (int hours : {3, 1, 2}) {
        provider_.lifetime = std::chrono::hours(hours);
        keep(provider_.issue(), "lives " + std::to_string(hours));
    }
    provider_.lifetime = 10h;
    clock_.advance(4h);

    EXPECT_EQ(run(vault_->renew_due()).value(), 3u);

    EXPECT_EQ(provider_.asked, (std::vector<std::string>{"refresh-2", "refresh-3", "refresh-1"}));
}

TEST_F(Renewals, OfTheJobAreNotStoppedByOneThatFails) {
    (void)keep(provider_.issue(), "one");
    clock_.advance(1min);
    auto second = keep(provider_.issue(), "two").id;
    clock_.advance(58min);
    settings_.at_once = 1;
    vault_ = make_vault(*database_);
    provider_.failures.emplace_back(provider_down);

    auto renewed = run(vault_->renew_due());

    EXPECT_EQ(renewed.value(), 1u);
    EXPECT_EQ(token(second), "access-3");
    EXPECT_EQ(provider_.calls, 2);
}

TEST_F(Renewals, OfTheJobLeaveAloneWhatIsNotDue) {
    auto id = connect().id;
    clock_.advance(30min);

    EXPECT_EQ(run(vault_->renew_due()).value(), 0u);
    EXPECT_EQ(token(id), "access-1");
    EXPECT_EQ(provider_.calls, 0);
}

// Tokens that are bound to a key

TEST_F(Renewals, AskWithTheKeyThatTheTokensAreBoundTo) {
    auto tokens = provider_.issue();
    tokens.dpop_key = SecretText("key-1");
    auto id = keep(tokens).id;
    provider_.spoil = [](oauth::TokenSet& answer) { answer.dpop_key = SecretText("key-1"); };

    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(provider_.key_asked_with->reveal(), "key-1");
    EXPECT_EQ(run(vault_->fresh_token(id))->dpop_key->reveal(), "key-1");
    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_EQ(provider_.key_asked_with->reveal(), "key-1");
}

TEST_F(Renewals, KeepNoKeyForATokenThatIsNotBound) {
    auto tokens = provider_.issue();
    tokens.dpop_key = SecretText("key-1");
    auto id = keep(tokens).id;

    connect();

    EXPECT_FALSE(run(vault_->fresh_token(id))->dpop_key);
    ASSERT_TRUE(run(vault_->renew(id)).has_value());
    EXPECT_FALSE(provider_.key_asked_with);
}

}  // namespace
}  // namespace cardea::vault
