// ID tokens: every claim case and every forgery is refused before one good token is taken.
#include "cardea/oauth/id_token.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

using schema::Json;
using schema::JsonArray;
using schema::JsonObject;

const jose::Key& provider_key() {
    static const jose::Key key = jose::Key::generate(jose::Algorithm::ES256, "k1").value();
    return key;
}

jose::KeySet key_set_of(const std::vector<jose::Key>& keys) {
    std::string text = R"({"keys":[)";
    for (const auto& key : keys) text += (text.back() == '[' ? "" : ",") + key.to_public_jwk();
    return jose::KeySet::from_json(text + "]}").value();
}

std::string encode(const std::string& json) {
    return to_base64url(as_bytes(json));
}

class IdToken : public testing::Test {
  protected:
    IdToken() {
        expected.nonce = "nonce-1";
        expected.access_token = SecretText("at");
        expected.now = clock.now();
        auto now = to_unix_seconds(clock.now());
        claims = {{"iss", provider.issuer}, {"sub", "user-1"}, {"aud", provider.client_id},
                  {"exp", now + 300},       {"iat", now},      {"nonce", "nonce-1"}};
    }
    std::string signed_token(const JsonObject& payload) {
        return jose::sign(provider_key(), jose::Algorithm::ES256, payload).value();
    }
    Result<IdClaims> read(const std::string& token) {
        auto claimed = check_claims(provider, token, expected);
        if (!claimed) return std::unexpected(claimed.error());
        return verify(provider, *claimed, keys);
    }
    void expect_refused(const std::string& token, const std::string& what) {
        auto read_claims = read(token);
        ASSERT_FALSE(read_claims) << what;
        EXPECT_TRUE(read_claims.error().is(id_token_refused)) << what;
    }
    void expect_claims_refused(const std::string& what,
                               const std::function<void(JsonObject&)>& change) {
        JsonObject changed = claims;
        change(changed);
        expect_refused(signed_token(changed), what);
    }
    std::int64_t now() const { return to_unix_seconds(clock.now()); }

    Provider provider = test_provider();
    FakeClock clock;
    Expectation expected;
    JsonObject claims;
    jose::KeySet keys = key_set_of({provider_key()});
};

TEST_F(IdToken, IsRefusedWithAnyOfTheseClaims) {
    expect_claims_refused("no iss", [](auto& c) { c.erase("iss"); });
    expect_claims_refused("other iss", [](auto& c) { c["iss"] = "https://evil.example"; });
    expect_claims_refused("iss with slash", [](auto& c) { c["iss"] = "https://idp.example/"; });
    expect_claims_refused("iss in other case", [](auto& c) { c["iss"] = "https://IDP.example"; });
    expect_claims_refused("iss as list", [](auto& c) { c["iss"] = {"https://idp.example"}; });
    expect_claims_refused("no aud", [](auto& c) { c.erase("aud"); });
    expect_claims_refused("other aud", [](auto& c) { c["aud"] = "client-2"; });
    expect_claims_refused("aud as number", [](auto& c) { c["aud"] = 1; });
    expect_claims_refused("empty aud", [](auto& c) { c["aud"] = JsonArray(); });
    expect_claims_refused("aud without us", [](auto& c) { c["aud"] = {"a", "b"}; });
    expect_claims_refused("aud with a number", [](auto& c) { c["aud"] = {"client-1", 7}; });
    expect_claims_refused("two aud, no azp", [](auto& c) { c["aud"] = {"client-1", "b"}; });
    expect_claims_refused("other azp", [](auto& c) { c["azp"] = "client-2"; });
    expect_claims_refused("azp as number", [](auto& c) { c["azp"] = 1; });
    expect_claims_refused("no exp", [](auto& c) { c.erase("exp"); });
    expect_claims_refused("exp as text", [](auto& c) { c["exp"] = "9999999999"; });
    expect_claims_refused("expired", [this](auto& c) { c["exp"] = now() - 60; });
    expect_claims_refused("exp negative", [](auto& c) { c["exp"] = -1; });
    expect_claims_refused("no iat", [](auto& c) { c.erase("iat"); });
    expect_claims_refused("iat as text", [](auto& c) { c["iat"] = "1"; });
    expect_claims_refused("iat in the future", [this](auto& c) { c["iat"] = now() + 61; });
    expect_claims_refused("iat long ago", [this](auto& c) { c["iat"] = now() - 661; });
    expect_claims_refused("nbf in the future", [this](auto& c) { c["nbf"] = now() + 61; });
    expect_claims_refused("nbf as text", [](auto& c) { c["nbf"] = "1"; });
    expect_claims_refused("no nonce", [](auto& c) { c.erase("nonce"); });
    expect_claims_refused("other nonce", [](auto& c) { c["nonce"] = "nonce-2"; });
    expect_claims_refused("longer nonce", [](auto& c) { c["nonce"] = "nonce-1 "; });
    expect_claims_refused("nonce as list", [](auto& c) { c["nonce"] = {"nonce-1"}; });
    expect_claims_refused("no sub", [](auto& c) { c.erase("sub"); });
    expect_claims_refused("empty sub", [](auto& c) { c["sub"] = ""; });
    expect_claims_refused("sub as number", [](auto& c) { c["sub"] = 17; });
    expect_claims_refused("long sub", [](auto& c) { c["sub"] = std::string(256, 'a'); });
    expect_claims_refused("sub with NUL", [](auto& c) { c["sub"] = std::string("a\0b", 3); });
    expect_claims_refused("other at_hash",
                          [](auto& c) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA"; });
    expect_claims_refused("at_hash as number", [](auto& c) { c["at_hash"] = 1; });
}

TEST_F(IdToken, IsRefusedWhenForged) {
    std::string good = signed_token(claims);
    auto parts = split(good, '.');
    std::string header(parts[0]);
    std::string payload(parts[1]);
    std::string signature(parts[2]);
    JsonObject mallory = claims;
    mallory["sub"] = "admin";
    std::string other_payload = encode(schema::write_json(Json(mallory)));
    auto stranger = jose::Key::generate(jose::Algorithm::ES256, "k1").value();
    auto unknown_kid = jose::Key::generate(jose::Algorithm::ES256, "k2").value();
    std::string public_key = provider_key().to_public_jwk();
    provider.client_secret = SecretText("a client secret of forty bytes, no less!");

    expect_refused(encode(R"({"alg":"none"})") + '.' + payload + '.', "alg none");
    expect_refused(encode(R"({"alg":"None"})") + '.' + payload + '.', "alg None");
    expect_refused(encode(R"({"alg":"none","kid":"k1"})") + '.' + payload + '.' + signature,
                   "alg none with a signature");
    expect_refused(header + '.' + payload + '.', "signature taken away");
    expect_refused(header + '.' + payload, "two parts");
    expect_refused(header + '.' + other_payload + '.' + signature, "other payload");
    expect_refused(header + '.' + payload + '.' + encode(std::string(64, '\0')), "zero signature");
    expect_refused(jose::sign(stranger, jose::Algorithm::ES256, claims).value(),
                   "stranger's key under the same kid");
    expect_refused(jose::sign(unknown_kid, jose::Algorithm::ES256, claims).value(), "unknown kid");
    expect_refused(jose::sign(jose::Key::from_hmac_secret(SecretText(public_key)),
                              jose::Algorithm::HS256, claims)
                       .value(),
                   "HS256 with the public key as secret");
    expect_refused(jose::sign(jose::Key::from_hmac_secret(provider.client_secret),
                              jose::Algorithm::HS256, claims)
                       .value(),
                   "HS256 with the client secret");
    auto bring_own = [&](const std::string& member) {
        std::string own = encode(R"({"alg":"ES256",)" + member + "}") + '.' + payload;
        auto own_signature = stranger.sign(jose::Algorithm::ES256, as_bytes(own)).value();
        return own + '.' + to_base64url(own_signature);
    };
    expect_refused(bring_own(R"("jwk":)" + stranger.to_public_jwk()), "own jwk in the header");
    expect_refused(bring_own(R"("jku":"https://evil.example/jwks")"), "jku in the header");
    expect_refused(bring_own(R"("x5u":"https://evil.example/x")"), "x5u in the header");
    expect_refused(bring_own(R"("kid":"../../dev/null")"), "kid as a path");
    expect_refused(bring_own(R"("crit":["exp"],"exp":1)"), "crit in the header");
    expect_refused(good + ".AAAA", "four parts");
    expect_refused(good + "=", "padding");
    expect_refused(" " + good, "space before it");
}

TEST_F(IdToken, IsRefusedWhenItIsNoToken) {
    for (auto text : {"", ".", "..", "...", "a.b.c", "null", "{}"}) expect_refused(text, text);
    expect_refused(std::string(20'000, 'a'), "20 kB of a");
}

TEST_F(IdToken, IsRefusedWithAnAlgorithmThatTheRowDoesNotAllow) {
    provider.id_token_algs = {IdTokenAlg::RS256};

    expect_refused(signed_token(claims), "ES256 where RS256 is pinned");
}

TEST_F(IdToken, IsRefusedWithoutKeys) {
    keys = key_set_of({});

    expect_refused(signed_token(claims), "empty key set");
}

TEST_F(IdToken, IsRefusedBeforeAnyKeyIsNeeded) {
    claims["nonce"] = "other";

    EXPECT_FALSE(check_claims(provider, signed_token(claims), expected));
}

TEST_F(IdToken, SaysWhoSignedIn) {
    claims["email"] = "a@example.org";

    auto id = read(signed_token(claims));

    ASSERT_TRUE(id) << id.error().describe();
    EXPECT_EQ(id->issuer, "https://idp.example");
    EXPECT_EQ(id->subject, "user-1");
    EXPECT_EQ(id->claims.at("email"), "a@example.org");
}

TEST_F(IdToken, MayBeOfASlightlyWrongClock) {
    claims["exp"] = now() - 59;
    EXPECT_TRUE(read(signed_token(claims)));

    claims["exp"] = now() + 300;
    claims["iat"] = now() + 60;
    claims["nbf"] = now() + 60;
    EXPECT_TRUE(read(signed_token(claims)));
}

TEST_F(IdToken, MayHaveDatesWithFractions) {
    claims["exp"] = static_cast<double>(now()) + 300.5;
    claims["iat"] = static_cast<double>(now()) - 0.5;

    EXPECT_TRUE(read(signed_token(claims)));
}

TEST_F(IdToken, MayNameSeveralAudiencesWhenWeAreTheParty) {
    claims["aud"] = {"client-1", "api"};
    claims["azp"] = "client-1";
    EXPECT_TRUE(read(signed_token(claims)));

    claims["aud"] = JsonArray{"client-1"};
    claims.erase("azp");
    EXPECT_TRUE(read(signed_token(claims)));
}

TEST_F(IdToken, MayCarryOneOfTheIssuersOtherNames) {
    provider.accepted_issuers = {"idp.example"};
    claims["iss"] = "idp.example";

    EXPECT_TRUE(read(signed_token(claims)));
}

TEST_F(IdToken, NeedsNoNonceWhenNoneWasSent) {
    expected.nonce.clear();
    claims.erase("nonce");

    EXPECT_TRUE(read(signed_token(claims)));
}

TEST_F(IdToken, BindsTheAccessTokenByItsHash) {
    auto digest = crypto::sha256("at");
    claims["at_hash"] = to_base64url(ByteView(digest).first(16));
    EXPECT_TRUE(read(signed_token(claims)));

    expected.access_token = SecretText("another");
    expect_refused(signed_token(claims), "at_hash of another token");
}

TEST_F(IdToken, IsVerifiedWithEachAlgorithm) {
    for (auto algorithm : {jose::Algorithm::RS256, jose::Algorithm::PS256, jose::Algorithm::ES256,
                           jose::Algorithm::EdDSA}) {
        auto key = jose::Key::generate(algorithm, "k").value();
        keys = key_set_of({provider_key(), key});
        EXPECT_TRUE(read(jose::sign(key, algorithm, claims).value())) << jose::to_string(algorithm);
    }
}

TEST_F(IdToken, IsVerifiedWithoutAKeyIdByAKeyThatFits) {
    auto key = jose::Key::generate(jose::Algorithm::ES256, "").value();

    keys = key_set_of({provider_key(), key});

    EXPECT_TRUE(read(jose::sign(key, jose::Algorithm::ES256, claims).value()));
}

TEST_F(IdToken, IsOfTheTenantThatItNames) {
    provider.issuer = "https://login.example/{claim:tid}/v2.0";
    claims["tid"] = "tenant-1";
    claims["iss"] = "https://login.example/tenant-1/v2.0";

    EXPECT_TRUE(read(signed_token(claims)));
    expect_claims_refused("another tenant",
                          [](JsonObject& changed) { changed["tid"] = "tenant-2"; });
    expect_claims_refused("no tenant", [](JsonObject& changed) { changed.erase("tid"); });
    expect_claims_refused("the template itself", [](JsonObject& changed) {
        changed["tid"] = "{claim:tid}";
        changed["iss"] = "https://login.example/{claim:tid}/v2.0";
    });
}

class SecretIdToken : public IdToken {
  protected:
    SecretIdToken() {
        provider.id_token_algs = {IdTokenAlg::HS256};
        provider.client_secret = SecretText(std::string(32, 's'));
    }
    Result<IdClaims> read_with_secret(const std::string& token) {
        auto claimed = check_claims(provider, token, expected);
        if (!claimed) return std::unexpected(claimed.error());
        return verify_with_secret(provider, *claimed);
    }
    std::string signed_with(const std::string& secret) {
        auto key = jose::Key::from_hmac_secret(SecretText(secret));
        return jose::sign(key, jose::Algorithm::HS256, claims).value();
    }
};

TEST_F(SecretIdToken, IsVerifiedWithTheClientSecret) {
    EXPECT_TRUE(read_with_secret(signed_with(std::string(32, 's'))));
    EXPECT_FALSE(read_with_secret(signed_with(std::string(32, 't'))));
    EXPECT_FALSE(read_with_secret(signed_token(claims)));
}

TEST_F(SecretIdToken, IsVerifiedWithThePreviousSecretToo) {
    provider.client_secret_previous = SecretText(std::string(32, 't'));

    EXPECT_TRUE(read_with_secret(signed_with(std::string(32, 's'))));
    EXPECT_TRUE(read_with_secret(signed_with(std::string(32, 't'))));
    EXPECT_FALSE(read_with_secret(signed_with(std::string(32, 'u'))));
}

TEST_F(SecretIdToken, IsRefusedWhereKeysArePublic) {
    auto token = signed_with(std::string(32, 's'));
    provider.id_token_algs = {IdTokenAlg::ES256};

    EXPECT_FALSE(read_with_secret(token));
    expect_refused(token, "HS256 beside public keys");
}

TEST_F(SecretIdToken, IsNeverVerifiedWithAKeySet) {
    expect_refused(signed_with(std::string(32, 's')), "a key set");
}

TEST_F(SecretIdToken, NeedsASecretThatIsLongEnough) {
    provider.client_secret = SecretText("short");
    auto claimed = check_claims(provider, signed_with(std::string(32, 's')), expected);

    ASSERT_TRUE(claimed);
    EXPECT_FALSE(verify_with_secret(provider, *claimed));
}

}  // namespace
}  // namespace cardea::oauth
