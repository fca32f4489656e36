// What may be a password, and in which form it is hashed.
#include "cardea/password/password.hpp"

#include <gtest/gtest.h>

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

TEST(Passwords, Over72BytesAreRefusedAndNeverCut) {
    EXPECT_EQ(refusal_of(std::string(72, 'a')), "accepted");
    EXPECT_EQ(refusal_of(std::string(73, 'a')), "password.too_long");
    EXPECT_EQ(refusal_of(repeat("😀", 18)), "accepted");
    EXPECT_EQ(refusal_of(repeat("😀", 64)), "password.too_long");
}

TEST(Passwords, OfMegabytesAreRefusedWithoutBeingRead) {
    EXPECT_EQ(refusal_of(std::string(10'000'000, 'a')), "password.too_long");
}

TEST(Passwords, AreMeasuredAfterNormalisation) {
    // 72 bytes composed, 108 as typed.
    auto typed = repeat("a\xCC\x88", 36);

    EXPECT_EQ(refusal_of(typed), "accepted");
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

TEST(Passwords, ThatLookAlikeInNfcAreOne) {
    auto composed = Password::parse("caf\xC3\xA9 au lait");
    auto decomposed = Password::parse("cafe\xCC\x81 au lait");

    EXPECT_EQ(composed->secret().reveal(), decomposed->secret().reveal());
}

TEST(Passwords, ThatDifferOnlyInCompatibilityFormsStayApart) {
    auto ligature = Password::parse(
        "of\xEF\xAC\x81"
        "cially");  // the ligature fi
    auto letters = Password::parse("officially");

    EXPECT_NE(ligature->secret().reveal(), letters->secret().reveal());
}

TEST(Passwords, KeepTheirBlanks) {
    EXPECT_EQ(Password::parse("  a b c d ")->secret().reveal(), "  a b c d ");
}

TEST(Passwords, OfManyCombiningMarksAreNormalisedInBounds) {
    EXPECT_EQ(refusal_of(repeat("\xE0\xA5\x98", 24)), "password.too_long");  // decomposes, stays so
    EXPECT_EQ(refusal_of("a" + repeat("\xCC\x88", 500)), "password.too_long");
}

TEST(Attempts, MayBeShortButNotLong) {
    EXPECT_TRUE(Attempt::parse("a").has_value());
    EXPECT_TRUE(Attempt::parse("").has_value());
    EXPECT_TRUE(Attempt::parse(std::string(73, 'a')).error().is(too_long));
    EXPECT_TRUE(Attempt::parse(std::string_view("a\0b", 3)).error().is(has_nul));
    EXPECT_TRUE(Attempt::parse("\xFF").error().is(not_text));
}

TEST(Attempts, AreNormalisedAsPasswordsAre) {
    EXPECT_EQ(Attempt::parse("cafe\xCC\x81")->secret().reveal(), "caf\xC3\xA9");
}

}  // namespace
}  // namespace cardea::password
