// Rows of a file: what is refused and where, and that reading goes on behind it.
#include "cardea/sign_in/importing/rows.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

namespace cardea::sign_in::importing {
namespace {

using testing::ElementsAre;

/// `3: a=1 b=2` for a row, `3: slug (detail)` for a refusal.
std::vector<std::string> read_all(const std::string& text) {
    std::istringstream stream(text);
    auto rows = Rows::open(stream, {"a", "b"});
    if (!rows) return {std::string(rows.error().reason().slug)};
    std::vector<std::string> lines;
    while (auto row = rows->next()) {
        auto line = std::to_string(row->line) + ":";
        if (row->values) {
            for (const auto& [name, value] : *row->values)
                line += fmt::format(" {}={}", name, value);
        } else {
            line.append(" ").append(row->values.error().reason().slug);
        }
        lines.push_back(line);
    }
    return lines;
}

TEST(ImportRows, WithoutAKnownHeaderAreNotRead) {
    for (std::string text :
         {"", "\n\n", "[{\"a\":1}]", "a,x\n1,2\n", "a,a\n1,2\n", "\"a\n1\n", "a;b\n1;2\n"}) {
        EXPECT_THAT(read_all(text), ElementsAre("import.file_malformed")) << text;
    }
}

TEST(ImportRows, ThatAreBrokenAreRefusedOneByOne) {
    EXPECT_THAT(read_all("a,b\n1\n1,2,3\n1,2\nx\"y,2\n\"x\"y,2\n3,4\n"),
                ElementsAre("2: import.row_malformed", "3: import.row_malformed", "4: a=1 b=2",
                            "5: import.row_malformed", "6: import.row_malformed", "7: a=3 b=4"));
    EXPECT_THAT(
        read_all("{\"a\":1}\n{\"a\":\n[]\n{\"a\":[]}\n{\"c\":1}\n{\"a\":1,\"a\":2}\n{\"a\":1.5}\n"
                 "{\"a\":2}"),
        ElementsAre("1: a=1", "2: import.row_malformed", "3: import.row_malformed",
                    "4: import.row_malformed", "5: import.row_malformed", "6: import.row_malformed",
                    "7: import.row_malformed", "8: a=2"));
}

TEST(ImportRows, ThatNeverEndAreRefusedInBoundedMemory) {
    std::string endless(1'000'000, 'x');

    EXPECT_THAT(read_all("a,b\n\"" + endless + "\n1,2\n"),
                ElementsAre("2: import.row_malformed", "3: a=1 b=2"));
    EXPECT_THAT(read_all("a,b\n" + endless + ",1\n1,2\n"),
                ElementsAre("2: import.row_malformed", "3: a=1 b=2"));
    EXPECT_THAT(read_all("a\n" + std::string(100'000, ',') + "\n1\n"),
                ElementsAre("2: import.row_malformed", "3: a=1"));
    EXPECT_THAT(read_all("{\"a\":\"" + endless + "\"}\n{\"a\":1}\n"),
                ElementsAre("1: import.row_malformed", "2: a=1"));
    EXPECT_THAT(read_all("a,b\n\"never closed\n"), ElementsAre("2: import.row_malformed"));
}

TEST(ImportRows, OfCsvMayHaveQuotesAndAnyLineEnd) {
    EXPECT_THAT(read_all("\xef\xbb\xbf"
                         "A , b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\r\n,4\n5,"),
                ElementsAre("2: a=1 b=x, \"y\"\r\nz", "5: b=4", "6: a=5"));
}

TEST(ImportRows, OfJsonLinesAreTexts) {
    EXPECT_THAT(read_all("{\"a\":true,\"b\":1700000000}\r\n\n{\"a\":null,\"b\":\"x\\ny\"}"),
                ElementsAre("1: a=true b=1700000000", "3: b=x\ny"));
}

}  // namespace
}  // namespace cardea::sign_in::importing
