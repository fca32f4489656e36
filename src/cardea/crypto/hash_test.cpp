// Digests against published vectors.
#include "cardea/crypto/hash.hpp"

#include <gtest/gtest.h>

#include "tests/support/vectors.hpp"

namespace cardea::crypto {
namespace {

TEST(Hash, IsSha1WhereListsAreKeyedByIt) {
    EXPECT_EQ(to_hex(sha1(as_bytes("password"))), "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
    EXPECT_EQ(to_hex(sha1({})), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(Sha256, OfNothingAndOfAbcAreThoseOfTheStandard) {
    EXPECT_EQ(to_hex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HmacSha256, AgreesWithWycheproof) {
    auto file = read_vectors("wycheproof/hmac_sha256_test.json");
    if (!file) GTEST_SKIP() << "no vectors";
    std::size_t seen = 0;
    for (const auto& group : file->at("testGroups").as_array()) {
        for (const auto& test : group.at("tests").as_array()) {
            const auto expected = hex_of(test, "tag");
            const auto sum = hmac_sha256(hex_of(test, "key"), hex_of(test, "msg"));
            const bool same = std::equal(expected.begin(), expected.end(), sum.begin());
            EXPECT_EQ(same, text_of(test, "result") == "valid") << test.at("tcId");
            ++seen;
        }
    }
    EXPECT_EQ(seen, 174u);
}

TEST(HmacSha256, TakesAnEmptyKeyForAKeyOfNoBytes) {
    const auto other = hmac_sha256(as_bytes("another key"), as_bytes("x"));

    const auto sum = hmac_sha256({}, as_bytes(""));

    EXPECT_EQ(to_hex(sum), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_NE(sum, other);
}

TEST(HmacSha256, WithAKeptKeyIsTheSame) {
    HmacSha256 kept(as_bytes("a key"));
    HmacSha256 without_key({});
    for (std::size_t size : {0, 1, 55, 56, 64, 65, 1000}) {
        std::string message(size, 'm');
        EXPECT_EQ(kept.of(as_bytes(message)), hmac_sha256(as_bytes("a key"), as_bytes(message)));
        EXPECT_EQ(without_key.of(as_bytes(message)), hmac_sha256({}, as_bytes(message)));
    }
    auto moved = std::move(kept);
    EXPECT_EQ(moved.of(as_bytes("x")), hmac_sha256(as_bytes("a key"), as_bytes("x")));
}

TEST(HkdfSha256, RefusesMoreThanTheStandardGives) {
    EXPECT_THROW(hkdf_sha256(as_bytes("key"), {}, {}, 8161), std::length_error);
    EXPECT_EQ(hkdf_sha256(as_bytes("key"), {}, {}, 8160).size(), 8160u);
}

TEST(HkdfSha256, GivesTheOutputOfRfc5869Appendix1) {
    const Bytes key(22, std::byte{0x0b});
    const auto salt = from_hex("000102030405060708090a0b0c").value();
    const auto info = from_hex("f0f1f2f3f4f5f6f7f8f9").value();

    EXPECT_EQ(to_hex(hkdf_sha256(key, salt, info, 42)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
              "34007208d5b887185865");
}

TEST(HkdfSha256, GivesTheOutputOfRfc5869Appendix2WithLongInputs) {
    Bytes key, salt, info;
    for (int i = 0; i < 80; ++i) {
        key.push_back(std::byte(i));
        salt.push_back(std::byte(0x60 + i));
        info.push_back(std::byte(0xb0 + i));
    }

    EXPECT_EQ(to_hex(hkdf_sha256(key, salt, info, 82)),
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
              "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
              "cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(HkdfSha256, GivesTheOutputOfRfc5869Appendix3WithoutSaltAndInfo) {
    const Bytes key(22, std::byte{0x0b});

    EXPECT_EQ(to_hex(hkdf_sha256(key, {}, {}, 42)),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
              "9d201395faa4b61a96c8");
}

TEST(HkdfSha256, AgreesWithWycheproof) {
    auto file = read_vectors("wycheproof/hkdf_sha256_test.json");
    if (!file) GTEST_SKIP() << "no vectors";
    std::size_t seen = 0;
    for (const auto& group : file->at("testGroups").as_array()) {
        for (const auto& test : group.at("tests").as_array()) {
            ++seen;
            const auto size = test.at("size").to_number<std::size_t>();
            auto derive = [&] {
                return hkdf_sha256(hex_of(test, "ikm"), hex_of(test, "salt"), hex_of(test, "info"),
                                   size);
            };
            if (text_of(test, "result") == "valid") {
                EXPECT_EQ(derive(), hex_of(test, "okm")) << test.at("tcId");
            } else {
                EXPECT_THROW(derive(), std::length_error) << test.at("tcId");
            }
        }
    }
    EXPECT_EQ(seen, 86u);
}

}  // namespace
}  // namespace cardea::crypto
