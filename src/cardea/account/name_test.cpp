#include "cardea/account/name.hpp"

#include <gtest/gtest.h>

namespace cardea::account {
namespace {

void expect_refused(std::string_view text) {
    auto name = Name::parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_TRUE(name.error().is(name_malformed));
}

TEST(Name, RefusesWhatCannotBeSeen) {
    expect_refused("Ada\nLovelace");
    expect_refused(std::string_view("Ada\0", 4));
    expect_refused("Ada\u0085");          // a C1 control
    expect_refused("Ada\u202Eecalevol");  // turns the text around
    expect_refused("Ada\u2028");          // a line separator
    expect_refused("Ada\uE000");          // private use: shows as anything
}

TEST(Name, RefusesWhatIsNotUtf8) {
    expect_refused("Ada\xff");
    expect_refused("\xc0\xae");
}

TEST(Name, RefusesMoreThanTwoHundredCharacters) {
    std::string longest;
    for (int i = 0; i < 200; ++i) longest += "😀";

    EXPECT_TRUE(Name::parse(longest));
    expect_refused(longest + "x");
    expect_refused(std::string(1'000'000, 'x'));
}

TEST(Name, IsTrimmedAndInNormalFormC) {
    EXPECT_EQ(Name::parse("  Zoe\u0308 \t")->text(), "Zo\u00EB");
}

TEST(Name, MayBeEmpty) {
    EXPECT_EQ(Name::parse("  ")->text(), "");
}

TEST(Name, KeepsJoinedEmojiAndMarks) {
    EXPECT_EQ(Name::parse("👩‍🚀 O'Neil")->text(), "👩‍🚀 O'Neil");
}

TEST(NameFromProfile, DropsWhatIsRefusedElsewhere) {
    EXPECT_EQ(Name::from_profile(" Ada\r\nSet-Cookie: x\u202E ").text(), "AdaSet-Cookie: x");
}

TEST(NameFromProfile, IsCutAtACodePoint) {
    std::string hostile;
    for (int i = 0; i < 5000; ++i) hostile += "é";

    auto name = Name::from_profile(hostile).text();

    EXPECT_EQ(name.size(), 400u);
    EXPECT_TRUE(Name::parse(name));
}

TEST(NameFromProfile, IsEmptyForWhatIsNotUtf8) {
    EXPECT_EQ(Name::from_profile("Ada\xff").text(), "");
}

}  // namespace
}  // namespace cardea::account
