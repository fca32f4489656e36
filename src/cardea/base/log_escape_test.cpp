// What people type cannot break out of its value in a log line.
#include "cardea/base/log_escape.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "cardea/base/text.hpp"

namespace cardea::log {
namespace {

std::string text_of(std::string_view value) {
    fmt::memory_buffer line;
    append_text(line, value);
    return fmt::to_string(line);
}

std::string json_of(std::string_view value) {
    fmt::memory_buffer line;
    append_json(line, value);
    return fmt::to_string(line);
}

TEST(LogText, KeepsAnEventOnOneLine) {
    EXPECT_EQ(text_of("a\r\nb"), R"("a\r\nb")");
    EXPECT_EQ(text_of("a\xC2\x85"
                      "b"),
              R"("a\u{0085}b")");  // NEL
    EXPECT_EQ(text_of("a\xE2\x80\xA8"
                      "b"),
              R"("a\u{2028}b")");  // line separator
}

TEST(LogText, DisarmsTerminalEscapes) {
    EXPECT_EQ(text_of("\x1b[2J"), R"("\x1b[2J")");
    EXPECT_EQ(text_of("\xC2\x9B"
                      "2J"),
              R"("\u{009b}2J")");  // the one-character form of ESC [
    EXPECT_EQ(text_of("\x7F"), R"("\x7f")");
    EXPECT_EQ(text_of(std::string_view("\0", 1)), R"("\x00")");
}

TEST(LogText, ShowsMarksThatReorderText) {
    EXPECT_EQ(text_of("a\xE2\x80\xAE"
                      "b"),
              R"("a\u{202e}b")");
    EXPECT_EQ(text_of("\xE2\x81\xA6"), R"("\u{2066}")");
}

TEST(LogText, CannotForgeAField) {
    EXPECT_EQ(text_of("x admin=true"), R"("x admin=true")");
    EXPECT_EQ(text_of("x\" admin=\"true"), R"("x\" admin=\"true")");
    EXPECT_EQ(text_of("x\\"), R"("x\\")");
    EXPECT_EQ(text_of("a=b"), R"("a=b")");
}

TEST(LogText, ShowsBytesThatAreNotUtf8) {
    EXPECT_EQ(text_of("a\xFF\xC0\x80z"), R"("a\xff\xc0\x80z")");
    EXPECT_EQ(text_of("\xE2\x82"), R"("\xe2\x82")");
}

TEST(LogText, KeepsWordsBareAndLettersReadable) {
    EXPECT_EQ(text_of("sign_in.credentials_wrong"), "sign_in.credentials_wrong");
    EXPECT_EQ(text_of("/v1/session?x"), "/v1/session?x");
    EXPECT_EQ(text_of(""), R"("")");
    EXPECT_EQ(text_of("Zoë 🦉"), R"("Zoë 🦉")");
}

TEST(LogText, IsPlainForEverySingleByte) {
    for (int byte = 0; byte < 256; ++byte) {
        auto shown = text_of(std::string(1, static_cast<char>(byte)));
        EXPECT_FALSE(has_control(shown)) << byte;
        EXPECT_TRUE(is_utf8(shown)) << byte;
    }
}

TEST(LogJson, GivesBackTheValue) {
    for (std::string_view value : {"", "plain", "two words", "a\"b\\c", "a\r\n\tb", "\x1b[31m",
                                   "Zoë 🦉", "\xE2\x80\xAE", "\xC2\x9B", "a/b", "a=b"}) {
        EXPECT_EQ(boost::json::parse(json_of(value)).as_string(), value);
    }
}

TEST(LogJson, IsValidForEverySingleByte) {
    for (int byte = 0; byte < 256; ++byte) {
        auto shown = json_of("a" + std::string(1, static_cast<char>(byte)) + "z");
        EXPECT_NO_THROW(boost::json::parse(shown)) << byte;
        EXPECT_FALSE(has_control(shown)) << byte;
    }
}

TEST(LogJson, ReplacesBytesThatAreNotUtf8) {
    EXPECT_EQ(json_of("a\xFFz"), R"("a\ufffdz")");
}

}  // namespace
}  // namespace cardea::log
