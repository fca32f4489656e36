// Text forms of bytes: RFC 4648 section 10 vectors, strictness, and round trips.
#include "cardea/base/encoding.hpp"

#include <gtest/gtest.h>

#include <map>

namespace cardea {
namespace {

TEST(Base64url, RefusesPadding) {
    EXPECT_EQ(from_base64url("Zg=="), std::nullopt);
    EXPECT_EQ(from_base64url("Zm8="), std::nullopt);
}

TEST(Base64url, RefusesTheOtherAlphabetAndAnythingElse) {
    for (std::string_view text : {"ab+d", "ab/d", "ab d", "ab\nd", "ab.d", "äbcd", "ab%d"}) {
        EXPECT_EQ(from_base64url(text), std::nullopt) << text;
    }
    EXPECT_EQ(from_base64url(std::string_view("abc\0", 4)), std::nullopt);
}

TEST(Base64url, RefusesALengthThatNoBytesHave) {
    EXPECT_EQ(from_base64url("a"), std::nullopt);
    EXPECT_EQ(from_base64url("abcde"), std::nullopt);
}

TEST(Base64url, RefusesStrayBitsInTheLastCharacter) {
    EXPECT_TRUE(from_base64url("Zg"));
    EXPECT_EQ(from_base64url("Zh"), std::nullopt);
    EXPECT_TRUE(from_base64url("Zm8"));
    EXPECT_EQ(from_base64url("Zm9"), std::nullopt);
}

TEST(Base64url, WritesTheUrlAlphabetWithoutPadding) {
    Bytes bytes{std::byte{0xFB}, std::byte{0xFF}, std::byte{0xBF}, std::byte{0x01}};

    EXPECT_EQ(to_base64url(bytes), "-_-_AQ");
    EXPECT_EQ(from_base64url("-_-_AQ"), bytes);
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
    const std::map<std::string, std::string> vectors{{"", ""},
                                                     {"f", "Zg=="},
                                                     {"fo", "Zm8="},
                                                     {"foo", "Zm9v"},
                                                     {"foob", "Zm9vYg=="},
                                                     {"fooba", "Zm9vYmE="},
                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
        EXPECT_EQ(from_base64(encoded), to_bytes(plain));
    }
}

TEST(Base64, DemandsItsPadding) {
    for (std::string_view text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Zm9v="}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

TEST(Base64, RefusesTheUrlAlphabetSpacesAndStrayBits) {
    for (std::string_view text : {"ab-d", "ab_d", "ab d", "Zm 9v==", "Zh==", "Zm9="}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
    for (std::string_view text : {"a", "abc", "0g", "g0", "0x", " 0", "0 ", "é"}) {
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
    }
}

TEST(Hex, ReadsBothCasesAndWritesTheLower) {
    EXPECT_EQ(from_hex("DEADbeef"), from_hex("deadbeef"));
    EXPECT_EQ(to_hex(*from_hex("00FF7a")), "00ff7a");
    EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Base62, IsPaddedToItsWidth) {
    EXPECT_EQ(to_base62({}, 4), "0000");
    EXPECT_EQ(to_base62(Bytes{std::byte{61}}, 2), "0z");
    EXPECT_EQ(to_base62(Bytes{std::byte{62}}, 2), "10");
    EXPECT_EQ(to_base62(Bytes{std::byte{1}, std::byte{0}}, 3), "048");
}

TEST(Base62, HoldsTheLargestNumberOf32BytesIn43Characters) {
    Bytes largest(32, std::byte{0xFF});

    auto text = to_base62(largest, 43);

    // 2^256 - 1 in base 62; a width one smaller would lose its first digit.
    EXPECT_EQ(text.size(), 43u);
    EXPECT_NE(text.front(), '0');
    EXPECT_EQ(text.substr(1), to_base62(largest, 42));
}

// Digit by digit, without any step that could carry wrongly.
std::string base62_by_hand(Bytes number, std::size_t width) {
    std::string text(width, '0');
    for (auto place = text.rbegin(); place != text.rend(); ++place) {
        unsigned rest = 0;
        for (auto& byte : number) {
            auto dividend = rest << 8 | std::to_integer<unsigned>(byte);
            byte = static_cast<std::byte>(dividend / 62);
            rest = dividend % 62;
        }
        *place = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[rest];
    }
    return text;
}

TEST(Base62, IsThatOfALongDivisionAtEveryLengthAndWidth) {
    Bytes bytes;
    unsigned next = 1;
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t width = 0; width < 60; ++width) {
            EXPECT_EQ(to_base62(bytes, width), base62_by_hand(bytes, width)) << size << width;
        }
        next = next * 1103515245 + 12345;
        bytes.push_back(static_cast<std::byte>(next >> 16));
    }
}

TEST(Encodings, GiveBackEveryByteAtEveryLength) {
    Bytes bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
        bytes.push_back(static_cast<std::byte>(i));
    }
}

}  // namespace
}  // namespace cardea
