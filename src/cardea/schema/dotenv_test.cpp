#include "cardea/schema/dotenv.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <sstream>

#include "cardea/base/encoding.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Values = std::map<std::string, std::string>;

Values values_of(const Dotenv& dotenv) {
    Values values;
    for (const auto& entry : dotenv.entries) values.insert_or_assign(entry.name, entry.value);
    return values;
}

Values read(std::string_view text) {
    return values_of(read_dotenv(text));
}

DotenvLookup process(Values variables) {
    return [variables](std::string_view name) -> std::optional<std::string> {
        auto found = variables.find(std::string(name));
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

std::vector<std::size_t> problem_lines(std::string_view text) {
    std::vector<std::size_t> lines;
    for (const auto& problem : read_dotenv(text).problems) lines.push_back(problem.line);
    return lines;
}

// Problems

TEST(Dotenv, NamesTheLineOfEachProblemAndReadsTheRest) {
    auto dotenv = read_dotenv("a=1\nINVALID LINE\nb=2\n=x\nc\n'd'=1\ne: 1\nf=3");

    EXPECT_EQ(values_of(dotenv), (Values{{"a", "1"}, {"b", "2"}, {"f", "3"}}));
    EXPECT_THAT(problem_lines("a=1\nINVALID LINE\nb=2\n=x\nc\n'd'=1\ne: 1\nf=3"),
                ElementsAre(2u, 4u, 5u, 6u, 7u));
}

TEST(Dotenv, RefusesAQuoteThatIsNeverClosed) {
    auto dotenv = read_dotenv("a=\"\nb=c\nd='x");

    EXPECT_EQ(values_of(dotenv), (Values{{"b", "c"}}));
    EXPECT_THAT(problem_lines("a=\"\nb=c\nd='x"), ElementsAre(1u, 3u));
}

TEST(Dotenv, RefusesWhatStandsBehindAClosingQuote) {
    EXPECT_THAT(problem_lines("a=\"b\" c\nd='e'f"), ElementsAre(1u, 2u));
    EXPECT_THAT(read("a=\"b\" c\nd='e'f\n"), IsEmpty());
}

TEST(Dotenv, CountsLinesThroughQuotes) {
    auto dotenv = read_dotenv("a=\"1\n2\n3\"\nbad\nb=4");

    EXPECT_THAT(dotenv.entries,
                ElementsAre(DotenvEntry{"a", "1\n2\n3", 1}, DotenvEntry{"b", "4", 5}));
    ASSERT_EQ(dotenv.problems.size(), 1u);
    EXPECT_EQ(dotenv.problems[0].line, 4u);
}

TEST(Dotenv, NeverRepeatsAValueInAProblem) {
    for (auto text : {"SECRET_KEY \"hunter2\"", "SECRET_KEY=\"hunter2", "SECRET_KEY='x' hunter2",
                      "hunter2", "SECRET_KEY: hunter2"}) {
        for (const auto& problem : read_dotenv(text).problems)
            EXPECT_THAT(problem.text, testing::Not(HasSubstr("hunter2"))) << text;
        EXPECT_EQ(read_dotenv(text).problems.size(), 1u) << text;
    }
}

TEST(Dotenv, RefusesBytesThatAreNoText) {
    EXPECT_THAT(problem_lines("a=\xff\nb=1"), ElementsAre(1u));
    EXPECT_THAT(problem_lines(std::string_view("a=x\0y", 5)), ElementsAre(1u));
}

// What is read

TEST(Dotenv, ReadsPlainValues) {
    EXPECT_EQ(read("a=b\n c = d e \nexport f=g\n\texport\th = i\nj=\n"),
              (Values{{"a", "b"}, {"c", "d e"}, {"f", "g"}, {"h", "i"}, {"j", ""}}));
}

TEST(Dotenv, LetsAVariableBeCalledExport) {
    EXPECT_EQ(read("export=1"), (Values{{"export", "1"}}));
    EXPECT_EQ(read("export = 1"), (Values{{"export", "1"}}));
    EXPECT_EQ(read("exportFOO=1"), (Values{{"exportFOO", "1"}}));
}

TEST(Dotenv, EndsAValueAtANumberSignBehindWhiteSpaceOnly) {
    EXPECT_EQ(read("a=b#c\nd=e #f\ng=#h\ni= # nothing\nj=\"k#l\" # m\nn='o'#p"),
              (Values{{"a", "b#c"}, {"d", "e"}, {"g", "#h"}, {"i", ""}, {"j", "k#l"}, {"n", "o"}}));
}

TEST(Dotenv, KnowsTheEscapesOfDoubleQuotes) {
    EXPECT_EQ(read(R"(a="1\n2\r3\t4\"5\\6\z\$7")"), (Values{{"a", "1\n2\r3\t4\"5\\6\\z\\$7"}}));
}

TEST(Dotenv, KnowsTheEscapesOfSingleQuotes) {
    EXPECT_EQ(read(R"(a='1\n2\'3\\4')"), (Values{{"a", "1\\n2'3\\4"}}));
}

TEST(Dotenv, TakesEveryLineEnd) {
    EXPECT_EQ(read("a=1\r\nb=2\rc=3\nd=\"4\r\n5\""),
              (Values{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4\n5"}}));
}

TEST(Dotenv, SkipsAByteOrderMark) {
    EXPECT_EQ(read("\xef\xbb\xbf"
                   "a=1"),
              (Values{{"a", "1"}}));
}

TEST(Dotenv, LetsTheLastOfANameCount) {
    EXPECT_EQ(read("a=1\na=2"), (Values{{"a", "2"}}));
}

TEST(Dotenv, ReadsNothingFromNothing) {
    EXPECT_THAT(read(""), IsEmpty());
    EXPECT_THAT(read("\n\n# only\n   # comments"), IsEmpty());
    EXPECT_THAT(problem_lines("\n\n# only\n   # comments\n  "), IsEmpty());
}

// Interpolation

TEST(DotenvInterpolation, RefusesANameThatNobodyKnows) {
    auto dotenv = read_dotenv("a=1\nb=${nobody}", process({}));

    EXPECT_EQ(values_of(dotenv), (Values{{"a", "1"}}));
    ASSERT_EQ(dotenv.problems.size(), 1u);
    EXPECT_EQ(dotenv.problems[0].line, 2u);
    EXPECT_THAT(dotenv.problems[0].text, HasSubstr("nobody"));
}

TEST(DotenvInterpolation, DoesNotReachForward) {
    EXPECT_EQ(read_dotenv("a=${b}\nb=1", process({})).problems.size(), 1u);
}

TEST(DotenvInterpolation, DoesNotGrowWithoutEnd) {
    std::string text = "a0=" + std::string(100, 'x') + "\n";
    for (int i = 1; i < 40; ++i) text += fmt::format("a{0}=${{a{1}}}${{a{1}}}\n", i, i - 1);

    auto dotenv = read_dotenv(text, process({}));

    EXPECT_FALSE(dotenv.problems.empty());
    for (const auto& entry : dotenv.entries) EXPECT_LE(entry.value.size(), 65536u);
}

TEST(DotenvInterpolation, OfManyOpenBracesIsLinear) {
    std::string braces;
    while (braces.size() < 60'000) braces += "${";

    auto dotenv = read_dotenv("a=" + braces + "\nb=}" + braces, process({}));

    EXPECT_EQ(values_of(dotenv), (Values{{"a", braces}, {"b", "}" + braces}}));
}

TEST(DotenvInterpolation, TakesEarlierLinesAndTheProcessWins) {
    auto dotenv = read_dotenv("a=1\nb=2\nc=${a}-${b}-${d}", process({{"b", "20"}, {"d", "40"}}));

    EXPECT_EQ(values_of(dotenv).at("c"), "1-20-40");
}

TEST(DotenvInterpolation, TakesTheOtherwise) {
    auto dotenv = read_dotenv("a=${b:-x}\nc=${a:-y}\nd=${e:-}", process({}));

    EXPECT_EQ(values_of(dotenv), (Values{{"a", "x"}, {"c", "x"}, {"d", ""}}));
}

TEST(DotenvInterpolation, LeavesSingleQuotesAndPlainDollarsAlone) {
    auto dotenv = read_dotenv("a='${b}'\nc=$b\nd=\"\\${b}\"\ne=${b\nf=$(b)", process({}));

    EXPECT_EQ(values_of(dotenv),
              (Values{{"a", "${b}"}, {"c", "$b"}, {"d", "${b}"}, {"e", "${b"}, {"f", "$(b)"}}));
}

TEST(DotenvInterpolation, DoesNotLookIntoWhatItPutIn) {
    auto dotenv = read_dotenv("a='${b}'\nc=${a}", process({}));

    EXPECT_EQ(values_of(dotenv).at("c"), "${b}");
    EXPECT_THAT(dotenv.problems, IsEmpty());
}

// Vectors

TEST(DotenvVectors, WhatBothReadersReadAlikeIsReadSo) {
    std::ifstream file(CARDEA_VECTORS_DIR "/dotenv.json");
    if (!file) GTEST_SKIP() << "no vectors";
    std::stringstream text;
    text << file.rdbuf();
    auto vectors = parse_json(text.str(), {.members = 1000});
    ASSERT_TRUE(vectors);

    std::size_t checked = 0;
    for (const auto& one : vectors->at("cases").as_array()) {
        if (!one.at("agree").as_bool()) continue;
        auto input =
            to_text(from_base64(std::string_view(one.at("input_base64").as_string())).value());
        Values expected;
        for (const auto& [name, value] : one.at("python_dotenv").as_object())
            expected.emplace(name, value.as_string());

        EXPECT_EQ(read(input), expected) << input;
        ++checked;
    }
    EXPECT_EQ(checked, 128u);
}

}  // namespace
}  // namespace cardea::schema
