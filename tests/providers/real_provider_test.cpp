// Signing in with a certified OpenID Provider, over real sockets.
#include "tests/providers/real_provider.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cardea/oauth/dpop.hpp"
#include "cardea/oauth/requests.hpp"
#include "tests/support/world.hpp"

namespace cardea {
namespace {

const std::string origin = "http://127.0.0.1:8080";
const std::string destination = origin + "/auth/callback/real";

bool servers_are_required() {
    const char* value = std::getenv("CARDEA_REQUIRE_SERVERS");
    return value != nullptr && std::string_view(value) == "1";
}

/// The World with the real provider in it. Tokens carry real times, so the clock shows one, too.
struct RealWorld : World {
    RealWorld(const RealProvider& real, const std::string& algorithm)
        : real_providers({*database, *client, keyring, clock, random},
                         options_for(real, algorithm)) {
        oauth.emplace(sign_in::OAuthFlow::Parts{*database, real_providers, accounts, verifications,
                                                sessions, real_vault, trail, clock, random,
                                                session::Origin::plain_loopback, throttle},
                      sign_in::Settings());
        clock.set(SystemClock().now());
    }
    static provider::Options options_for(const RealProvider& real, const std::string& algorithm) {
        provider::Options options;
        options.public_url = origin;
        options.loopback = oauth::Loopback::allowed;
        options.settings.providers["real"] = real.row(algorithm);
        options.environment = [](const std::string&) { return std::nullopt; };
        return options;
    }
    static http::ClientOptions client_options() {
        http::ClientOptions options;
        options.insecure_allow_loopback = true;
        return options;
    }

    std::unique_ptr<http::Client> client =
        http::make_client(database.io.get_executor(), client_options());
    provider::Providers real_providers;
    vault::Vault real_vault{{*database, keyring, clock, random, trail,
                             [this](std::string name, oauth::TokenSet kept) {
                                 return real_providers.renew(std::move(name), std::move(kept));
                             },
                             background},
                            {}};
};

class RealProviderTest : public testing::TestWithParam<const char*> {
  protected:
    // One Node process for all tests: it keeps nothing that they would notice of each other.
    static void SetUpTestSuite() {
        if (RealProvider::missing().empty()) {
            idp = std::make_unique<RealProvider>(std::vector<std::string>{destination});
        }
    }
    static void TearDownTestSuite() { idp.reset(); }
    void SetUp() override {
        auto missing = RealProvider::missing();
        if (missing.empty()) {
            world = std::make_unique<RealWorld>(*idp, GetParam());
            browser = std::make_unique<Browser>(*world);
        } else if (servers_are_required()) {
            FAIL() << missing;
        } else {
            GTEST_SKIP() << missing;
        }
    }

    /// Presses the button, says yes at the provider; gives the query of the callback.
    std::string visit_provider(Browser& who) {
        auto url = who.begin("real");
        if (!url) throw std::runtime_error(url.error().describe());
        UserAgent agent(world->database.io, *world->client);
        return agent.follow(*url, destination);
    }
    std::string visit_provider() { return visit_provider(*browser); }
    /// The query with one parameter changed, or left out.
    static std::string with(const std::string& query, std::string_view name,
                            std::optional<std::string> value) {
        auto parameters = http::Parameters::parse(query).value();
        http::Parameters changed;
        for (const auto& [key, old] : parameters) {
            if (key != name) changed.add(key, old);
        }
        if (value) changed.add(std::string(name), *value);
        return changed.encode();
    }
    static std::string value_in(const std::string& query, std::string_view name) {
        auto parameters = http::Parameters::parse(query).value();
        return std::string(parameters.only(name).value());
    }
    std::string finish(const std::string& query) { return refusal(browser->finish("real", query)); }
    vault::Connection connection() {
        auto account = browser->me().value()->account.id;
        auto list = world->run(world->real_vault.list(*world->database, account));
        return list.value().at(0);
    }
    SecretText refresh_token() {
        auto id = connection().id;
        return *world->run(world->real_vault.tokens(*world->database, id))->refresh_token;
    }

    static std::unique_ptr<RealProvider> idp;
    std::unique_ptr<RealWorld> world;
    std::unique_ptr<Browser> browser;
};
std::unique_ptr<RealProvider> RealProviderTest::idp;

std::string name_of(const testing::TestParamInfo<const char*>& info) {
    return info.param;
}
INSTANTIATE_TEST_SUITE_P(RealProvider, RealProviderTest, testing::Values("RS256", "ES256"),
                         name_of);

TEST_P(RealProviderTest, RefusesAChangedState) {
    auto query = visit_provider();

    EXPECT_EQ(finish(with(query, "state", "00000000-0000-4000-8000-000000000000:real")),
              "oauth.state_mismatch");
    EXPECT_EQ(finish(with(query, "state", std::nullopt)), "oauth.callback_malformed");
    EXPECT_EQ(world->count("sessions"), 0U);
}

TEST_P(RealProviderTest, RefusesAnExpiredState) {
    auto query = visit_provider();

    world->clock.advance(10min + 1ms);

    EXPECT_EQ(finish(query), "oauth.state_mismatch");
}

TEST_P(RealProviderTest, RefusesAStateFromAnotherBrowser) {
    auto query = visit_provider();
    Browser other(*world, "192.0.2.2");
    ASSERT_TRUE(other.begin("real").has_value());

    EXPECT_EQ(refusal(other.finish("real", query)), "sign_in.other_browser");

    EXPECT_EQ(world->count("sessions"), 0U);
    EXPECT_EQ(world->count("connections"), 0U);
}

TEST_P(RealProviderTest, RefusesAnotherIssuerOrNone) {
    auto one = visit_provider();
    EXPECT_EQ(finish(with(one, "iss", "https://evil.example")), "oauth.issuer_mismatch");
    auto two = visit_provider();
    EXPECT_EQ(finish(with(two, "iss", std::nullopt)), "oauth.issuer_mismatch");
}

TEST_P(RealProviderTest, RefusesTheSecondUseOfACallback) {
    auto query = visit_provider();
    ASSERT_EQ(finish(query), "");

    EXPECT_EQ(finish(query), "oauth.state_mismatch");

    EXPECT_EQ(world->count("sessions"), 1U);
}

TEST_P(RealProviderTest, RefusesACodeThatWasUsed) {
    auto first = visit_provider();
    auto second = visit_provider();
    ASSERT_EQ(finish(first), "");
    auto used = value_in(first, "code");

    EXPECT_EQ(finish(with(second, "code", used)), "oauth.code_refused");
}

TEST_P(RealProviderTest, RefusesACodeOfAnotherFlow) {
    Browser victim(*world, "192.0.2.2");
    auto theirs = visit_provider(victim);
    auto ours = visit_provider();
    auto stolen = value_in(theirs, "code");

    EXPECT_EQ(finish(with(ours, "code", stolen)), "oauth.code_refused");
    EXPECT_EQ(world->count("sessions"), 0U);
}

TEST_P(RealProviderTest, GivesIdTokensThatOnlyItsKeyAndOurNonceOpen) {
    auto ready = *world->run(world->real_providers.ready("real"));
    auto begun =
        oauth::begin(*ready, {destination, "/", "cookie"}, world->random, world->clock.now());
    UserAgent agent(world->database.io, *world->client);
    auto callback = oauth::read_callback("real", agent.follow(begun.url, destination));
    auto code = oauth::check_callback(*ready, begun.pending, *callback, world->clock.now());
    ASSERT_TRUE(code.has_value()) << code.error().describe();
    auto response = world->run(world->client->send(oauth::token_request(*ready, *code), {}));
    auto tokens = oauth::read_token_response(*ready, *response, world->clock.now());
    ASSERT_TRUE(tokens.has_value()) << response->body;
    auto id_token = tokens->id_token->reveal();
    oauth::Expectation good{code->nonce(), tokens->access_token, world->clock.now()};
    auto other_nonce = good;
    other_nonce.nonce = "another";
    auto later = good;
    later.now += 1h;
    auto other_client = *ready;
    other_client.client_id = "another";
    auto other_issuer = *ready;
    other_issuer.issuer = "https://evil.example";

    EXPECT_TRUE(
        oauth::check_claims(*ready, id_token, other_nonce).error().is(oauth::id_token_refused));
    EXPECT_TRUE(oauth::check_claims(*ready, id_token, later).error().is(oauth::id_token_refused));
    EXPECT_TRUE(
        oauth::check_claims(other_client, id_token, good).error().is(oauth::id_token_refused));
    EXPECT_TRUE(
        oauth::check_claims(other_issuer, id_token, good).error().is(oauth::id_token_refused));
    auto claimed = oauth::check_claims(*ready, id_token, good);
    ASSERT_TRUE(claimed.has_value()) << claimed.error().describe();
    // Another key under the very same name.
    auto algorithm = *jose::algorithm_from(GetParam());
    auto forged = jose::Key::generate(algorithm, std::string("key-") + GetParam());
    auto forged_set = jose::KeySet::from_json("{\"keys\":[" + forged->to_public_jwk() + "]}");
    EXPECT_FALSE(oauth::verify(*ready, *claimed, *forged_set).has_value());
    http::Request key_request;
    key_request.target = ready->jwks_uri;
    auto keys = world->run(world->client->send(std::move(key_request), {}));
    auto key_set = jose::KeySet::from_json(keys->body);
    EXPECT_TRUE(oauth::verify(*ready, *claimed, *key_set).has_value());
}

TEST_P(RealProviderTest, SignsSomebodyIn) {
    ASSERT_EQ(finish(visit_provider()), "");

    auto me = browser->me();
    ASSERT_TRUE(me.has_value()) << me.error().describe();
    auto kept = connection();
    EXPECT_EQ(kept.subject, "alice");
    EXPECT_EQ(kept.email, "alice@idp.example");
    EXPECT_TRUE(kept.email_verified);
    EXPECT_EQ(kept.state, vault::State::fresh);
    EXPECT_EQ(kept.expiry, oauth::Expiry::at);
    EXPECT_LE(*kept.expires_at - world->clock.now(), 300s);
}

TEST_P(RealProviderTest, KnowsSomebodyAgain) {
    ASSERT_EQ(finish(visit_provider()), "");
    auto first = browser->whoami();
    Browser elsewhere(*world, "192.0.2.2");
    ASSERT_EQ(refusal(elsewhere.finish("real", visit_provider(elsewhere))), "");

    EXPECT_EQ(elsewhere.whoami(), first);
    EXPECT_EQ(world->count("connections"), 1U);
}

TEST_P(RealProviderTest, RenewsAndTheOldRefreshTokenIsDead) {
    ASSERT_EQ(finish(visit_provider()), "");
    oauth::TokenSet old;
    old.refresh_token = refresh_token();

    auto renewed = world->run(world->real_vault.renew(connection().id));

    ASSERT_TRUE(renewed.has_value()) << renewed.error().describe();
    auto fresh = refresh_token();
    EXPECT_FALSE(fresh == *old.refresh_token);
    auto again = world->run(world->real_providers.renew("real", old));
    ASSERT_FALSE(again.has_value());
    EXPECT_TRUE(again.error().is(oauth::consent_withdrawn)) << again.error().describe();
    // The provider takes the reuse for a theft and ends the whole chain (RFC 9700 section 4.14).
    auto ended = world->run(world->real_vault.renew(connection().id));
    EXPECT_TRUE(ended.error().is(vault::needs_consent)) << ended.error().describe();
    EXPECT_EQ(connection().state, vault::State::needs_consent);
}

TEST_P(RealProviderTest, HandsOutATokenThatOpensTheProfile) {
    ASSERT_EQ(finish(visit_provider()), "");
    auto token = world->run(world->real_vault.fresh_token(connection().id));
    ASSERT_TRUE(token.has_value()) << token.error().describe();
    auto ready = *world->run(world->real_providers.ready("real"));

    oauth::TokenSet tokens;
    tokens.access_token = token->access_token;
    auto request = oauth::userinfo_request(*ready, tokens);
    auto response = world->run(world->client->send(std::move(request), {}));

    EXPECT_EQ(response->status, 200) << response->body;
    EXPECT_NE(response->body.find("alice@idp.example"), std::string::npos);
}

TEST_P(RealProviderTest, ForgetsWhatIsRevoked) {
    ASSERT_EQ(finish(visit_provider()), "");
    auto tokens = *world->run(world->real_vault.tokens(*world->database, connection().id));

    auto revoked = world->run(world->real_providers.revoke("real", tokens));

    ASSERT_TRUE(revoked.has_value()) << revoked.error().describe();
    auto again = world->run(world->real_providers.renew("real", tokens));
    EXPECT_TRUE(again.error().is(oauth::consent_withdrawn)) << again.error().describe();
}

TEST_P(RealProviderTest, TakesAPushedRequest) {
    auto url = browser->begin("real").value();

    auto query = http::Parameters::parse(url.substr(url.find('?') + 1)).value();

    EXPECT_EQ(query.size(), 2U);
    EXPECT_TRUE(query.only("request_uri").value_or("").starts_with("urn:ietf:params:oauth:"));
}

TEST_P(RealProviderTest, BindsTokensToAKey) {
    schema::JsonObject bound{{"dpop_bound_access_tokens", true}};
    ASSERT_TRUE(world->run(world->real_providers.add("real", std::move(bound))));
    ASSERT_EQ(finish(visit_provider()), "");
    auto id = connection().id;
    auto first = world->run(world->real_vault.fresh_token(id)).value();
    ASSERT_EQ(first.token_type, "DPoP");

    auto renewed = world->run(world->real_vault.renew(id));

    ASSERT_TRUE(renewed.has_value()) << renewed.error().describe();
    auto second = world->run(world->real_vault.fresh_token(id)).value();
    EXPECT_FALSE(second.access_token == first.access_token);
    EXPECT_TRUE(second.dpop_key == first.dpop_key);
    oauth::TokenSet tokens;
    tokens.access_token = second.access_token;
    tokens.dpop_key = second.dpop_key;
    auto who = world->run(world->real_providers.profile("real", {tokens}));
    ASSERT_TRUE(who.has_value()) << who.error().describe();
    EXPECT_EQ(who->subject, "alice");
    tokens.dpop_key = oauth::new_dpop_key().value();
    auto refused = world->run(world->real_providers.profile("real", {tokens}));
    EXPECT_TRUE(refused.error().is(oauth::token_refused)) << refused.error().describe();
}

}  // namespace
}  // namespace cardea
