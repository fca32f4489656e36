// What is fetched once and kept: discovery documents and keys, while providers rotate and fail.
#include "cardea/oauth/discovery.hpp"
#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using Failure = FakeProvider::Failure;
using schema::JsonObject;

class DiscoveryKept : public ProvidersTest {
  protected:
    DiscoveryKept() { add_fake(); }
};

TEST_F(DiscoveryKept, IsNotAskedForBeforeItIsNeeded) {
    EXPECT_EQ(enabled_names(), std::vector<std::string>{"fake"});
    EXPECT_TRUE(run(providers->find("fake")));

    EXPECT_TRUE(idp.requests.empty());
}

TEST_F(DiscoveryKept, IsAskedForOnceAnHour) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(providers->ready("fake")));
    clock.advance(1h - 1ms);
    ASSERT_TRUE(run(providers->ready("fake")));
    EXPECT_EQ(idp.count("discovery"), 1);

    clock.advance(1ms);
    ASSERT_TRUE(run(providers->ready("fake")));

    EXPECT_EQ(idp.count("discovery"), 2);
}

Task<void> ask_together(Providers* providers, int times, int* successes) {
    auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < times; ++i) {
        auto count = [successes](std::exception_ptr, Result<ProviderPtr> found) {
            if (found) ++*successes;
        };
        asio::co_spawn(executor, providers->ready("fake"), count);
    }
    while (*successes < times) co_await asio::post(executor, asio::use_awaitable);
    co_return Result<void>();
}

TEST_F(DiscoveryKept, IsAskedForOnceByManyAtOnce) {
    int successes = 0;

    ASSERT_TRUE(run(ask_together(providers.get(), 20, &successes)));

    EXPECT_EQ(successes, 20);
    EXPECT_EQ(idp.count("discovery"), 1);
}

TEST_F(DiscoveryKept, GoesOnServingWhileTheProviderIsDown) {
    ASSERT_TRUE(run(providers->ready("fake")));
    idp.fail("discovery", Failure::hang);
    clock.advance(2h);

    EXPECT_TRUE(run(providers->ready("fake")));
    EXPECT_TRUE(run(providers->ready("fake")));
    EXPECT_EQ(idp.count("discovery"), 2);
}

TEST_F(DiscoveryKept, WorksSoonAfterAProviderThatWasDownAtFirstIsBack) {
    idp.fail("discovery", Failure::hang);
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(run(providers->ready("fake")));
        clock.advance(1s);
    }
    int asked = idp.count("discovery");
    EXPECT_LE(asked, 7);
    idp.repair();

    clock.advance(30s);

    EXPECT_TRUE(run(providers->ready("fake")));
}

TEST_F(DiscoveryKept, FailsAtOnceBetweenTwoTries) {
    idp.fail("discovery", Failure::hang);
    EXPECT_TRUE(run(providers->ready("fake")).error().is(timeout));

    EXPECT_TRUE(run(providers->ready("fake")).error().is(timeout));

    EXPECT_EQ(idp.count("discovery"), 1);
}

TEST_F(DiscoveryKept, IsAskedForAgainWhenTheRowChanged) {
    ASSERT_TRUE(run(providers->ready("fake")));

    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"scopes", {"openid"}}})));
    auto provider = run(providers->ready("fake"));

    EXPECT_EQ(provider.value()->scopes, std::vector<std::string>{"openid"});
    EXPECT_EQ(idp.count("discovery"), 2);
}

TEST_F(DiscoveryKept, IsRefusedWhenItLeadsElsewhereAndNoRequestFollows) {
    for (auto url : {"http://idp.example/token", "file:///etc/passwd", "https://127.0.0.1/token",
                     "https://169.254.169.254/token", "https://evil.example/token"}) {
        idp.change_discovery = [url](JsonObject& document) { document["token_endpoint"] = url; };
        clock.advance(1min);
        auto provider = run(providers->ready("fake"));
        ASSERT_FALSE(provider) << url;
        EXPECT_TRUE(provider.error().is(oauth::discovery_refused)) << url;
    }
    EXPECT_EQ(idp.count("elsewhere"), 0);
    EXPECT_EQ(idp.count("token"), 0);
}

TEST_F(DiscoveryKept, IsRefusedOfAnotherIssuer) {
    idp.change_discovery = [](JsonObject& document) { document["issuer"] = "https://b.example"; };

    EXPECT_TRUE(run(providers->ready("fake")).error().is(oauth::discovery_refused));
}

class KeysKept : public ProvidersTest {
  protected:
    KeysKept() { add_fake(); }
};

TEST_F(KeysKept, AreFetchedOnce) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(exchange());

    EXPECT_EQ(idp.count("jwks"), 1);
}

TEST_F(KeysKept, AreFetchedAgainAfterAnHour) {
    ASSERT_TRUE(exchange());
    clock.advance(1h);

    ASSERT_TRUE(exchange());

    EXPECT_EQ(idp.count("jwks"), 2);
}

TEST_F(KeysKept, FollowARotationAtOnce) {
    ASSERT_TRUE(exchange());

    idp.rotate_keys();

    EXPECT_TRUE(exchange());
    EXPECT_EQ(idp.count("jwks"), 2);
}

TEST_F(KeysKept, AreFetchedAtMostOnceAMinuteForKeysThatNobodyHas) {
    ASSERT_TRUE(exchange());
    auto elsewhere = jose::Key::generate(jose::Algorithm::ES256, "unknown").value();
    idp.change_id_token = [&](std::string& token) {
        auto claims = jose::parse(token).value().payload;
        token = jose::sign(elsewhere, jose::Algorithm::ES256, claims).value();
    };

    for (int i = 0; i < 100; ++i) EXPECT_FALSE(exchange());
    EXPECT_EQ(idp.count("jwks"), 2);

    clock.advance(1min);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(exchange());
    EXPECT_EQ(idp.count("jwks"), 3);
}

TEST_F(KeysKept, GoOnVerifyingWhileTheKeySetIsDown) {
    ASSERT_TRUE(exchange());
    for (Failure failure : {Failure::hang, Failure::status_500, Failure::html,
                            Failure::ten_megabytes, Failure::garbage}) {
        idp.fail("jwks", failure);
        clock.advance(2h);
        EXPECT_TRUE(exchange());
    }
}

TEST_F(KeysKept, RefuseNewKeysWhileTheKeySetIsDownAndTakeThemSoonAfter) {
    ASSERT_TRUE(exchange());
    idp.rotate_keys();
    idp.fail("jwks", Failure::hang);
    EXPECT_TRUE(exchange().error().is(oauth::id_token_refused));
    for (int i = 0; i < 20; ++i) {
        clock.advance(10s);
        EXPECT_FALSE(exchange());
    }
    idp.repair();

    clock.advance(35s);

    EXPECT_TRUE(exchange());
}

TEST_F(KeysKept, AreMissingWhenTheyWereNeverThere) {
    idp.fail("jwks", Failure::html);
    EXPECT_TRUE(exchange().error().is(failed));

    idp.repair();
    clock.advance(30s);
    EXPECT_TRUE(exchange());
}

}  // namespace
}  // namespace cardea::provider
