#include "cardea/schema/toml.hpp"

#include <gmock/gmock.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "cardea/base/encoding.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::schema {
namespace {

using testing::HasSubstr;

TEST(Toml, SaysWhereTheTextIsWrong) {
    auto document = parse_toml("[a]\nb = 1\nc = [1, 2\nd = 3\n");

    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().place.line, 4u);
    EXPECT_FALSE(document.error().text.empty());
}

TEST(Toml, RefusesAKeyThatStandsTwice) {
    auto document = parse_toml("a = 1\na = 2\n");

    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().place.line, 2u);
    EXPECT_THAT(document.error().text, HasSubstr("a"));
}

TEST(Toml, RefusesWhatIsTooLarge) {
    EXPECT_TRUE(parse_toml("#" + std::string(1024 * 1024 - 1, 'x')));
    EXPECT_FALSE(parse_toml("#" + std::string(1024 * 1024, 'x')));
}

TEST(Toml, RefusesWhatIsTooDeep) {
    std::string dotted = "a";
    for (int i = 0; i < 100'000; ++i) dotted += ".a";
    std::string nested;
    for (int i = 0; i < 100; ++i) nested += "{ a.b = ";

    EXPECT_FALSE(parse_toml(dotted + " = 1"));
    EXPECT_FALSE(parse_toml("[" + dotted + "]"));
    EXPECT_FALSE(parse_toml("a = " + nested + "1" + std::string(100, '}')));
    EXPECT_FALSE(parse_toml("a = " + std::string(100, '[') + std::string(100, ']')));
    EXPECT_FALSE(parse_toml("a = " + std::string(100'000, '[')));
}

TEST(Toml, RefusesCharactersBeyondAsciiOutsideQuotesAndComments) {
    auto document = parse_toml("a = 1\n\xce\xbc = 2\n");

    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().place, (TextPlace{2, 1}));
    for (auto text : {"a = \xc3\xa9", "[\xc3\xa9]", "a = [1,\xc2\xa0 2]", "a = '''x''' \xc3\xa9",
                      "a = \"x\\\"\" \xc3\xa9", "a = 'x\n\xc3\xa9'"})
        EXPECT_FALSE(parse_toml(text)) << text;
}

TEST(Toml, TakesCharactersBeyondAsciiInQuotesAndComments) {
    EXPECT_TRUE(
        parse_toml("\xef\xbb\xbf# é\na = \"é\\\"é\"\n'é' = 'é\\'\n"
                   "b = \"\"\"\né\"é\"\"\"\"\nc = '''é'\n'é''''' # é\n"));
}

TEST(Toml, TakesDotsInText) {
    EXPECT_TRUE(parse_toml("a = \"" + std::string(1000, '.') + "\"\n# " + std::string(1000, '.')));
}

TEST(Toml, KnowsWhereEverythingStands) {
    auto document =
        parse_toml("top = 1\n[Server_configuration]\n  port = 8080\nhosts = [\n \"a\",\n \"b\"]\n");

    ASSERT_TRUE(document);
    EXPECT_EQ(document->places.at("top"), (TextPlace{1, 1}));
    EXPECT_EQ(document->places.at("Server_configuration"), (TextPlace{2, 2}));
    EXPECT_EQ(document->places.at("Server_configuration.port"), (TextPlace{3, 3}));
    EXPECT_EQ(document->places.at("Server_configuration.hosts.1"), (TextPlace{6, 2}));
}

// Vectors

std::optional<Json> vectors() {
    std::ifstream file(CARDEA_VECTORS_DIR "/toml-test-1.0.0.json");
    if (!file) return std::nullopt;
    std::stringstream text;
    text << file.rdbuf();
    return parse_json(text.str(), {.members = 1000}).value();
}

std::string text_of(const Json& vector) {
    return to_text(from_base64(std::string_view(vector.as_string())).value());
}

/// `12:30:00.600` and `12:30:00.6` are one time; so are a space and a T, Z and z.
std::string plain_time(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i] == ' ' || text[i] == 't' ? 'T' : text[i] == 'z' ? 'Z' : text[i];
        if (c == '.') {
            auto end = text.find_first_not_of("0123456789", i + 1);
            auto digits = text.substr(i + 1, end == text.npos ? text.npos : end - i - 1);
            i += digits.size();
            while (digits.ends_with('0')) digits.remove_suffix(1);
            if (!digits.empty()) result.append(".").append(digits.substr(0, 9));
            continue;
        }
        result += c;
    }
    return result;
}

double number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool same_value(const Json& found, std::string_view type, std::string_view value) {
    if (type == "string") return found.is_string() && found.get_string() == value;
    if (type == "integer") return found.is_int64() && std::to_string(found.get_int64()) == value;
    if (type == "bool") return found.is_bool() && found.get_bool() == (value == "true");
    if (type == "float") {
        if (!found.is_double()) return false;
        double expected = number(value);
        return found.get_double() == expected ||
               (std::isnan(found.get_double()) && std::isnan(expected));
    }
    return found.is_string() && plain_time(found.get_string()) == plain_time(value);
}

bool is_tagged(const Json& expected) {
    return expected.is_object() && expected.get_object().size() == 2 &&
           expected.get_object().contains("type") && expected.get_object().contains("value") &&
           expected.at("type").is_string();
}

bool same(const Json& found, const Json& expected) {
    if (is_tagged(expected))
        return same_value(found, std::string_view(expected.at("type").get_string()),
                          std::string_view(expected.at("value").get_string()));
    if (expected.is_array()) {
        if (!found.is_array() || found.get_array().size() != expected.get_array().size())
            return false;
        for (std::size_t i = 0; i < expected.get_array().size(); ++i)
            if (!same(found.get_array()[i], expected.get_array()[i])) return false;
        return true;
    }
    if (!found.is_object() || found.get_object().size() != expected.get_object().size())
        return false;
    for (const auto& [key, value] : expected.get_object()) {
        const Json* one = found.get_object().if_contains(key);
        if (one == nullptr || !same(*one, value)) return false;
    }
    return true;
}

TEST(TomlVectors, AllValidOnesAreReadAlike) {
    auto all = vectors();
    if (!all) GTEST_SKIP() << "no vectors";

    for (const auto& [name, vector] : all->at("valid").as_object()) {
        auto document = parse_toml(text_of(vector.at("toml_base64")));
        ASSERT_TRUE(document) << name << ": " << document.error().text;
        EXPECT_TRUE(same(document->root, vector.at("expected"))) << name << document->root;
    }
}

TEST(TomlVectors, AllInvalidOnesAreRefusedWithLineAndColumn) {
    auto all = vectors();
    if (!all) GTEST_SKIP() << "no vectors";

    for (const auto& [name, vector] : all->at("invalid").as_object()) {
        auto document = parse_toml(text_of(vector.at("toml_base64")));
        EXPECT_FALSE(document) << name;
        if (document) continue;
        EXPECT_GT(document.error().place.line, 0u) << name;
        EXPECT_GT(document.error().place.column, 0u) << name;
    }
}

}  // namespace
}  // namespace cardea::schema
