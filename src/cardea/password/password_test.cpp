// What may be a password, and in which form it is hashed.
#include "cardea/password/password.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace cardea::password {
namespace {

std::string_view refusal_of(std::string_view text) {
    auto password = Password::parse(text);
    return password ? "accepted" : password.error().reason().slug;
}

std::string repeat(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

TEST(Passwords, ShorterThanEightCodePointsAreRefused) {
    EXPECT_EQ(refusal_of(""), "password.too_short");
    EXPECT_EQ(refusal_of("1234567"), "password.too_short");
    EXPECT_EQ(refusal_of(repeat("ä", 7)), "password.too_short");
    EXPECT_EQ(refusal_of("12345678"), "accepted");
    EXPECT_EQ(refusal_of(repeat("ä", 8)), "accepted");
}

TEST(Passwords, AreCountedAfterNormalisation) {
    auto seven = repeat("a\xCC\x88", 7);  // seven times a with a combining diaeresis

    EXPECT_EQ(refusal_of(seven), "password.too_short");
}

TEST(Passwords, Over1024BytesAreRefusedAndNeverCut) {
    EXPECT_EQ(refusal_of(std::string(1025, 'a')), "password.too_long");
    EXPECT_EQ(refusal_of(repeat("😀", 257)), "password.too_long");
    EXPECT_EQ(refusal_of(std::string(1024, 'a')), "accepted");
    EXPECT_EQ(refusal_of(repeat("😀", 256)), "accepted");
    EXPECT_EQ(Password::parse(std::string(1024, 'a'))->secret().size(), 1024U);
}

TEST(Passwords, OfMegabytesAreRefusedWithoutBeingRead) {
    EXPECT_EQ(refusal_of(std::string(8'000'000, 'a')), "password.too_long");
}

TEST(Passwords, AreMeasuredAfterNormalisation) {
    // 1024 bytes composed, 1536 as typed.
    auto typed = repeat("a\xCC\x88", 512);

    EXPECT_EQ(refusal_of(typed), "accepted");
    EXPECT_EQ(refusal_of(typed + "a"), "password.too_long");
}

TEST(Passwords, WithNulAreRefused) {
    EXPECT_EQ(refusal_of(std::string_view("12345678\0", 9)), "password.has_nul");
    EXPECT_EQ(refusal_of(std::string_view("\0", 1)), "password.has_nul");
}

TEST(Passwords, OfBytesThatAreNotTextAreRefused) {
    EXPECT_EQ(refusal_of("12345678\xFF"), "password.not_text");
    EXPECT_EQ(refusal_of("12345678\xC3"), "password.not_text");
    EXPECT_EQ(refusal_of("12345678\xED\xA0\x80"), "password.not_text");  // a surrogate
    EXPECT_EQ(refusal_of("12345678\xC0\xAF"), "password.not_text");      // overlong
}

using Pair = std::pair<std::string_view, std::string_view>;

std::string normal(std::string_view text) {
    return Password::parse("password " + std::string(text)).value().secret().reveal();
}

TEST(Passwords, ThatAreEqualInNfcAreOne) {
    for (auto [typed, same] : {
             Pair{"cafe\u0301", "caf\u00E9"},         // decomposed, as macOS files have it
             Pair{"\u212B", "\u00C5"},                // Angstrom sign, A with ring
             Pair{"\u2126", "\u03A9"},                // Ohm sign, omega
             Pair{"\u1112\u1161\u11AB", "\uD55C"},    // a Hangul syllable in letters
             Pair{"q\u0307\u0323", "q\u0323\u0307"},  // marks in either order
             Pair{"\u0958", "\u0915\u093C"},          // one that NFC takes apart
         }) {
        EXPECT_EQ(normal(typed), normal(same)) << typed;
    }
}

// What NFKC would join. Nobody types these by accident, and joining them makes passwords weaker.
TEST(Passwords, ThatDifferOnlyInCompatibilityFormsStayApart) {
    for (auto [typed, other] : {
             Pair{"o\uFB03ce", "office"},     // the ligature ffi
             Pair{"\uFF41", "a"},             // full width
             Pair{"x\u00B2", "x2"},           // superscript
             Pair{"\u2460", "1"},             // circled
             Pair{"\u00A0", " "},             // no-break space
             Pair{"\u017F", "s"},             // long s
             Pair{"\u2122", "TM"},            // trade mark
             Pair{"\uFF76\uFF9E", "\u30AC"},  // half-width katakana
         }) {
        EXPECT_NE(normal(typed), normal(other)) << typed;
    }
}

TEST(Passwords, KeepTheirCase) {
    EXPECT_NE(normal("A"), normal("a"));
}

TEST(Passwords, KeepTheirBlanks) {
    EXPECT_EQ(Password::parse("  a b c d ")->secret().reveal(), "  a b c d ");
}

TEST(Passwords, OfManyCombiningMarksAreNormalisedInBounds) {
    EXPECT_EQ(refusal_of(repeat("\xE0\xA5\x98", 340)),
              "password.too_long");  // decomposes, stays so
    EXPECT_EQ(refusal_of("a" + repeat("\xCC\x88", 1535)), "password.too_long");
    // Marks in the order that costs the most to sort.
    auto begin = std::clock();  // of the processor: other processes do not count
    EXPECT_EQ(refusal_of("a" + repeat("\xCC\x95", 767) + repeat("\xCC\xA1", 768)),
              "password.too_long");
    EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 20);
}

TEST(Attempts, MayBeShortButNotLong) {
    EXPECT_TRUE(Attempt::parse("a").has_value());
    EXPECT_TRUE(Attempt::parse("").has_value());
    EXPECT_TRUE(Attempt::parse(std::string(73, 'a')).has_value());
    EXPECT_TRUE(Attempt::parse(std::string(1025, 'a')).error().is(too_long));
    EXPECT_TRUE(Attempt::parse(std::string_view("a\0b", 3)).error().is(has_nul));
    EXPECT_TRUE(Attempt::parse("\xFF").error().is(not_text));
}

TEST(Attempts, AreNormalisedAsPasswordsAre) {
    EXPECT_EQ(Attempt::parse("cafe\xCC\x81")->secret().reveal(), "caf\xC3\xA9");
}

}  // namespace
}  // namespace cardea::password
