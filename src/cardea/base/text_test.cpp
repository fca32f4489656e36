// Questions about text; the UTF-8 cases are the boundaries of RFC 3629 section 4.
#include "cardea/base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cardea {
namespace {

using testing::ElementsAre;

class NotUtf8 : public testing::TestWithParam<std::string_view> {};

TEST_P(NotUtf8, IsRefusedAloneAndInsideOtherText) {
    EXPECT_FALSE(is_utf8(GetParam()));
    EXPECT_FALSE(is_utf8("before" + std::string(GetParam())));
    EXPECT_FALSE(is_utf8(std::string(GetParam()) + "after"));
    EXPECT_EQ(utf8_length(GetParam()), 0u);
}

INSTANTIATE_TEST_SUITE_P(Text, NotUtf8,
                         testing::Values("\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F",
                                         "\xC2\xC0", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE0\xA0",
                                         "\xE1\x80\x7F", "\xED\xA0\x80", "\xED\xBF\xBF", "\xEF\xBF",
                                         "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
                                         "\xF1\x80\x80\x7F", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                                         "\xF8\x88\x80\x80\x80", "\xFE", "\xFF"));

TEST(Text, AcceptsTheFirstAndLastOfEachUtf8Length) {
    for (std::string_view text :
         {"\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(text));
        EXPECT_EQ(utf8_length(text), text.size());
    }
    EXPECT_TRUE(is_utf8(""));
    EXPECT_EQ(utf8_length(""), 0u);
    EXPECT_TRUE(is_utf8("Zoë, 日本, 🦉"));
}

TEST(Text, SeesControlCharacters) {
    for (std::string_view text : {"a\nb", "a\rb", "\t", "\x1b[31m", "a\x7F"}) {
        EXPECT_TRUE(has_control(text));
    }
    EXPECT_TRUE(has_control(std::string_view("a\0b", 3)));
    EXPECT_FALSE(has_control("plain ~ text, äöü 🦉"));
}

TEST(Text, IsCutBetweenCodePoints) {
    EXPECT_EQ(cut("abc", 3), "abc");
    EXPECT_EQ(cut("abcd", 3), "abc");
    EXPECT_EQ(cut("aé", 2), "a");
    EXPECT_EQ(cut("🦉🦉", 7), "🦉");
    EXPECT_EQ(cut("🦉", 3), "");
    EXPECT_EQ(cut("abc", 0), "");
}

TEST(Text, ThatIsNotUtf8IsCutWhereToldTo) {
    std::string garbage(600, '\x80');

    EXPECT_EQ(cut(garbage, 512).size(), 512u);
}

TEST(Text, IsTrimmedAtBothEnds) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim("   "), "");
    EXPECT_EQ(trim("//a/", "/"), "a");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, IsSplitAtEverySeparator) {
    EXPECT_THAT(split("a,b,,c", ','), ElementsAre("a", "b", "", "c"));
    EXPECT_THAT(split(",", ','), ElementsAre("", ""));
    EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(Text, IsJoined) {
    EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
    EXPECT_EQ(join({"", ""}, ","), ",");
    EXPECT_EQ(join({}, ","), "");
}

TEST(Text, IsLoweredInAsciiOnly) {
    EXPECT_EQ(ascii_lower("AbZ@[`{É"), "abz@[`{É");
    EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

TEST(Text, CountsEdits) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("sitting", "kitten"), 3u);
    EXPECT_EQ(edit_distance("salt_round", "salt_rounds"), 1u);
}

}  // namespace
}  // namespace cardea
