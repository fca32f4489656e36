// Signatures against published vectors, and keys that must not be taken.
#include "cardea/crypto/signature.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "tests/support/vectors.hpp"

namespace cardea::crypto {
namespace {

constexpr std::string_view message = "what was said";

Bytes without_leading_zero(Bytes number) {
    if (!number.empty() && number.front() == std::byte{0}) number.erase(number.begin());
    return number;
}

Bytes padded(Bytes number, std::size_t size) {
    number = without_leading_zero(std::move(number));
    number.insert(number.begin(), size - number.size(), std::byte{0});
    return number;
}

SignatureKey rsa_of(const boost::json::value& key) {
    RsaNumbers numbers{hex_of(key, "modulus"), hex_of(key, "publicExponent")};
    return SignatureKey::from_numbers(std::move(numbers)).value();
}

SignatureKey ec_of(const boost::json::value& key, Curve curve) {
    const auto size = coordinate_size(curve);
    EcPoint point{curve, padded(hex_of(key, "wx"), size), padded(hex_of(key, "wy"), size)};
    return SignatureKey::from_numbers(std::move(point)).value();
}

SignatureKey ed25519_of(const boost::json::value& key) {
    return SignatureKey::from_numbers(Ed25519Point{hex_of(key, "pk")}).value();
}

// Runs every test of a Wycheproof file; `acceptable` ones may go either way.
template <class MakeKey>
std::size_t check_file(const boost::json::value& file, const Scheme& scheme, MakeKey make_key) {
    std::size_t seen = 0;
    for (const auto& group : file.at("testGroups").as_array()) {
        const auto key = make_key(group.at("publicKey"));
        for (const auto& test : group.at("tests").as_array()) {
            ++seen;
            const auto result = text_of(test, "result");
            const bool accepted = key.verify(scheme, hex_of(test, "msg"), hex_of(test, "sig"));
            if (result == "acceptable") continue;
            EXPECT_EQ(accepted, result == "valid") << test.at("tcId") << test.at("comment");
        }
    }
    return seen;
}

struct EcFile {
    std::string name;
    Curve curve;
    Digest digest;
};
class EcdsaVectors : public testing::TestWithParam<EcFile> {};

TEST_P(EcdsaVectors, AgreeWithWycheproof) {
    auto file = read_vectors("wycheproof/" + GetParam().name);
    if (!file) GTEST_SKIP() << "no vectors";
    auto make_key = [](const auto& key) { return ec_of(key, GetParam().curve); };
    EXPECT_GE(check_file(*file, {GetParam().digest}, make_key), 250u);
}

INSTANTIATE_TEST_SUITE_P(
    Curves, EcdsaVectors,
    testing::Values(EcFile{"ecdsa_secp256r1_sha256_p1363_test.json", Curve::p256, Digest::sha256},
                    EcFile{"ecdsa_secp384r1_sha384_p1363_test.json", Curve::p384, Digest::sha384},
                    EcFile{"ecdsa_secp521r1_sha512_p1363_test.json", Curve::p521, Digest::sha512}));

struct RsaFile {
    std::string name;
    Scheme scheme;
};
class RsaVectors : public testing::TestWithParam<RsaFile> {};

TEST_P(RsaVectors, AgreeWithWycheproof) {
    auto file = read_vectors("wycheproof/" + GetParam().name);
    if (!file) GTEST_SKIP() << "no vectors";
    EXPECT_GE(check_file(*file, GetParam().scheme, rsa_of), 100u);
}

INSTANTIATE_TEST_SUITE_P(
    Digests, RsaVectors,
    testing::Values(
        RsaFile{"rsa_signature_2048_sha256_test.json", {Digest::sha256, RsaPadding::pkcs1}},
        RsaFile{"rsa_signature_2048_sha384_test.json", {Digest::sha384, RsaPadding::pkcs1}},
        RsaFile{"rsa_signature_2048_sha512_test.json", {Digest::sha512, RsaPadding::pkcs1}},
        RsaFile{"rsa_pss_2048_sha256_mgf1_32_test.json", {Digest::sha256, RsaPadding::pss}}));

TEST(Ed25519Vectors, AgreeWithWycheproof) {
    auto file = read_vectors("wycheproof/ed25519_test.json");
    if (!file) GTEST_SKIP() << "no vectors";
    EXPECT_EQ(check_file(*file, {}, ed25519_of), 151u);
}

// A key of each kind, made once: RSA takes its time.
const std::vector<SignatureKey>& keys_of_each_kind() {
    static const std::vector<SignatureKey> keys{
        SignatureKey::generate_rsa(), SignatureKey::generate_ec(Curve::p256),
        SignatureKey::generate_ec(Curve::p384), SignatureKey::generate_ec(Curve::p521),
        SignatureKey::generate_ed25519()};
    return keys;
}

TEST(Signatures, DoNotVerifyWithAnyByteChangedCutOrLengthened) {
    for (const auto& key : keys_of_each_kind()) {
        const auto signature = key.sign({}, as_bytes(message));
        for (std::size_t i = 0; i < signature.size(); ++i) {
            auto changed = signature;
            changed[i] ^= std::byte{1};
            EXPECT_FALSE(key.verify({}, as_bytes(message), changed)) << i;
        }
        auto longer = signature;
        longer.push_back(std::byte{0});
        EXPECT_FALSE(key.verify({}, as_bytes(message), longer));
        EXPECT_FALSE(key.verify({}, as_bytes(message), ByteView(signature).first(20)));
        EXPECT_FALSE(key.verify({}, as_bytes(message), {}));
    }
}

TEST(Signatures, DoNotVerifyForAnotherMessageOrKey) {
    for (const auto& key : keys_of_each_kind()) {
        const auto signature = key.sign({}, as_bytes(message));
        EXPECT_FALSE(key.verify({}, as_bytes("what was not said"), signature));
        for (const auto& other : keys_of_each_kind()) {
            EXPECT_EQ(other.verify({}, as_bytes(message), signature), &other == &key);
        }
    }
}

TEST(Signatures, DoNotVerifyUnderAnotherPadding) {
    const auto& rsa = keys_of_each_kind().front();
    const Scheme pkcs1{Digest::sha256, RsaPadding::pkcs1}, pss{Digest::sha256, RsaPadding::pss};

    EXPECT_FALSE(rsa.verify(pss, as_bytes(message), rsa.sign(pkcs1, as_bytes(message))));
    EXPECT_FALSE(rsa.verify(pkcs1, as_bytes(message), rsa.sign(pss, as_bytes(message))));
    EXPECT_TRUE(rsa.verify(pss, as_bytes(message), rsa.sign(pss, as_bytes(message))));
}

TEST(Signatures, VerifyWithTheNumbersOfTheSigningKey) {
    for (const auto& key : keys_of_each_kind()) {
        auto read_again = SignatureKey::from_numbers(key.numbers());

        ASSERT_TRUE(read_again);
        EXPECT_FALSE(read_again->has_private());
        EXPECT_TRUE(read_again->verify({}, as_bytes(message), key.sign({}, as_bytes(message))));
    }
}

TEST(SignatureKeys, WithoutAPrivateHalfDoNotSign) {
    auto key = SignatureKey::from_numbers(keys_of_each_kind()[1].numbers()).value();

    EXPECT_THROW(std::ignore = key.sign({}, as_bytes(message)), std::logic_error);
}

std::string refusal_of(PublicNumbers numbers) {
    auto key = SignatureKey::from_numbers(std::move(numbers));
    return key ? "" : key.error().detail();
}

TEST(SignatureKeys, OfRsaAreRefusedWhenSmallHugeOrWithAWeakExponent) {
    const auto good = std::get<RsaNumbers>(keys_of_each_kind().front().numbers());
    const Bytes small(128, std::byte{0xff}), huge(1025, std::byte{0xff});

    EXPECT_EQ(refusal_of(RsaNumbers{small, good.exponent}), "RSA of less than 2048 bits");
    EXPECT_EQ(refusal_of(RsaNumbers{huge, good.exponent}), "RSA of more than 8192 bits");
    EXPECT_EQ(refusal_of(RsaNumbers{{}, good.exponent}), "RSA of less than 2048 bits");
    EXPECT_EQ(refusal_of(RsaNumbers{good.modulus, {std::byte{1}}}), "an even RSA exponent, or 1");
    EXPECT_EQ(refusal_of(RsaNumbers{good.modulus, {std::byte{4}}}), "an even RSA exponent, or 1");
    EXPECT_EQ(refusal_of(RsaNumbers{good.modulus, {}}), "an even RSA exponent, or 1");
    EXPECT_EQ(refusal_of(RsaNumbers{good.modulus, Bytes(9, std::byte{1})}),
              "an RSA exponent of more than 64 bits");
    auto even = good;
    even.modulus.back() &= std::byte{0xfe};
    EXPECT_EQ(refusal_of(even), "an even RSA modulus");
}

TEST(SignatureKeys, OffTheirCurveAreRefused) {
    auto point = std::get<EcPoint>(keys_of_each_kind()[1].numbers());

    auto moved = point;
    moved.y.back() ^= std::byte{1};
    EXPECT_EQ(refusal_of(moved), "a point off its curve");
    auto elsewhere = point;
    elsewhere.curve = Curve::p384;
    EXPECT_EQ(refusal_of(elsewhere), "a coordinate of the wrong length");
    auto cut = point;
    cut.x.pop_back();
    EXPECT_EQ(refusal_of(cut), "a coordinate of the wrong length");
    EXPECT_EQ(refusal_of(EcPoint{Curve::p256, Bytes(32), Bytes(32)}), "a point off its curve");
}

TEST(SignatureKeys, OfEd25519AreThirtyTwoBytes) {
    EXPECT_EQ(refusal_of(Ed25519Point{Bytes(31)}), "an Ed25519 key is 32 bytes");
    EXPECT_EQ(refusal_of(Ed25519Point{Bytes(33)}), "an Ed25519 key is 32 bytes");
    EXPECT_EQ(refusal_of(Ed25519Point{}), "an Ed25519 key is 32 bytes");
}

TEST(SignatureKeys, OfACurveAreRefusedWithThePrivateNumberOfAnother) {
    const auto& key = keys_of_each_kind()[1];
    const auto point = std::get<EcPoint>(key.numbers());
    const auto number = key.ec_private_number();
    auto refusal_with = [&](const SecretBytes& one) {
        auto pair = SignatureKey::from_ec_pair(point, one);
        return pair ? "" : pair.error().detail();
    };
    Bytes longer = number.reveal();
    longer.push_back(std::byte{0});

    EXPECT_EQ(refusal_with(SignatureKey::generate_ec(Curve::p256).ec_private_number()),
              "a private number of another point");
    EXPECT_EQ(refusal_with(SecretBytes(Bytes(32))), "a private number of another point");
    EXPECT_EQ(refusal_with(SecretBytes(Bytes(32, std::byte{0xff}))),
              "a private number of another point");
    EXPECT_EQ(refusal_with(SecretBytes(longer)), "a private number of the wrong length");
    EXPECT_EQ(refusal_with(SecretBytes()), "a private number of the wrong length");
    auto off = point;
    off.y.back() ^= std::byte{1};
    EXPECT_FALSE(SignatureKey::from_ec_pair(off, number));
}

TEST(SignatureKeys, OfACurveSignAfterTheyWereWrittenAndRead) {
    for (Curve curve : {Curve::p256, Curve::p384, Curve::p521}) {
        auto key = SignatureKey::generate_ec(curve);
        auto point = std::get<EcPoint>(key.numbers());
        auto read = SignatureKey::from_ec_pair(point, key.ec_private_number());

        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_TRUE(read->has_private());
        EXPECT_TRUE(key.verify({}, as_bytes(message), read->sign({}, as_bytes(message))));
    }
}

TEST(SignatureKeys, HaveNoPrivateNumberToShowWithoutACurveOrAPrivateHalf) {
    auto shown = SignatureKey::from_numbers(keys_of_each_kind()[1].numbers()).value();

    EXPECT_TRUE(shown.ec_private_number().empty());
    EXPECT_TRUE(keys_of_each_kind().front().ec_private_number().empty());
    EXPECT_TRUE(keys_of_each_kind().back().ec_private_number().empty());
}

}  // namespace
}  // namespace cardea::crypto
