// Keys and key sets: what makes a key unusable, and what a set does with such keys.
#include "cardea/jose/jwk.hpp"

#include <gtest/gtest.h>

#include "cardea/schema/json.hpp"
#include "tests/support/vectors.hpp"

namespace cardea::jose {
namespace {

constexpr std::string_view message = "what was said";

boost::json::object ec_jwk() {
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
            {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
}

Result<Key> read(const boost::json::object& jwk) {
    return Key::from_jwk(boost::json::serialize(jwk));
}

Result<Key> read_with(std::string_view member, boost::json::value value) {
    auto jwk = ec_jwk();
    jwk[member] = std::move(value);
    return read(jwk);
}

TEST(Jwk, IsRefusedForAnotherUse) {
    EXPECT_TRUE(read_with("use", "enc").error().is(bad_key));
    EXPECT_FALSE(read_with("use", 1));
    EXPECT_FALSE(read_with("key_ops", boost::json::array{"sign"}));
    EXPECT_FALSE(read_with("key_ops", boost::json::array{}));
    EXPECT_FALSE(read_with("key_ops", "verify"));
    EXPECT_TRUE(read_with("use", "sig"));
    EXPECT_TRUE(read_with("key_ops", boost::json::array{"sign", "verify"}));
}

TEST(Jwk, IsRefusedWithAnAlgorithmOfAnotherKeyOrNone) {
    for (auto name : {"RS256", "ES384", "EdDSA", "HS256", "ES521", "none", "", "es256"}) {
        EXPECT_FALSE(read_with("alg", name)) << name;
    }
    EXPECT_FALSE(read_with("alg", nullptr));
    EXPECT_TRUE(read_with("alg", "ES256"));
}

TEST(Jwk, IsRefusedWithMissingMalformedOrForeignNumbers) {
    EXPECT_FALSE(read_with("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE"));    // short
    EXPECT_FALSE(read_with("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="));  // padded
    EXPECT_FALSE(read_with("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV"));   // stray bits
    EXPECT_FALSE(read_with("x", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));   // off the curve
    EXPECT_FALSE(read_with("y", 7));
    EXPECT_FALSE(read_with("crv", "P-384"));
    EXPECT_FALSE(read_with("crv", "secp256k1"));
    EXPECT_FALSE(read_with("kty", "RSA"));
    EXPECT_FALSE(read_with("kty", "OKP"));
    EXPECT_FALSE(read_with("kty", "ec"));
    auto without = ec_jwk();
    without.erase("y");
    EXPECT_FALSE(read(without));
}

TEST(Jwk, IsRefusedWhenItIsASecret) {
    const boost::json::object jwk{{"kty", "oct"},
                                  {"k", "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}};
    EXPECT_FALSE(read(jwk));
}

TEST(Jwk, IsRefusedWhenItsTextIsNoPlainJsonObject) {
    EXPECT_FALSE(Key::from_jwk(""));
    EXPECT_FALSE(Key::from_jwk("[]"));
    EXPECT_FALSE(Key::from_jwk(R"({"kty":"EC","kty":"RSA"})"));
    EXPECT_FALSE(Key::from_jwk(R"({"kty":"EC"} )" + std::string(300'000, ' ')));
}

TEST(Jwk, MayHoldMembersThatAreNotKnownHere) {
    auto jwk = ec_jwk();
    jwk["x5c"] = boost::json::array{"MIIB"};
    jwk["issuer"] = "https://example.org";
    EXPECT_TRUE(read(jwk));
}

class EveryAlgorithm : public testing::TestWithParam<Algorithm> {};

TEST_P(EveryAlgorithm, SignsAndItsPublicJwkVerifies) {
    const auto algorithm = GetParam();
    const auto key = Key::generate(algorithm, "key-1").value();

    const auto jwk = key.to_public_jwk();
    const auto signature = key.sign(algorithm, as_bytes(message)).value();
    const auto read_again = Key::from_jwk(jwk).value();

    EXPECT_TRUE(read_again.verify(algorithm, as_bytes(message), signature));
    EXPECT_FALSE(read_again.verify(algorithm, as_bytes("else"), signature));
    EXPECT_EQ(read_again.kid(), "key-1");
    EXPECT_EQ(read_again.to_public_jwk(), jwk);
    EXPECT_FALSE(boost::json::parse(jwk).as_object().contains("d"));
}

TEST_P(EveryAlgorithm, IsTheOnlyOneOfAKeyThatNamesIt) {
    const auto key = Key::generate(GetParam(), "").value();
    const auto signature = key.sign(GetParam(), as_bytes(message)).value();
    for (auto other : {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256,
                       Algorithm::PS384, Algorithm::PS512, Algorithm::ES256, Algorithm::ES384,
                       Algorithm::ES512, Algorithm::EdDSA, Algorithm::HS256}) {
        EXPECT_EQ(key.fits(other), other == GetParam());
        EXPECT_EQ(key.verify(other, as_bytes(message), signature), other == GetParam());
        EXPECT_EQ(key.sign(other, as_bytes(message)).has_value(), other == GetParam());
    }
}

TEST_P(EveryAlgorithm, KeepsItsName) {
    EXPECT_EQ(algorithm_from(to_string(GetParam())), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Asymmetric, EveryAlgorithm,
                         testing::Values(Algorithm::RS256, Algorithm::RS384, Algorithm::RS512,
                                         Algorithm::PS256, Algorithm::PS384, Algorithm::PS512,
                                         Algorithm::ES256, Algorithm::ES384, Algorithm::ES512,
                                         Algorithm::EdDSA),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(Key, WithoutItsPrivateHalfDoesNotSign) {
    auto key = read(ec_jwk()).value();

    EXPECT_TRUE(key.sign(Algorithm::ES256, as_bytes(message)).error().is(bad_key));
}

TEST(Key, OfAShortSecretFitsNothing) {
    auto short_one = Key::from_hmac_secret(SecretText(std::string(31, 'x')));
    auto long_one = Key::from_hmac_secret(SecretText(std::string(32, 'x')));

    EXPECT_FALSE(short_one.fits(Algorithm::HS256));
    EXPECT_FALSE(short_one.sign(Algorithm::HS256, as_bytes(message)));
    EXPECT_TRUE(long_one.fits(Algorithm::HS256));
    EXPECT_FALSE(long_one.fits(Algorithm::RS256));
}

TEST(Key, OfASecretShowsNothingOfIt) {
    auto key = Key::from_hmac_secret(SecretText("a secret of more than 32 characters"));

    EXPECT_EQ(key.to_public_jwk(), R"({"kty":"oct","use":"sig"})");
    EXPECT_FALSE(Key::generate(Algorithm::HS256, "x"));
}

TEST(KeySet, IsRefusedWhenItIsNone) {
    EXPECT_TRUE(KeySet::from_json("").error().is(bad_key));
    EXPECT_FALSE(KeySet::from_json("<html>"));
    EXPECT_FALSE(KeySet::from_json("[]"));
    EXPECT_FALSE(KeySet::from_json("{}"));
    EXPECT_FALSE(KeySet::from_json(R"({"keys":{}})"));
    EXPECT_FALSE(KeySet::from_json(R"({"keys":[],"keys":[]})"));
}

TEST(KeySet, SkipsWhatItCannotUse) {
    auto good = ec_jwk();
    good["kid"] = "good";
    auto for_encryption = ec_jwk();
    for_encryption["use"] = "enc";
    for_encryption["kid"] = "enc";
    boost::json::object set;
    set["keys"] = boost::json::array{for_encryption, 7, "text", boost::json::object{}, good};

    auto keys = KeySet::from_json(boost::json::serialize(set));

    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->size(), 1u);
    EXPECT_TRUE(keys->has("good"));
    EXPECT_FALSE(keys->has("enc"));
}

TEST(KeySet, IsCutAfterAHundredKeys) {
    boost::json::array many(300, ec_jwk());

    auto keys = KeySet::from_json(boost::json::serialize(boost::json::object{{"keys", many}}));

    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->size(), 100u);
}

TEST(KeySet, OffersTheNamedKeyOrAllThatFit) {
    const auto first = Key::generate(Algorithm::ES256, "1").value();
    const auto second = Key::generate(Algorithm::ES256, "2").value();
    const auto other = Key::generate(Algorithm::EdDSA, "3").value();
    auto keys = KeySet::from_json(R"({"keys":[)" + first.to_public_jwk() + "," +
                                  second.to_public_jwk() + "," + other.to_public_jwk() + "]}")
                    .value();

    EXPECT_EQ(keys.candidates(Algorithm::ES256, "2").size(), 1u);
    EXPECT_EQ(keys.candidates(Algorithm::ES256, "2").front().kid(), "2");
    EXPECT_EQ(keys.candidates(Algorithm::ES256, "").size(), 2u);
    EXPECT_EQ(keys.candidates(Algorithm::ES256, "3").size(), 0u);
    EXPECT_EQ(keys.candidates(Algorithm::ES256, "4").size(), 0u);
}

// Made for these tests with openssl genpkey, pkcs8 and pkey.
constexpr auto p256_pem = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIEoRbzgjD5Ridbjn
Xh91Wy7SGvcM8Oe2VdHIR4zT/0uhRANCAAR1JWbirDb35OhYuypvh+u0OQ+dq/rd
K97D1/pR8jXxkIR8pFngRBCQzMNn7cqIN4cy+X0cBz/3afrjXc6aW4e4
-----END PRIVATE KEY-----
)";
constexpr auto ed25519_pem = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJrwrNOOnU2xYocKGVfwMXQixJyWoy9q1Ysj8Y9Lkik0
-----END PRIVATE KEY-----
)";
constexpr auto encrypted_pem = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi2gjRNrjLjMgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFN0BtP+lRiACk7jhjJCthMEgZBc
O1w3Gtqs5I8ZM7lFwOV9/r8YXaNeYEVBTYc0zPQhnpkq1TxPep6XsYgVhp6rhKNs
pBA40Ayk81p/4bwPYIi/dQ1G6HkAlHqYe65cMK9dR3KvIoXO3ePpgJNNi8ogaB9g
08e2EdGL0p3kh7YQzWTRvtp/6TEVK9yZkHweUHhMlXWEkanGU+/zEBoZoQRTsfk=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr auto public_pem = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdSVm4qw29+ToWLsqb4frtDkPnav6
3Svew9f6UfI18ZCEfKRZ4EQQkMzDZ+3KiDeHMvl9HAc/92n6413OmluHuA==
-----END PUBLIC KEY-----
)";
constexpr auto x25519_pem = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEICCyN5c69HL6FZfxHWxSDet4GTyOkah6uA6UJ8L6+fNL
-----END PRIVATE KEY-----
)";
constexpr auto rsa_1024_pem = R"(-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAJfCbtLMuDyLwOkK
tKbNzaaA+wcdm5xFqUNro8XYSLUaSmtC4ht5m/aPpCV65nKL1c4iQyo5qr4aQgSo
oHIjtDJe+US6gQh62xRRBpSGo/DziIA/ws+upqF4CECaoJ/Xam57SK2IoJY22M5A
t7wy3EIh4evcQNhwFUznobSx1SfXAgMBAAECgYEAgY13ZDdl1DIN9iOwgnFQbSLQ
qYtqCycgzzB1t/DiaNBP1W9cbM4NCZgoLeLUFdcwJ2/yXHqsOutZjnaRub6nFcR/
OnQh3lpxzzbr7pjk203O8GfG+3FX+hTlwIxtjUj66JalOelXWuQ2Gpmu0RhSpeHr
diogVpGMvYNtG9T4DXECQQDKSEiY3ZrZzjdmITalwgS65ZgarJINeOVAPgIYB5O6
F/vr5TFPcbJMh67BDdULNkop/lt8rWHVuxBZxCICkItvAkEAwA93I892jz7G4vJ7
qIVTpzoNZJG2RvOwlRTTtzbLGYcigAYo+68JtorNJShnyI0uSNikJ/8eWvjkPJaJ
qAQWGQJARP8W1B1yfixatRlLHIrrNhyuHxsRzkqYV6tO54deGjGoGjRY93IekQAO
2YawTly8O0qpRgOVxWNDFntR5nILPQJADondKe/NeMB2y70xUStujq0dUGybULmn
t1FRSYAzVaZeHTTaK1svsArHxrVNTegqBceofYKZaKeIl3GJ0BcnGQJAdAQeQZep
j1fm8ePE68QjpiGiBMFX+4XU+M8tGlX3XWcU73QOMEMnYPrW89M7aL5Xv6Vm3RLJ
aMSva7Su3WadAA==
-----END PRIVATE KEY-----
)";

TEST(PrivatePem, IsRefusedWhenItIsNoKeyThatSigns) {
    for (const char* pem : {"", "garbage", encrypted_pem, public_pem, x25519_pem, rsa_1024_pem}) {
        auto key = Key::from_private_pem(SecretText(pem), "k");
        ASSERT_FALSE(key) << pem;
        EXPECT_TRUE(key.error().is(bad_key)) << pem;
    }
}

TEST(PrivatePem, SignsWhatItsPublicHalfVerifies) {
    struct Case {
        const char* pem;
        Algorithm algorithm;
    };
    for (const auto& [pem, algorithm] :
         {Case{p256_pem, Algorithm::ES256}, Case{ed25519_pem, Algorithm::EdDSA}}) {
        auto key = Key::from_private_pem(SecretText(pem), "k-1");
        ASSERT_TRUE(key) << key.error().describe();
        auto signature = key->sign(algorithm, as_bytes(message));
        ASSERT_TRUE(signature);
        auto shown = Key::from_jwk(key->to_public_jwk());
        ASSERT_TRUE(shown) << shown.error().describe();
        EXPECT_EQ(shown->kid(), "k-1");
        EXPECT_TRUE(shown->verify(algorithm, as_bytes(message), *signature));
        EXPECT_FALSE(key->sign(Algorithm::RS256, as_bytes(message)));
    }
}

// The key of RFC 7515 appendix A.3.
boost::json::object private_jwk() {
    auto jwk = ec_jwk();
    jwk["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    return jwk;
}

Result<Key> read_private(const boost::json::object& jwk) {
    return Key::from_private_jwk(SecretText(boost::json::serialize(jwk)));
}

TEST(PrivateJwk, IsRefusedWhenItIsNone) {
    for (const char* member : {"kty", "crv", "x", "y", "d"}) {
        auto jwk = private_jwk();
        jwk[member] = "AAAA";
        EXPECT_FALSE(read_private(jwk)) << member;
        jwk[member] = 7;
        EXPECT_FALSE(read_private(jwk)) << member;
    }
    EXPECT_FALSE(read_private(ec_jwk()));
    for (const char* text : {"", "[]", "garbage", "{}"}) {
        auto key = Key::from_private_jwk(SecretText(text));
        ASSERT_FALSE(key) << text;
        EXPECT_TRUE(key.error().is(bad_key)) << text;
    }
}

TEST(PrivateJwk, SignsWhatItsPublicHalfVerifies) {
    auto key = read_private(private_jwk()).value();

    auto signature = key.sign(Algorithm::ES256, as_bytes(message)).value();

    EXPECT_TRUE(read(ec_jwk())->verify(Algorithm::ES256, as_bytes(message), signature));
    EXPECT_EQ(schema::Json(key.public_members()), schema::Json(ec_jwk()));
}

TEST(PrivateJwk, IsWrittenAsItIsRead) {
    auto key = read_private(private_jwk()).value();

    auto written = schema::parse_json(key.to_private_jwk()->reveal()).value();

    EXPECT_EQ(written, schema::Json(private_jwk()));
}

TEST(PrivateJwk, IsNotWrittenOfAnyOtherKey) {
    EXPECT_FALSE(read(ec_jwk())->to_private_jwk());
    EXPECT_FALSE(Key::from_hmac_secret(SecretText(std::string(32, 'x'))).to_private_jwk());
    EXPECT_FALSE(Key::generate(Algorithm::EdDSA, "")->to_private_jwk());
}

}  // namespace
}  // namespace cardea::jose
