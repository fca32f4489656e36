// Threads, Asio's coroutines, the jobs, and an object that goes while somebody waits.
#include <atomic>
#include <thread>

#include "cardea/embed/oauth_fixture.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea {
namespace {

struct OAuthLifetime : OAuthFixture {
    /// Begins a sign-in whose exchange will hang at the provider.
    std::pair<AuthorizationUrl, Answer> hanging_sign_in() {
        auto begun = begin();
        Answer answer(idp.authorize(begun.url));
        idp.fail("token", FakeProvider::Failure::hang);
        return {std::move(begun), std::move(answer)};
    }
};

TEST_F(OAuthLifetime, ServesSixteenThreadsAtOnce) {
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            auto exchanged = sign_in();
            if (!exchanged) return;
            auto refreshed = oauth->refresh_oauth_token("idp", SecretText("rt-unknown"));
            auto profile =
                oauth->get_user_info_from_provider("idp", exchanged->tokens.access_token);
            auto fresh = oauth->fresh_token(exchanged->connection);
            succeeded += !refreshed && profile && fresh;
        });
    }
    for (auto& thread : threads) thread.join();

    EXPECT_EQ(succeeded, 16);
    EXPECT_EQ(sql("SELECT count(*) FROM connections").rows.at(0).at(0).as_integer(), 1);
}

TEST_F(OAuthLifetime, RefreshesOneTokenInSixteenThreadsAtOnce) {
    auto exchanged = sign_in();
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            auto refreshed = oauth->refresh_oauth_token("idp", *exchanged->tokens.refresh_token);
            succeeded += refreshed.has_value();
        });
    }
    for (auto& thread : threads) thread.join();

    EXPECT_EQ(succeeded, 16);
    EXPECT_EQ(idp.count("token"), 2);
    EXPECT_EQ(refusal(oauth->fresh_token(exchanged->connection)), "");
}

TEST_F(OAuthLifetime, GivesACodeToOneOfSixteenThreads) {
    auto begun = begin();
    auto query = idp.authorize(begun.url);
    std::atomic<int> succeeded = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            auto exchanged = exchange(begun, query);
            succeeded += exchanged.has_value();
            refused += refusal(exchanged) == "oauth.state_mismatch";
        });
    }
    for (auto& thread : threads) thread.join();

    EXPECT_EQ(succeeded, 1);
    EXPECT_EQ(refused, 15);
    EXPECT_EQ(idp.count("token"), 1);
}

TEST_F(OAuthLifetime, EndsACallThatWaitsWhenTheObjectGoes) {
    auto [begun, answer] = hanging_sign_in();
    Result<ExchangedTokens> exchanged;
    auto* waiting = oauth.get();
    std::thread caller([&] {
        exchanged = waiting->exchange_code_for_token("idp", answer.code, answer.state,
                                                     begun.binding, answer.iss);
    });
    idp.wait_until_held(1);

    oauth.reset();
    caller.join();

    EXPECT_EQ(refusal(exchanged), "embed.stopped");
    EXPECT_EQ(exchanged.error().status(), 84);
}

TEST_F(OAuthLifetime, WaitsForARenewalThatTheProviderWasAskedFor) {
    auto connection = sign_in()->connection;
    sql("UPDATE connections SET renew_at = 1, expires_at = 2");
    idp.fail("token", FakeProvider::Failure::hang);
    auto* waiting = oauth.get();
    Result<vault::AccessToken> fresh;
    std::thread caller([&] { fresh = waiting->fresh_token(connection); });
    idp.wait_until_held(1);

    std::thread end([&] { oauth.reset(); });
    caller.join();
    idp.release();
    end.join();

    EXPECT_EQ(refusal(fresh), "embed.stopped");
    auto row = sql("SELECT failures, lease_until FROM connections").rows.at(0);
    EXPECT_EQ(row.at(0).as_integer(), 1);
    EXPECT_TRUE(row.at(1).is_null());
}

TEST_F(OAuthLifetime, AnswersCoroutines) {
    auto round = [](OAuthAuthentication* client,
                    ListeningProvider* provider) -> Task<ExchangedTokens> {
        auto begun = co_await client->async_generate_oauth_authorization_url("idp");
        if (!begun) co_return std::unexpected(begun.error());
        auto query = provider->authorize(begun->url);
        co_return co_await client->async_exchange_callback("idp", query, begun->binding);
    };

    auto exchanged = run(round(oauth.get(), &idp));
    ASSERT_EQ(refusal(exchanged), "");
    auto& tokens = exchanged->tokens;

    EXPECT_EQ(refusal(run(oauth->async_get_user_info_from_provider("idp", tokens.access_token))),
              "");
    EXPECT_EQ(refusal(run(oauth->async_refresh_oauth_token("idp", *tokens.refresh_token))), "");
    EXPECT_EQ(run(oauth->async_renew_oaths()).value(), 0u);
    EXPECT_EQ(refusal(run(oauth->async_fresh_token(exchanged->connection))), "");
    EXPECT_EQ(refusal(run(oauth->async_link_connection(exchanged->connection, "nobody"))),
              "account.missing");
    auto again =
        run(oauth->async_exchange_code_for_token("idp", SecretText("c"), "s", SecretText("b")));
    EXPECT_EQ(refusal(again), "oauth.state_mismatch");
    EXPECT_EQ(again.error().status(), 84);
}

TEST_F(OAuthLifetime, LetsACoroutineStopWaiting) {
    auto [begun, answer] = hanging_sign_in();

    auto call = oauth->async_exchange_code_for_token("idp", answer.code, answer.state,
                                                     begun.binding, answer.iss);
    auto exchanged = run(runtime::within(100ms, std::move(call)));

    EXPECT_EQ(refusal(exchanged), "deadline.passed");
    idp.release();
    idp.fail("token", FakeProvider::Failure::none);
    EXPECT_EQ(refusal(sign_in()), "");
}

TEST_F(OAuthLifetime, EndsACoroutineThatWaitsWhenTheObjectGoes) {
    auto [begun, answer] = hanging_sign_in();
    auto call = oauth->async_exchange_code_for_token("idp", answer.code, answer.state,
                                                     begun.binding, answer.iss);
    std::thread end([&] {
        idp.wait_until_held(1);
        oauth.reset();
    });

    auto exchanged = run(std::move(call));
    end.join();

    EXPECT_EQ(refusal(exchanged), "embed.stopped");
}

TEST_F(OAuthLifetime, RefusesACoroutineThatBeginsAfterTheObjectWent) {
    auto call = oauth->async_renew_oaths();
    oauth.reset();

    auto renewed = run(std::move(call));

    EXPECT_EQ(refusal(renewed), "embed.stopped");
    EXPECT_EQ(renewed.error().status(), 84);
}

TEST_F(OAuthLifetime, RunsTheJobsUntilItGoes) {
    more_toml = "[Crons]\nrenew_oaths_interval = \"1s\"\n";
    open();
    EXPECT_EQ(refusal(sign_in()), "");
    EXPECT_EQ(refusal(oauth->inject_crons()), "");
    EXPECT_EQ(refusal(oauth->inject_crons()), "");
    sql("UPDATE connections SET renew_at = 1");

    auto renewed = [&] {
        auto rows = sql("SELECT count(*) FROM events WHERE type = 'connection.renewed'");
        return rows.rows.at(0).at(0).as_integer() > 0;
    };
    while (!renewed()) std::this_thread::yield();

    oauth.reset();
}

}  // namespace
}  // namespace cardea
