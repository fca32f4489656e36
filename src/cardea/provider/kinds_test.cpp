// Providers of the catalogue that are each of another kind, spoken to from sign-in to revocation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::provider {
namespace {

using schema::JsonObject;

// Made for this test: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
constexpr auto apple_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIEoRbzgjD5Ridbjn
Xh91Wy7SGvcM8Oe2VdHIR4zT/0uhRANCAAR1JWbirDb35OhYuypvh+u0OQ+dq/rd
K97D1/pR8jXxkIR8pFngRBCQzMNn7cqIN4cy+X0cBz/3afrjXc6aW4e4
-----END PRIVATE KEY-----
)";

constexpr auto new_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKQHQhj49gLT4Lsty
Dp4bVOcNVHMD1DsKJjpiC7ilwNGhRANCAATrlZFgyy1G2I881IU5hwwZthwkD1SU
XpfoHjtW4jwdbvZ1YHP2hQinuSCL7OLmvM0gQSJxVZBO0ZHJoql5p24r
-----END PRIVATE KEY-----
)";

/// Answers what it was told to, in order, and keeps what it was asked.
class Script final : public http::Client {
  public:
    Task<http::Response> send(http::Request request, http::Limits) override {
        requests.push_back(std::move(request));
        if (answers.empty()) co_return fail(http::peer_unreachable, "the script is at its end");
        http::Response response;
        response.status = status;
        response.body = std::move(answers.front());
        answers.pop_front();
        co_return response;
    }
    const http::Request& last() const { return requests.back(); }

    int status = 200;
    std::vector<http::Request> requests;
    std::deque<std::string> answers;
};

class Kinds : public testing::Test {
  protected:
    void configure(const std::string& name, JsonObject row) {
        Options options;
        options.public_url = "https://app.example";
        options.settings.providers[name] = std::move(row);
        options.environment = [this](const std::string& wanted) -> std::optional<SecretText> {
            auto at = environment.find(wanted);
            if (at == environment.end()) return std::nullopt;
            return SecretText(at->second);
        };
        Providers::Parts parts{*database, script, keyring, clock, random};
        providers = std::make_unique<Providers>(parts, std::move(options));
    }
    void configure(const std::string& name) {
        configure(name, {{"client_id", "client"}, {"client_secret", std::string(32, 's')}});
    }
    template <class T>
    Result<T> run(Task<T> task) {
        return database.run(std::move(task));
    }
    Result<oauth::TokenSet> renew(const std::string& name, SecretText refresh_token) {
        oauth::TokenSet kept;
        kept.refresh_token = std::move(refresh_token);
        return run(providers->renew(name, std::move(kept)));
    }
    /// With `more` in the callback, beside code and state.
    Result<Exchanged> sign_in(const std::string& name, const std::string& more = {}) {
        auto provider = run(providers->ready(name));
        if (!provider) return std::unexpected(provider.error());
        oauth::Beginning beginning{providers->redirect_uri(**provider), "/", "cookie"};
        auto begun = oauth::begin(**provider, std::move(beginning), random, clock.now());
        url = begun.url;
        auto query = url.substr(url.find('?') + 1);
        std::string state(http::Parameters::parse(query)->get("state").value());
        if (make_answer) script.answers.push_front(make_answer(begun.pending.nonce));
        auto signature = sign ? sign(state) : std::string();
        auto callback = oauth::read_callback(name, "code=c-1&state=" + state + more + signature);
        auto code = oauth::check_callback(**provider, begun.pending, *callback, clock.now());
        if (!code) return std::unexpected(code.error());
        return run(providers->exchange(std::move(*code)));
    }
    static std::string member(const http::Request& request, std::string_view name) {
        bool in_query = request.body.empty();
        auto text = in_query ? request.target.substr(request.target.find('?') + 1) : request.body;
        auto form = http::Parameters::parse(text);
        return form ? std::string(form->only(name).value_or("(none)")) : "(malformed)";
    }
    JsonObject claims(std::string issuer, const std::string& nonce) {
        auto now = to_unix_seconds(clock.now());
        return {{"iss", std::move(issuer)}, {"sub", "s-1"}, {"aud", "client"},
                {"exp", now + 300},         {"iat", now},   {"nonce", nonce}};
    }

    FakeClock clock;
    SeededRandom random;
    TestDatabase database;
    Script script;
    crypto::Keyring keyring = crypto::Keyring::from_secrets(
                                  {SecretText("pV3m-Kq8.Zt1xWc7_Lr5yBn2HdGf9sJa0UeOiTk6")}, random)
                                  .value();
    std::map<std::string, std::string> environment;
    std::unique_ptr<Providers> providers;
    std::string url;
    /// The token answer to the next sign-in, which may have to hold its nonce.
    std::function<std::string(const std::string& nonce)> make_answer;
    /// What a callback ends with, made over the state.
    std::function<std::string(const std::string& state)> sign;
};

TEST_F(Kinds, FacebookTradesItsTokenForALongOneAndThatForTheNext) {
    configure("facebook");
    script.answers = {R"({"access_token":"short","expires_in":3600})",
                      R"({"access_token":"long","expires_in":5184000})"};

    auto exchanged = sign_in("facebook");

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_EQ(exchanged->tokens.access_token.reveal(), "long");
    EXPECT_EQ(exchanged->tokens.expires_at, clock.now() + 60 * 24h);
    EXPECT_TRUE(script.last().target.starts_with("https://graph.facebook.com/v24.0/"));
    EXPECT_EQ(member(script.last(), "fb_exchange_token"), "short");

    script.answers = {R"({"access_token":"longer"})"};
    auto renewed = renew("facebook", *exchanged->tokens.refresh_token);

    ASSERT_TRUE(renewed) << renewed.error().describe();
    EXPECT_EQ(script.last().method, http::Method::get);
    EXPECT_EQ(member(script.last(), "grant_type"), "fb_exchange_token");
    EXPECT_EQ(member(script.last(), "fb_exchange_token"), "long");
    EXPECT_EQ(renewed->refresh_token->reveal(), "longer");

    script.answers = {R"({"success":true})"};
    EXPECT_TRUE(run(providers->revoke("facebook", *renewed)));
    EXPECT_EQ(script.last().method, http::Method::delete_);
    EXPECT_EQ(script.last().headers.get("Authorization"), "Bearer longer");
}

TEST_F(Kinds, FacebookSaysThatAPermissionIsGoneInItsOwnWords) {
    configure("facebook");
    script.answers = {R"({"error":{"code":190,"type":"OAuthException"}})"};

    auto renewed = renew("facebook", SecretText("long"));

    ASSERT_FALSE(renewed);
    EXPECT_TRUE(renewed.error().is(oauth::consent_withdrawn)) << renewed.error().describe();
}

TEST_F(Kinds, FacebookSignsNobodyInWhenTheSecondExchangeFails) {
    configure("facebook");
    script.answers = {R"({"access_token":"short","expires_in":3600})", "<html>"};

    EXPECT_FALSE(sign_in("facebook"));
}

TEST_F(Kinds, MicrosoftIsKnownByTenantAndObject) {
    configure("microsoft");
    auto key = jose::Key::generate(jose::Algorithm::RS256, "k").value();
    std::string tenant = "t-1";
    make_answer = [&](const std::string& nonce) {
        auto payload = claims("https://login.microsoftonline.com/t-1/v2.0", nonce);
        payload["tid"] = tenant;
        payload["oid"] = "o-1";
        payload["email"] = "a@x.example";
        auto token = jose::sign(key, jose::Algorithm::RS256, payload).value();
        return R"({"access_token":"at","expires_in":3600,"id_token":")" + token + "\"}";
    };
    script.answers = {R"({"keys":[)" + key.to_public_jwk() + "]}"};

    auto exchanged = sign_in("microsoft");

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    auto profile = run(providers->profile("microsoft", *exchanged));
    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(profile->subject, "t-1:o-1");
    EXPECT_FALSE(profile->email_verified);

    tenant = "t-2";
    EXPECT_TRUE(sign_in("microsoft").error().is(oauth::id_token_refused));
}

TEST_F(Kinds, LineSignsWithTheClientSecretAndIsAskedForNoKeys) {
    configure("line");
    auto signed_with = [&](char c) {
        return [this, c](const std::string& nonce) {
            auto key = jose::Key::from_hmac_secret(SecretText(std::string(32, c)));
            auto payload = claims("https://access.line.me", nonce);
            auto token = jose::sign(key, jose::Algorithm::HS256, payload).value();
            return R"({"access_token":"at","expires_in":3600,"id_token":")" + token + "\"}";
        };
    };

    make_answer = signed_with('s');
    auto exchanged = sign_in("line");
    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_EQ(exchanged->id->subject, "s-1");
    EXPECT_EQ(script.requests.size(), 1u);

    make_answer = signed_with('t');
    EXPECT_TRUE(sign_in("line").error().is(oauth::id_token_refused));

    configure("line", {{"client_id", "client"},
                       {"client_secret", std::string(32, 's')},
                       {"client_secret_previous", std::string(32, 't')}});
    EXPECT_TRUE(sign_in("line")) << "the provider signs with the old secret as long as it likes";
    make_answer = signed_with('u');
    EXPECT_TRUE(sign_in("line").error().is(oauth::id_token_refused));
}

TEST_F(Kinds, AppleIsProvenToByAFreshSignature) {
    configure("apple", {{"client_id", "com.example.app"},
                        {"client_secret", apple_key},
                        {"values", {{"team_id", "TEAM123456"}, {"key_id", "KEY1234567"}}}});
    script.answers = {R"({"access_token":"at","expires_in":3600})"};

    auto renewed = renew("apple", SecretText("rt"));

    ASSERT_TRUE(renewed) << renewed.error().describe();
    auto secret = jose::parse(member(script.last(), "client_secret"));
    ASSERT_TRUE(secret);
    auto key = jose::Key::from_private_pem(SecretText(apple_key), "");
    EXPECT_TRUE(jose::verify(*secret, *key, {jose::Algorithm::ES256}));
    EXPECT_EQ(secret->payload.at("iss"), "TEAM123456");
    EXPECT_EQ(secret->payload.at("aud"), "https://appleid.apple.com");
}

TEST_F(Kinds, AppleIsProvenToByThePreviousKeyWhereItKnowsNoOther) {
    configure("apple", {{"client_id", "com.example.app"},
                        {"client_secret", new_key},
                        {"client_secret_previous", apple_key},
                        {"client_assertion", {{"key_id_previous", "OLD1234567"}}},
                        {"values", {{"team_id", "TEAM123456"}, {"key_id", "KEY1234567"}}}});
    script.answers = {R"({"error":"invalid_client"})", R"({"access_token":"at"})",
                      R"({"access_token":"at"})"};

    oauth::TokenSet kept;
    kept.refresh_token = SecretText("rt");
    ASSERT_TRUE(run(providers->renew("apple", kept)));
    ASSERT_TRUE(run(providers->renew("apple", kept)));

    ASSERT_EQ(script.requests.size(), 3u);
    auto key_id = [this](std::size_t at) {
        return jose::parse(member(script.requests[at], "client_secret")).value().kid;
    };
    EXPECT_EQ(key_id(0), "KEY1234567");
    EXPECT_EQ(key_id(1), "OLD1234567");
    EXPECT_EQ(key_id(2), "OLD1234567");
    auto old = jose::Key::from_private_pem(SecretText(apple_key), "").value();
    auto sent = jose::parse(member(script.last(), "client_secret")).value();
    EXPECT_TRUE(jose::verify(sent, old, {jose::Algorithm::ES256}));
}

TEST_F(Kinds, ThatGiveTokensForAnyCodeProveNoCredentials) {
    configure("linear");
    script.answers = {"a page", R"({"access_token":"at"})", "{}", "{}"};

    auto report = run(providers->check("linear")).value();

    auto secret = std::ranges::find(report.items, "client_secret", &Tried::what);
    ASSERT_NE(secret, report.items.end());
    EXPECT_EQ(secret->outcome, Outcome::unclear);
}

TEST_F(Kinds, GitHubRefusesTheClientInItsOwnWords) {
    configure(
        "github",
        {{"client_id", "client"}, {"client_secret", "new"}, {"client_secret_previous", "old"}});
    script.answers = {R"({"error":"incorrect_client_credentials"})", R"({"access_token":"at"})"};
    EXPECT_TRUE(sign_in("github"));
    EXPECT_EQ(member(script.last(), "client_secret"), "old");

    script.answers = {R"({"error":"bad_verification_code"})"};
    EXPECT_TRUE(sign_in("github").error().is(code_refused));
    EXPECT_TRUE(script.answers.empty()) << "asked once: the client was taken";
}

TEST_F(Kinds, ARevocationIsNotSentTwiceWhereTheTokenIsItsOwnProof) {
    auto row = schema::JsonObject{{"client_id", "client"},
                                  {"client_secret", "new"},
                                  {"client_secret_previous", "old"},
                                  {"revocation", {{"token_in", "bearer"}}}};
    configure("github", row);
    script.status = 401;
    script.answers = {"{}", "{}"};
    oauth::TokenSet tokens;
    tokens.access_token = SecretText("at");

    (void)run(providers->revoke("github", tokens));
    EXPECT_EQ(script.requests.size(), 2u) << "the row names a method for the client";

    row["revocation"].as_object()["auth"] = nullptr;
    configure("facebook", row);
    script.requests.clear();
    script.answers = {"{}", "{}"};
    (void)run(providers->revoke("facebook", tokens));
    EXPECT_EQ(script.requests.size(), 1u);
}

TEST_F(Kinds, AppleTellsTheNameInTheFirstCallbackAlone) {
    configure("apple", {{"client_id", "client"},
                        {"client_secret", apple_key},
                        {"values", {{"team_id", "TEAM123456"}, {"key_id", "KEY1234567"}}}});
    Exchanged exchanged;
    exchanged.id = oauth::IdClaims();
    exchanged.id->subject = "s-1";
    exchanged.id->claims = JsonObject{{"sub", "s-1"}};
    exchanged.callback["user"] = R"({"name":{"firstName":"Ada","lastName":"Lovelace"}})";

    EXPECT_EQ(run(providers->profile("apple", exchanged))->name, "Ada Lovelace");

    exchanged.callback.clear();
    EXPECT_FALSE(run(providers->profile("apple", exchanged))->name);
}

TEST_F(Kinds, VkIsToldTheDeviceWithTheCodeAndAtEachRenewal) {
    configure("vk");
    script.answers = {R"({"access_token":"at","refresh_token":"rt","expires_in":3600})"};

    auto exchanged = sign_in("vk", "&device_id=d-1");

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_EQ(member(script.last(), "device_id"), "d-1");

    script.answers = {R"({"access_token":"at2"})", R"({"access_token":"at3"})"};
    ASSERT_TRUE(run(providers->renew("vk", exchanged->tokens)));
    auto first = member(script.last(), "state");
    EXPECT_EQ(member(script.last(), "device_id"), "d-1");
    ASSERT_TRUE(run(providers->renew("vk", exchanged->tokens)));
    EXPECT_EQ(first.size(), 43u);
    EXPECT_NE(member(script.last(), "state"), first);

    script.answers = {R"({"user":{"user_id":"7","first_name":"Ada","last_name":"L."}})"};
    auto profile = run(providers->profile("vk", *exchanged));
    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(profile->subject, "7");
    EXPECT_EQ(profile->name, "Ada L.");
    EXPECT_EQ(member(script.last(), "client_id"), "client");
}

TEST_F(Kinds, EtsyIsAskedForTheOwnerThatTheTokenBeginsWith) {
    configure("etsy");
    oauth::TokenSet tokens;
    tokens.access_token = SecretText("123456.abc.def");
    script.answers = {R"({"user_id":123456,"first_name":"Ada","last_name":"L."})"};

    auto profile = run(providers->profile("etsy", {tokens}));

    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(script.last().target, "https://openapi.etsy.com/v3/application/users/123456");
    EXPECT_EQ(script.last().headers.get("x-api-key"), "client:" + std::string(32, 's'));
    EXPECT_EQ(profile->subject, "123456");
}

TEST_F(Kinds, EtsyNeedsASecretAlthoughItsTokensNeedNone) {
    configure("etsy", {{"client_id", "client"}});
    EXPECT_TRUE(run(providers->ready("etsy")).error().detail().contains("ETSY_CLIENT_SECRET"));

    configure("vk", {{"client_id", "client"}});
    EXPECT_TRUE(run(providers->ready("vk")));
}

TEST_F(Kinds, ShopifyIsBelievedOnlyWithItsSignature) {
    configure("shopify", {{"client_id", "client"},
                          {"client_secret", std::string(32, 's')},
                          {"values", {{"shop", "acme"}}}});

    auto unsigned_one = sign_in("shopify", "&shop=acme.myshopify.com&timestamp=1");

    ASSERT_FALSE(unsigned_one);
    EXPECT_TRUE(unsigned_one.error().is(oauth::callback_forged));
    EXPECT_TRUE(script.requests.empty());
    EXPECT_TRUE(url.starts_with("https://acme.myshopify.com/admin/oauth/authorize?"));
    EXPECT_TRUE(url.contains("grant_options%5B%5D=per-user"));

    script.answers = {R"({"access_token":"at","expires_in":86399,"associated_user":{"id":7,
        "first_name":"Ada","last_name":"L.","email":"a@x.example","email_verified":true}})"};
    sign = [](const std::string& state) {
        auto text = "code=c-1&shop=acme.myshopify.com&state=" + state;
        return "&hmac=" +
               to_hex(crypto::hmac_sha256(as_bytes(std::string(32, 's')), as_bytes(text)));
    };
    auto signed_in = sign_in("shopify", "&shop=acme.myshopify.com");
    ASSERT_TRUE(signed_in) << signed_in.error().describe();
    EXPECT_EQ(member(script.last(), "expiring"), "1");
    auto profile = run(providers->profile("shopify", *signed_in));
    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(profile->subject, "7");
    EXPECT_TRUE(profile->email_verified);
}

TEST_F(Kinds, ShopifyIsNotBelievedForAnotherShop) {
    configure("shopify", {{"client_id", "client"},
                          {"client_secret", std::string(32, 's')},
                          {"values", {{"shop", "acme"}}}});
    // Whoever owns another shop has its callbacks signed by the same secret.
    sign = [](const std::string& state) {
        auto text = "code=c-1&shop=evil.myshopify.com&state=" + state;
        return "&hmac=" +
               to_hex(crypto::hmac_sha256(as_bytes(std::string(32, 's')), as_bytes(text)));
    };

    auto other_shop = sign_in("shopify", "&shop=evil.myshopify.com");

    ASSERT_FALSE(other_shop);
    EXPECT_TRUE(other_shop.error().is(oauth::callback_mismatch));
    EXPECT_TRUE(script.requests.empty());
}

TEST_F(Kinds, SquarespaceIsKnownByTheWebsite) {
    configure("squarespace");
    auto ends = to_unix_seconds(clock.now()) + 1800;
    script.answers = {fmt::format(
        R"({{"access_token":"at","access_token_expires_at":{}.5,"refresh_token":"rt"}})", ends)};

    auto exchanged = sign_in("squarespace");

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_EQ(exchanged->tokens.expires_at, from_unix_ms(ends * 1000 + 500));
    EXPECT_TRUE(url.contains("access_type=offline"));
    script.answers = {R"({"id":"w-1","siteId":"acme","title":"Acme"})"};
    EXPECT_EQ(run(providers->profile("squarespace", *exchanged))->subject, "w-1");
}

TEST_F(Kinds, IntuitTellsTheCompanyInTheCallback) {
    configure("intuit");
    auto provider = run(providers->ready("intuit"));
    ASSERT_TRUE(provider) << provider.error().describe();
    oauth::TokenSet tokens;

    oauth::keep_facts(**provider, {{"realmId", "4620816365"}, {"else", "x"}}, tokens);

    EXPECT_EQ(tokens.kept, (oauth::Texts{{"realm_id", "4620816365"}}));
    EXPECT_TRUE(tokens.callback.empty());
}

TEST_F(Kinds, AFactOfTheCallbackOutlivesASecondExchangeAndRenewals) {
    configure("facebook", {{"client_id", "client"},
                           {"client_secret", "secret"},
                           {"keep",
                            {{"url", "https://{callback:shop}"},
                             {"both", "{callback:shop} {token_response:/plan}"}}}});
    script.answers = {R"({"access_token":"short"})", R"({"access_token":"long","plan":"b"})"};
    auto exchanged = sign_in("facebook", "&shop=a.example");
    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    const oauth::Texts facts{{"both", "a.example b"}, {"url", "https://a.example"}};
    EXPECT_EQ(exchanged->tokens.kept, facts);

    script.answers = {R"({"access_token":"longer"})"};
    exchanged->tokens.refresh_token = SecretText("long");
    auto renewed = run(providers->renew("facebook", exchanged->tokens));
    ASSERT_TRUE(renewed) << renewed.error().describe();

    EXPECT_EQ(oauth::merged(exchanged->tokens, *renewed).kept, facts);
}

TEST_F(Kinds, PipedriveTellsItsHostWhichStaysWhenAnAnswerDoesNot) {
    configure("pipedrive");
    script.answers = {R"({"access_token":"at","api_domain":"https://acme.pipedrive.example"})",
                      R"({"access_token":"at2"})"};
    oauth::TokenSet kept;
    kept.refresh_token = SecretText("rt");

    auto renewed = run(providers->renew("pipedrive", kept));
    ASSERT_TRUE(renewed) << renewed.error().describe();
    auto merged = oauth::merged(kept, *renewed);
    auto again = run(providers->renew("pipedrive", merged));

    EXPECT_EQ(oauth::merged(merged, *again).kept,
              (oauth::Texts{{"api_domain", "https://acme.pipedrive.example"}}));
}

TEST_F(Kinds, MicrosoftGivesATokenForAnotherAudienceWhereARowAsksForOne) {
    JsonObject params{{"scope", "https://{host}/.default"}};
    configure("microsoft", {{"client_id", "client"},
                            {"client_secret", std::string(32, 's')},
                            {"variables", {{"host", JsonObject{}}}},
                            {"values", {{"host", "acme.sharepoint.example"}}},
                            {"renewal", {{"companions", {{"files", {{"params", params}}}}}}}});
    oauth::TokenSet kept;
    kept.refresh_token = SecretText("rt");
    script.answers = {R"({"access_token":"for-files","refresh_token":"rt2","expires_in":3600})"};

    auto answer = run(providers->companion("microsoft", kept, "files"));

    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(member(script.last(), "grant_type"), "refresh_token");
    EXPECT_EQ(member(script.last(), "refresh_token"), "rt");
    EXPECT_EQ(member(script.last(), "scope"), "https://acme.sharepoint.example/.default");
    auto both = oauth::with_companion(kept, "files", *answer);
    EXPECT_EQ(both.refresh_token->reveal(), "rt2");
    EXPECT_EQ(both.companions.at("files").access_token.reveal(), "for-files");
    EXPECT_TRUE(run(providers->companion("microsoft", kept, "mail")).error().is(no_companion));
    EXPECT_TRUE(run(providers->companion_hash("microsoft", "mail")).error().is(no_companion));
    EXPECT_EQ(run(providers->companion_hash("microsoft", "files"))->size(), 43u);
}

TEST_F(Kinds, PayPalGivesAListOfAddresses) {
    configure("paypal");
    script.answers = {R"({"user_id":"u","emails":[
        {"value":"old@x.example","confirmed":true},
        {"value":"new@x.example","primary":true,"confirmed":true}]})"};

    auto profile = run(providers->profile("paypal", {}));

    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(profile->email, "new@x.example");
    EXPECT_TRUE(profile->email_verified);
    EXPECT_EQ(script.requests.size(), 1u);
}

TEST_F(Kinds, LinearIsAskedInGraphQl) {
    configure("linear");
    oauth::TokenSet tokens;
    tokens.access_token = SecretText("at");
    script.answers = {R"({"data":{"viewer":{"id":"u-1","name":"Ada","email":"a@x.example"}}})"};

    auto profile = run(providers->profile("linear", {tokens}));

    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(profile->subject, "u-1");
    EXPECT_EQ(profile->name, "Ada");
    EXPECT_EQ(script.last().method, http::Method::post);
    EXPECT_TRUE(script.last().body.contains("viewer"));
}

TEST_F(Kinds, WeChatGetsEverythingInTheQueryUnderItsOwnNames) {
    configure("wechat");
    script.answers = {R"({"access_token":"at","openid":"o-1","expires_in":7200})"};

    auto exchanged = sign_in("wechat");

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_TRUE(url.contains("?") && url.ends_with("#wechat_redirect"));
    EXPECT_EQ(script.last().method, http::Method::get);
    EXPECT_EQ(member(script.last(), "appid"), "client");
    EXPECT_EQ(member(script.last(), "code"), "c-1");

    script.answers = {R"({"openid":"o-1","nickname":"Ada"})"};
    auto profile = run(providers->profile("wechat", {exchanged->tokens}));
    ASSERT_TRUE(profile) << profile.error().describe();
    EXPECT_EQ(member(script.last(), "openid"), "o-1");
    EXPECT_EQ(profile->subject, "o-1");

    script.answers = {R"({"errcode":40029,"errmsg":"invalid code"})"};
    EXPECT_FALSE(sign_in("wechat"));
}

TEST_F(Kinds, OktaIsWhereItsVariablesSay) {
    configure("okta");
    EXPECT_TRUE(run(providers->ready("okta")).error().detail().contains("OKTA_DOMAIN"));

    environment["OKTA_DOMAIN"] = "acme.okta.com";
    configure("okta");
    auto okta = run(providers->ready("okta"));
    ASSERT_TRUE(okta) << okta.error().describe();
    EXPECT_EQ((*okta)->issuer, "https://acme.okta.com/oauth2/default");

    environment["OKTA_DOMAIN"] = "acme.okta.com/@evil.example";
    configure("okta");
    EXPECT_FALSE(run(providers->ready("okta")));
}

}  // namespace
}  // namespace cardea::provider
