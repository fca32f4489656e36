// Proofs of possession: every member, the signature, and what servers say of them.
#include "cardea/oauth/dpop.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/schema/json.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::oauth {
namespace {

using schema::Json;
using schema::JsonObject;

std::set<std::string> names_of(const JsonObject& object) {
    std::set<std::string> names;
    for (const auto& member : object) names.emplace(member.key());
    return names;
}

class DpopProofs : public testing::Test {
  protected:
    http::Request proven(http::Request request) {
        return with_dpop_proof(std::move(request), binding, random, clock.now()).value();
    }
    jose::Unverified proof_of(const http::Request& request) {
        EXPECT_EQ(request.headers.count("DPoP"), 1u);
        return jose::parse(request.headers.get("DPoP")).value();
    }
    static http::Request post(std::string target) {
        http::Request request;
        request.method = http::Method::post;
        request.target = std::move(target);
        request.headers.set("Authorization", "Basic abc");
        request.body = "grant_type=refresh_token";
        return request;
    }
    static http::Request get(std::string target) {
        http::Request request;
        request.target = std::move(target);
        request.headers.set("Authorization", "Bearer at");
        return request;
    }

    SeededRandom random;
    FakeClock clock;
    DpopBinding binding{new_dpop_key().value(), {}, {}};
};

TEST_F(DpopProofs, AreNotMadeWithAKeyThatIsNone) {
    auto other = schema::parse_json(new_dpop_key()->reveal()).value().as_object();
    auto mixed = schema::parse_json(binding.key.reveal()).value().as_object();
    mixed["d"] = other["d"];
    auto without = mixed;
    without.erase("d");

    for (const std::string& key :
         {std::string(), std::string("{}"), std::string("nonsense"),
          schema::write_json(Json(mixed)), schema::write_json(Json(without))}) {
        binding.key = SecretText(key);
        auto refused =
            with_dpop_proof(post("https://idp.example/token"), binding, random, clock.now());
        ASSERT_FALSE(refused);
        EXPECT_TRUE(refused.error().is(jose::bad_key));
    }
}

TEST_F(DpopProofs, AreSignedByTheKeyThatTheyName) {
    auto proof = proof_of(proven(post("https://idp.example/token")));

    ASSERT_EQ(names_of(proof.header), (std::set<std::string>{"alg", "jwk", "typ"}));
    EXPECT_EQ(proof.header.at("typ"), "dpop+jwt");
    EXPECT_EQ(proof.header.at("alg"), "ES256");
    const auto& jwk = proof.header.at("jwk").as_object();
    EXPECT_EQ(names_of(jwk), (std::set<std::string>{"crv", "kty", "x", "y"})) << "no d";
    EXPECT_EQ(jwk.at("crv"), "P-256");
    auto key = jose::Key::from_json(jwk).value();
    EXPECT_TRUE(jose::verify_signature(proof, key, {jose::Algorithm::ES256}));
    auto others = jose::Key::generate(jose::Algorithm::ES256, "").value();
    EXPECT_FALSE(jose::verify_signature(proof, others, {jose::Algorithm::ES256}));
}

TEST_F(DpopProofs, SayForWhichRequestTheyAre) {
    auto request = proven(post("https://idp.example:8443/token?tenant=1#x"));
    auto claims = proof_of(request).payload;

    EXPECT_EQ(names_of(claims), (std::set<std::string>{"htm", "htu", "iat", "jti"}));
    EXPECT_EQ(claims.at("htm"), "POST");
    EXPECT_EQ(claims.at("htu"), "https://idp.example:8443/token");
    EXPECT_EQ(claims.at("iat"), to_unix_seconds(clock.now()));
    EXPECT_EQ(claims.at("jti").as_string().size(), 22u);
    EXPECT_EQ(request.target, "https://idp.example:8443/token?tenant=1#x");
    EXPECT_EQ(request.headers.get("Authorization"), "Basic abc");
    EXPECT_EQ(request.body, "grant_type=refresh_token");
}

TEST_F(DpopProofs, NameTheTokenOfAResourceCall) {
    binding.access_token = SecretText("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");

    auto request = proven(get("https://api.example/me"));

    // The token and the hash are those of RFC 9449 section 7.1.
    auto claims = proof_of(request).payload;
    EXPECT_EQ(claims.at("ath"), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    EXPECT_EQ(claims.at("htm"), "GET");
    EXPECT_EQ(request.headers.count("Authorization"), 1u);
    EXPECT_EQ(request.headers.get("Authorization"),
              "DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
}

TEST_F(DpopProofs, CarryTheNonceThatTheServerGave) {
    binding.nonce = "eyJ7S_zG.eyJH0-Z.HX4w-7v";

    auto claims = proof_of(proven(post("https://idp.example/token"))).payload;

    EXPECT_EQ(claims.at("nonce"), "eyJ7S_zG.eyJH0-Z.HX4w-7v");
}

TEST_F(DpopProofs, ServeOnce) {
    auto first = proven(post("https://idp.example/token"));
    auto second = proven(first);

    EXPECT_NE(proof_of(first).payload.at("jti"), proof_of(second).payload.at("jti"));
}

TEST(DpopKeys, AreNewEachTime) {
    EXPECT_FALSE(new_dpop_key().value() == new_dpop_key().value());
}

// What servers say.

http::Response refused(int status, std::string body, std::string challenge = {}) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    if (!challenge.empty()) response.headers.set("WWW-Authenticate", std::move(challenge));
    return response;
}

http::Response with_nonce(std::string nonce) {
    http::Response response;
    response.headers.add("DPoP-Nonce", std::move(nonce));
    return response;
}

TEST(DpopNonces, AreNotTakenWhenTheyAreHostile) {
    for (const std::string& nonce :
         {std::string(), std::string("a b"), std::string("a\tb"), std::string("a\x7f"),
          std::string("a\x01"), std::string("quote\""), std::string("back\\slash"),
          std::string("\xc3\xa4"), std::string(513, 'x')})
        EXPECT_FALSE(dpop_nonce(with_nonce(nonce))) << nonce;
    EXPECT_FALSE(dpop_nonce(http::Response()));
    auto twice = with_nonce("one");
    twice.headers.add("dpop-nonce", "two");
    EXPECT_FALSE(dpop_nonce(twice));
}

TEST(DpopNonces, AreTakenAsTheyCome) {
    EXPECT_EQ(dpop_nonce(with_nonce("eyJ7S_zG.eyJH0-Z.HX4w-7v")), "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    EXPECT_EQ(dpop_nonce(with_nonce(std::string(512, 'x'))), std::string(512, 'x'));
}

TEST(DpopNonces, AreWantedOnlyWhereThatIsWhatWasWrong) {
    EXPECT_FALSE(wants_dpop_nonce(refused(400, R"({"error":"invalid_grant"})")));
    EXPECT_FALSE(wants_dpop_nonce(refused(500, R"({"error":"use_dpop_nonce"})")));
    EXPECT_FALSE(wants_dpop_nonce(refused(200, R"({"error":"use_dpop_nonce"})")));
    EXPECT_FALSE(wants_dpop_nonce(refused(400, "use_dpop_nonce")));
    EXPECT_FALSE(wants_dpop_nonce(refused(400, R"(["use_dpop_nonce"])")));
    EXPECT_FALSE(wants_dpop_nonce(refused(401, "", R"(DPoP error="invalid_token")")));
    EXPECT_FALSE(wants_dpop_nonce(refused(401, "", R"(Bearer error="use_dpop_nonce")")));

    EXPECT_TRUE(wants_dpop_nonce(refused(400, R"({"error":"use_dpop_nonce"})")));
    EXPECT_TRUE(wants_dpop_nonce(refused(401, R"({"error":"use_dpop_nonce"})")));
    EXPECT_TRUE(wants_dpop_nonce(
        refused(401, "", R"(dpop error="use_dpop_nonce", error_description="a nonce, please")")));
}

TEST(BoundTokens, AreOfTheTypeDpop) {
    TokenSet tokens;
    SecretText key("{}");
    for (auto type : {"Bearer", "", "DPoP2", "mac"}) {
        tokens.token_type = type;
        EXPECT_TRUE(bound_to(key, tokens).error().is(token_not_bound)) << type;
    }
    tokens.token_type = "dpop";

    auto bound = bound_to(key, tokens);

    ASSERT_TRUE(bound);
    EXPECT_TRUE(bound->dpop_key == key);
}

}  // namespace
}  // namespace cardea::oauth
