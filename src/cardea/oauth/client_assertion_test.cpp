// The JWT that proves the client.
#include "cardea/oauth/client_assertion.hpp"

#include <gtest/gtest.h>

#include "cardea/http/parameters.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/requests.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

// A P-256 key made for this test: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
constexpr auto private_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIEoRbzgjD5Ridbjn
Xh91Wy7SGvcM8Oe2VdHIR4zT/0uhRANCAAR1JWbirDb35OhYuypvh+u0OQ+dq/rd
K97D1/pR8jXxkIR8pFngRBCQzMNn7cqIN4cy+X0cBz/3afrjXc6aW4e4
-----END PRIVATE KEY-----
)";

class Assertion : public testing::Test {
  protected:
    Assertion() {
        provider.token_endpoint_auth_method = ClientAuth::signed_client_secret;
        provider.client_secret = SecretText(private_key);
        provider.client_assertion = ClientAssertion{};
        provider.client_assertion->issuer = "TEAM123456";
        provider.client_assertion->audience = "https://idp.example";
        provider.client_assertion->key_id = "KEY1234567";
    }
    std::string sent(std::string_view member) {
        auto armed = with_assertion(provider, random, clock.now());
        EXPECT_TRUE(armed);
        if (!armed) return {};
        auto request = refresh_request(*armed, SecretText("rt"));
        EXPECT_EQ(request.body.find("PRIVATE"), std::string::npos);
        auto form = http::Parameters::parse(request.body);
        return std::string(form->only(member).value_or(""));
    }

    FakeClock clock;
    SeededRandom random;
    Provider provider = test_provider();
};

TEST_F(Assertion, IsRefusedWithoutAKeyThatSigns) {
    for (const char* key :
         {"", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        provider.client_secret = SecretText(key);
        EXPECT_TRUE(with_assertion(provider, random, clock.now()).error().is(client_key_unusable))
            << key;
    }
}

TEST_F(Assertion, IsRefusedWithAKeyOfAnotherKind) {
    provider.client_assertion->alg = AssertionAlg::RS256;

    EXPECT_TRUE(with_assertion(provider, random, clock.now()).error().is(client_key_unusable));
}

TEST_F(Assertion, IsNeededOnlyWhereTheRowHasOne) {
    EXPECT_TRUE(needs_assertion(provider));
    EXPECT_FALSE(needs_assertion(test_provider()));
}

TEST_F(Assertion, StandsInThePlaceOfTheSecret) {
    auto token = jose::parse(sent("client_secret"));

    ASSERT_TRUE(token);
    EXPECT_EQ(token->algorithm, jose::Algorithm::ES256);
    EXPECT_EQ(token->kid, "KEY1234567");
    EXPECT_EQ(token->payload.at("iss"), "TEAM123456");
    EXPECT_EQ(token->payload.at("sub"), "client-1");
    EXPECT_EQ(token->payload.at("aud"), "https://idp.example");
    EXPECT_EQ(token->payload.at("iat"), to_unix_seconds(clock.now()));
    EXPECT_EQ(token->payload.at("exp"), to_unix_seconds(clock.now()) + 300);
    auto key = jose::Key::from_private_pem(provider.client_secret, "");
    EXPECT_TRUE(jose::verify(*token, *key, {jose::Algorithm::ES256}));
}

TEST_F(Assertion, GoesIntoItsOwnMemberWithPrivateKeyJwt) {
    provider.token_endpoint_auth_method = ClientAuth::private_key_jwt;
    provider.client_assertion = ClientAssertion{};

    auto token = jose::parse(sent("client_assertion"));

    ASSERT_TRUE(token);
    EXPECT_EQ(token->payload.at("iss"), "client-1");
    EXPECT_EQ(token->payload.at("aud"), schema::Json(provider.token_endpoint));
    EXPECT_EQ(sent("client_assertion_type"),
              "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    EXPECT_EQ(sent("client_secret"), "");
}

TEST_F(Assertion, IsNeverTheSameTwice) {
    EXPECT_NE(sent("client_secret"), sent("client_secret"));
}

TEST_F(Assertion, NeverSendsTheKeyItselfWhenThereIsNone) {
    auto request = refresh_request(provider, SecretText("rt"));

    EXPECT_EQ(request.body.find("PRIVATE"), std::string::npos);
    EXPECT_EQ(request.body.find("BEGIN"), std::string::npos);
}

}  // namespace
}  // namespace cardea::oauth
