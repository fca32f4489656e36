#include "cardea/account/email.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace cardea::account {
namespace {

std::string key(std::string_view text) {
    auto email = Email::parse(text);
    return email ? email->key() : "refused: " + email.error().detail();
}

class Refused : public testing::TestWithParam<std::string_view> {};

TEST_P(Refused, IsNoAddress) {
    auto email = Email::parse(GetParam());

    ASSERT_FALSE(email) << email->text();
    EXPECT_TRUE(email.error().is(email_malformed));
}

INSTANTIATE_TEST_SUITE_P(
    Email, Refused,
    testing::Values("", "@", "ada", "ada@", "@example.org", "ada@localhost", "ada@@", ".@a.b",
                    "a..b@example.org", ".a@example.org", "a.@example.org", "ada@.example.org",
                    "ada@example..org", "ada@example.org..", "ada@[192.0.2.1]", "ada@192.0.2.1",
                    "ada@[IPv6:::1]", "ada@example.org:25", "\"ada\"@example.org",
                    "ada lovelace@example.org", "ada@exam ple.org", "ada@example.org\r\nBcc: x@y.z",
                    "ada\n@example.org", "<ada@example.org>", "ada@example.org,bob@example.org",
                    "ada@example.org;bob@example.org", "ada(comment)@example.org",
                    "ada\\@example.org", "ada@-example.org", "ada@exa_mple.org",
                    "ada@example.org/x", "a@b@example.org", "ada\xff@example.org",
                    "ada@ex\xffmple.org", "ada\u202E@example.org",
                    "ada\uFF20evil.com@example.org",  // folds to a second @
                    "a\u2025b@example.org",           // folds to two dots
                    "a\u00A0b@example.org",           // folds to a space
                    "ada@xn--a.org"));                // no such A-label

TEST(Email, RefusesNul) {
    EXPECT_FALSE(Email::parse(std::string_view("ada\0@example.org", 16)));
    EXPECT_FALSE(Email::parse(std::string_view("ada@example.org\0", 16)));
}

TEST(Email, KeepsToTheLengthsOfTheStandard) {
    std::string local(64, 'a');
    std::string domain =
        std::string(63, 'b') + '.' + std::string(63, 'c') + '.' + std::string(57, 'd') + ".ee";

    EXPECT_EQ(Email::parse(local + '@' + domain)->text().size(), 253u);
    EXPECT_TRUE(Email::parse(local + '@' + 'b' + domain.substr(1)));
    EXPECT_FALSE(Email::parse(local + "a@example.org"));
    EXPECT_FALSE(Email::parse(local + "@ff." + domain));
}

TEST(Email, IsReadInTimeThatGrowsNoFasterThanItsLength) {
    std::string hostile(100'000, 'a');
    auto start = std::chrono::steady_clock::now();

    EXPECT_FALSE(Email::parse(hostile + '!'));
    EXPECT_FALSE(Email::parse(hostile + "@" + hostile));
    EXPECT_FALSE(Email::parse("a@" + hostile));

    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(10));
}

TEST(Email, KeepsWhatItsOwnerWrites) {
    EXPECT_EQ(Email::parse(" Ada.Lovelace+math@Example.ORG ")->text(),
              "Ada.Lovelace+math@example.org");
    EXPECT_EQ(Email::parse("o'neil!#$%&*/=?^_`{|}~-@example.org")->text(),
              "o'neil!#$%&*/=?^_`{|}~-@example.org");
}

TEST(Email, IsOneInAnyCase) {
    EXPECT_EQ(key("ADA@EXAMPLE.ORG"), key("ada@example.org"));
    EXPECT_EQ(key("ÅSA@example.org"), key("åsa@example.org"));
    EXPECT_EQ(key("STRASSE@example.org"), key("straße@example.org"));
}

TEST(Email, IsOneInAnyNormalForm) {
    EXPECT_EQ(key("zo\u00EB@example.org"), key("zoe\u0308@example.org"));
    EXPECT_EQ(key("\uFF41\uFF44\uFF41@example.org"), key("ada@example.org"));  // full width
    EXPECT_EQ(key("o\uFB03ce@example.org"), key("office@example.org"));        // a ligature
    EXPECT_EQ(key("\u212Aate@example.org"), key("kate@example.org"));          // Kelvin sign
    EXPECT_EQ(key("a\u200Bda@example.org"), key("ada@example.org"));           // zero width
}

TEST(Email, IsOneForEveryTurkishI) {
    EXPECT_EQ(key("t\u0131tle@example.org"), key("title@example.org"));
    EXPECT_EQ(key("T\u0130TLE@example.org"), key("title@example.org"));
    EXPECT_EQ(key("ti\u0307tle@example.org"), key("title@example.org"));
    EXPECT_EQ(key("TITLE@example.org"), key("title@example.org"));
}

TEST(Email, IsOneWithATrailingDotInItsDomain) {
    EXPECT_EQ(key("ada@example.org."), key("ada@example.org"));
}

TEST(Email, IsOneInTheAsciiFormOfItsDomain) {
    EXPECT_EQ(key("ada@M\u00DCLLER.example"), key("ada@xn--mller-kva.example"));
    EXPECT_EQ(Email::parse("ada@m\u00FCller.example")->domain(), "xn--mller-kva.example");
    EXPECT_EQ(Email::parse("ada@m\u00FCller.example")->text(), "ada@xn--mller-kva.example");
}

TEST(Email, KeepsApartWhatIsApart) {
    EXPECT_NE(key("ada+lists@example.org"), key("ada@example.org"));
    EXPECT_NE(key("a.da@example.org"), key("ada@example.org"));
    EXPECT_NE(key("ada@mail.example.org"), key("ada@example.org"));
}

TEST(Email, HasAKeyThatIsItsOwnKey) {
    for (auto text : {"T\u0130TLE@example.org", "straße@example.org", "zoe\u0308@example.org"}) {
        EXPECT_EQ(key(key(text)), key(text)) << text;
    }
}

}  // namespace
}  // namespace cardea::account
