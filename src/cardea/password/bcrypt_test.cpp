// The text form of bcrypt hashes: what is read, what is refused.
#include "cardea/password/bcrypt.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cardea::password {
namespace {

const std::string good = "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm";

std::string with(std::size_t at, char c) {
    auto text = good;
    text[at] = c;
    return text;
}

void expect_malformed(const std::string& text) {
    auto hash = parse_bcrypt(text);
    ASSERT_FALSE(hash.has_value()) << text;
    EXPECT_TRUE(hash.error().is(malformed_hash)) << text;
}

TEST(BcryptText, OfAnotherLengthIsMalformed) {
    for (std::size_t size = 0; size < good.size(); ++size) expect_malformed(good.substr(0, size));
    expect_malformed(good + "x");
    expect_malformed(good + '\n');
    expect_malformed(' ' + good);
    expect_malformed(good + '\0');
}

TEST(BcryptText, OfAnotherKindIsMalformed) {
    expect_malformed(with(0, '!'));
    expect_malformed(with(1, '3'));
    expect_malformed(with(2, 'B'));
    expect_malformed(with(2, '$'));
    expect_malformed(with(3, 'x'));
    expect_malformed(with(6, '.'));
}

TEST(BcryptText, WithAnImpossibleCostIsMalformed) {
    for (std::string cost : {"00", "03", "32", "99", " 4", "+4", "-4", "4 ", "0a", "a0"}) {
        auto text = good;
        expect_malformed(text.replace(4, 2, cost));
    }
}

TEST(BcryptText, WithForeignCharactersIsMalformed) {
    for (std::size_t at : {7U, 28U, 29U, 59U}) {
        for (char c : {'+', ':', '=', '\0', '\x80', '$'}) expect_malformed(with(at, c));
    }
}

TEST(BcryptText, WithStrayBitsIsMalformed) {
    expect_malformed(with(28, 'P'));
    expect_malformed(with(59, 'n'));
}

TEST(BcryptText, OfTheDefectiveVariantIsRefusedByName) {
    auto hash = parse_bcrypt(with(2, 'x'));

    ASSERT_FALSE(hash.has_value());
    EXPECT_TRUE(hash.error().is(unsupported_hash));
    EXPECT_NE(hash.error().detail().find("$2x$"), std::string::npos);
}

TEST(BcryptText, IsWrittenAsItWasRead) {
    for (char letter : {'a', 'b', 'y'}) {
        auto text = with(2, letter);

        auto hash = parse_bcrypt(text);

        ASSERT_TRUE(hash.has_value());
        EXPECT_EQ(hash->cost, 4);
        EXPECT_EQ(to_string(*hash), text);
    }
}

}  // namespace
}  // namespace cardea::password
