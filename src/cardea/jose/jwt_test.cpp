// Tokens: every way to forge or bend one is refused; a good one is read.
#include "cardea/jose/jwt.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/vectors.hpp"

namespace cardea::jose {
namespace {

constexpr std::string_view claims = R"({"sub":"alice","exp":1767225600})";

std::string encoded(std::string_view text) {
    return to_base64url(as_bytes(text));
}

class Tokens : public testing::Test {
  protected:
    Key key_ = Key::generate(Algorithm::ES256, "k1").value();
    KeySet keys_ = KeySet::from_json(R"({"keys":[)" + key_.to_public_jwk() + "]}").value();
    const std::vector<Algorithm> allowed_{Algorithm::RS256, Algorithm::ES256};

    // A rightly signed token with any header and payload.
    std::string signed_with(std::string_view header, std::string_view payload = claims) {
        const auto input = encoded(header) + "." + encoded(payload);
        return input + "." + to_base64url(key_.sign(Algorithm::ES256, as_bytes(input)).value());
    }
    std::string good() { return signed_with(R"({"alg":"ES256","kid":"k1"})"); }
    Result<schema::JsonObject> accepted(std::string_view token) {
        auto parsed = parse(token);
        if (!parsed) return std::unexpected(parsed.error());
        return verify(*parsed, keys_, allowed_);
    }
    std::string_view refusal(std::string_view token) {
        auto payload = accepted(token);
        return payload ? "accepted" : payload.error().reason().slug;
    }
};

TEST_F(Tokens, WithoutASignatureAlgorithmAreRefusedInAnySpelling) {
    for (std::string name : {"none", "None", "NONE", "nOnE", "", " none", "none ", "null"}) {
        const auto header = encoded(R"({"alg":")" + name + R"(","kid":"k1"})");
        for (std::string signature : {"", "AA", "bm9uZQ"}) {
            const auto token = fmt::format("{}.{}.{}", header, encoded(claims), signature);
            EXPECT_FALSE(accepted(token)) << name;
        }
        EXPECT_EQ(refusal(signed_with(R"({"alg":")" + name + R"("})")), "jose.bad_algorithm");
    }
    EXPECT_EQ(refusal(signed_with(R"({"kid":"k1"})")), "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":null})")), "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":["ES256"]})")), "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"es256"})")), "jose.bad_algorithm");
}

TEST_F(Tokens, KeyedWithThePublicKeyAsSecretAreRefused) {
    const auto input = encoded(R"({"alg":"HS256","kid":"k1"})") + "." + encoded(claims);
    const auto confused = Key::from_hmac_secret(SecretText(key_.to_public_jwk()));
    const auto token =
        input + "." + to_base64url(confused.sign(Algorithm::HS256, as_bytes(input)).value());
    const std::vector<Algorithm> careless{Algorithm::HS256, Algorithm::ES256};

    EXPECT_EQ(refusal(token), "jose.bad_algorithm");
    EXPECT_TRUE(verify(parse(token).value(), keys_, careless).error().is(bad_algorithm));
    EXPECT_TRUE(verify(parse(token).value(), key_, careless).error().is(bad_algorithm));
    EXPECT_TRUE(verify(parse(token).value(), confused, allowed_).error().is(bad_algorithm));
}

TEST_F(Tokens, WithAnAlgorithmThatWasNotAskedForAreRefused) {
    const std::vector<Algorithm> only_rsa{Algorithm::RS256}, nothing;

    EXPECT_TRUE(verify(parse(good()).value(), keys_, only_rsa).error().is(bad_algorithm));
    EXPECT_TRUE(verify(parse(good()).value(), keys_, nothing).error().is(bad_algorithm));
    EXPECT_TRUE(verify(parse(good()).value(), key_, only_rsa).error().is(bad_algorithm));
}

TEST_F(Tokens, ThatBringTheirOwnKeyAreRefused) {
    const auto attacker = Key::generate(Algorithm::ES256, "k1").value();
    for (const std::string& extra :
         {R"("jwk":)" + attacker.to_public_jwk(), std::string(R"("jku":"https://evil.example/k")"),
          std::string(R"("x5u":"https://evil.example/c")"), std::string(R"("x5c":["MIIB"])")}) {
        const auto input =
            encoded(R"({"alg":"ES256","kid":"k1",)" + extra + "}") + "." + encoded(claims);
        const auto signature = attacker.sign(Algorithm::ES256, as_bytes(input)).value();
        EXPECT_EQ(refusal(input + "." + to_base64url(signature)), "jose.bad_signature") << extra;
    }
}

TEST_F(Tokens, WithExtensionsThatMustBeUnderstoodAreRefused) {
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256","crit":["exp"],"exp":1})")), "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256","crit":[]})")), "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256","b64":false,"crit":["b64"]})")),
              "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256","b64":false})")), "jose.malformed");
}

TEST_F(Tokens, WithAMemberTwiceAreRefused) {
    EXPECT_EQ(refusal(signed_with(R"({"alg":"none","alg":"ES256"})")), "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256"})", R"({"sub":"alice","sub":"bob"})")),
              "jose.malformed");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256"})", R"({"a":{"b":1,"b":2}})")),
              "jose.malformed");
}

TEST_F(Tokens, WhoseContentIsNoJsonObjectAreRefused) {
    for (auto payload : {"", "[]", "7", "null", "\"alice\"", "{", "{} {}", "{\"a\":1,}",
                         "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}"}) {
        EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256"})", payload)), "jose.malformed") << payload;
        EXPECT_EQ(refusal(signed_with(payload)), "jose.malformed") << payload;
    }
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256","kid":7})")), "jose.malformed");
}

TEST_F(Tokens, InAnyOtherFormAreRefused) {
    const auto token = good();
    const auto last = token.rfind('.');
    for (const std::string& bent :
         {std::string(), std::string("."), std::string(".."), std::string("..."), token + ".",
          "." + token, token + "=", token + "\n", " " + token, token.substr(0, last),
          token.substr(0, last + 1), "Bearer " + token, fmt::format("{}.{}", token, token),
          R"({"payload":"e30","signatures":[]})" + std::string()}) {
        EXPECT_EQ(refusal(bent), "jose.malformed") << bent;
    }
}

TEST_F(Tokens, OverSixteenKibibytesAreRefused) {
    const auto big = R"({"sub":")" + std::string(16'000, 'a') + R"("})";
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256"})", big)), "jose.malformed");
    const auto fits = R"({"sub":")" + std::string(12'000, 'a') + R"("})";
    EXPECT_TRUE(accepted(signed_with(R"({"alg":"ES256"})", fits)));
}

TEST_F(Tokens, WithAnyCharacterChangedAreRefused) {
    const auto token = good();
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (char c : {'A', 'b', '7', '-', '_', '.', '=', '+', '/', ' ', '\0'}) {
            auto changed = token;
            changed[i] = c;
            EXPECT_EQ(accepted(changed).has_value(), changed == token) << i << c;
        }
    }
}

TEST_F(Tokens, OfAnotherKeyOrKeyIdAreRefused) {
    const auto stranger = Key::generate(Algorithm::ES256, "k1").value();
    auto forged = sign(stranger, Algorithm::ES256, {{"sub", "alice"}}).value();

    EXPECT_EQ(refusal(forged), "jose.bad_signature");
    EXPECT_EQ(refusal(signed_with(R"({"alg":"ES256","kid":"k2"})")), "jose.bad_signature");
}

TEST_F(Tokens, AreReadWithAndWithoutAKeyId) {
    EXPECT_EQ(accepted(good())->at("sub"), "alice");
    EXPECT_EQ(accepted(signed_with(R"({"alg":"ES256"})"))->at("exp"), 1767225600);
}

TEST_F(Tokens, ShowTheirHeaderBeforeTheyAreVerified) {
    auto token = parse(good());

    ASSERT_TRUE(token);
    EXPECT_EQ(token->kid, "k1");
    EXPECT_EQ(token->algorithm, Algorithm::ES256);
    EXPECT_EQ(token->header.at("alg"), "ES256");
    EXPECT_EQ(token->payload.at("sub"), "alice");
}

TEST_F(Tokens, SignedHereAreVerifiedHere) {
    auto token = sign(key_, Algorithm::ES256, {{"sub", "alice"}, {"list", {1, "two", nullptr}}});

    ASSERT_TRUE(token);
    auto payload = accepted(*token);
    ASSERT_TRUE(payload);
    EXPECT_EQ(boost::json::serialize(*payload), R"({"sub":"alice","list":[1,"two",null]})");
    EXPECT_EQ(parse(*token)->header.at("typ"), "JWT");
    EXPECT_FALSE(sign(key_, Algorithm::RS256, {}));
}

TEST_F(Tokens, OfASecretAreVerifiedOnlyWithIt) {
    const auto secret = Key::from_hmac_secret(SecretText("a client secret of at least 32 bytes"));
    const auto other = Key::from_hmac_secret(SecretText("A client secret of at least 32 bytes"));
    auto token = parse(sign(secret, Algorithm::HS256, {{"sub", "alice"}}).value()).value();

    EXPECT_TRUE(verify(token, other, {Algorithm::HS256}).error().is(bad_signature));
    EXPECT_TRUE(verify(token, secret, allowed_).error().is(bad_algorithm));
    EXPECT_TRUE(verify(token, secret, {Algorithm::HS256}));
}

}  // namespace
}  // namespace cardea::jose
