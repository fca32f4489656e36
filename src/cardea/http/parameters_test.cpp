#include "cardea/http/parameters.hpp"

#include <gtest/gtest.h>

namespace cardea::http {
namespace {

TEST(Parameters, RefuseBadEscapesAndBytesThatAreNotText) {
    for (auto text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=%c0%af", "a=%ed%a0%80", "a=%00"}) {
        auto parameters = Parameters::parse(text);
        ASSERT_FALSE(parameters) << text;
        EXPECT_TRUE(parameters.error().is(parameters_malformed));
    }
}

TEST(Parameters, RefuseMoreThanAnybodyNeeds) {
    std::string text;
    for (std::size_t i = 0; i < Parameters::limit; ++i) text += "a=1&";
    EXPECT_TRUE(Parameters::parse(text));

    EXPECT_FALSE(Parameters::parse(text + "b=1"));
}

TEST(Parameters, RefuseAMillionFieldsAtOnce) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += "a&";

    EXPECT_FALSE(Parameters::parse(text));
}

TEST(Parameters, DecodePlusAndPercent) {
    auto parameters = *Parameters::parse("name=J%C3%BCrgen+M&b=1%2B1&empty=&bare");

    EXPECT_EQ(parameters.get("name"), "Jürgen M");
    EXPECT_EQ(parameters.get("b"), "1+1");
    EXPECT_EQ(parameters.get("empty"), "");
    EXPECT_EQ(parameters.get("bare"), "");
    EXPECT_EQ(parameters.get("other"), std::nullopt);
}

TEST(Parameters, ShowWhatStandsThereTwice) {
    auto parameters = *Parameters::parse("iss=a&iss=b&state=c");

    EXPECT_EQ(parameters.count("iss"), 2u);
    EXPECT_EQ(parameters.get("iss"), "a");
    EXPECT_EQ(parameters.only("iss"), std::nullopt);
    EXPECT_EQ(parameters.only("state"), "c");
}

TEST(Parameters, ComeBackFromTheirOwnEncoding) {
    Parameters parameters{{"a b", "c&d=e"}, {"ü", "%+/?#"}, {"", ""}};

    auto back = *Parameters::parse(parameters.encode());

    EXPECT_EQ(parameters.encode(), "a%20b=c%26d%3De&%C3%BC=%25%2B%2F%3F%23&=");
    EXPECT_TRUE(std::equal(back.begin(), back.end(), parameters.begin(), parameters.end()));
}

TEST(PercentEncode, LeavesUnreservedCharactersAlone) {
    EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(percent_encode("a/b c\r\n"), "a%2Fb%20c%0D%0A");
}

TEST(PercentDecode, LeavesPlusAlone) {
    EXPECT_EQ(percent_decode("a+b%20c"), "a+b c");
    EXPECT_EQ(percent_decode("%4"), std::nullopt);
}

}  // namespace
}  // namespace cardea::http
