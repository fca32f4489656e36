// Lists of leaked passwords: what is refused, what is skipped, what is read.
#include "cardea/password/policy/password_list.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "cardea/base/encoding.hpp"
#include "cardea/password/policy/breach_filter.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::password {
namespace {

const std::string hash_of_password = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";

struct PasswordList : testing::Test {
    std::string write(std::string_view text) {
        auto path = folder.path() + "/list";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    Result<ListProgress> read(std::string_view text, ListOptions options = {}) {
        keys.clear();
        return read_list(write(text), options,
                         [this](const crypto::Sha1& key) { keys.push_back(to_hex(key)); });
    }
    TempFolder folder;
    std::vector<std::string> keys;
};

TEST_F(PasswordList, ThatIsNotThereIsNamed) {
    auto read = read_list(folder.path() + "/none", {}, [](const crypto::Sha1&) {});

    ASSERT_FALSE(read);
    EXPECT_NE(read.error().detail().find("/none"), std::string::npos);
    EXPECT_FALSE(read_list(folder.path(), {}, [](const crypto::Sha1&) {}));
}

TEST_F(PasswordList, NamesTheLineThatIsNoHash) {
    for (std::string line :
         {"password", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD",
          "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD88", "ZBAA61E4C9B93F3F0682250B6CF8331B7EE68FD8",
          "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:",
          "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:-1",
          "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1x",
          "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:99999999999999999999999"}) {
        auto read = this->read(fmt::format("{}:3\n{}\n", hash_of_password, line));

        ASSERT_FALSE(read) << line;
        EXPECT_EQ(read.error().detail(), "line 2 is no SHA-1") << line;
    }
    EXPECT_FALSE(read(hash_of_password + "\n" + std::string(100'000, 'a') + "\n"));
}

TEST_F(PasswordList, OfHashesIsReadInEveryFormInWhichTheyArePublished) {
    for (std::string end : {"\n", "\r\n"}) {
        auto read = this->read(
            fmt::format("{0}:10434004{1}5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8{1}{1}{0}",
                        hash_of_password, end));

        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_EQ(read->entries, 3U);
        EXPECT_EQ(read->skipped, 1U);
        EXPECT_EQ(keys, std::vector<std::string>(3, "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"));
    }
}

TEST_F(PasswordList, LeavesOutWhatLeakedTooRarely) {
    auto read =
        this->read(hash_of_password + ":9\n" + hash_of_password + ":10\n" + hash_of_password,
                   {.at_least = 10});

    EXPECT_EQ(read->entries, 2U);
    EXPECT_EQ(read->skipped, 1U);
}

TEST_F(PasswordList, OfPlainLinesTakesTheirNormalForm) {
    ASSERT_TRUE(read("password\r\ncafe\u0301 au lait\n"));

    EXPECT_EQ(keys, (std::vector<std::string>{"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
                                              to_hex(breach_key_of("caf\u00E9 au lait"))}));
}

TEST_F(PasswordList, OfPlainLinesSkipsWhatNobodyCanType) {
    auto read = this->read("password\n\nlatin\xE9\n" + std::string(5'000, 'x') + "\n" +
                           std::string(1'500'000, 'y') + "\nlast");

    ASSERT_TRUE(read);
    EXPECT_EQ(read->entries, 2U);
    EXPECT_EQ(read->skipped, 4U);
}

TEST_F(PasswordList, TakesHashesForPasswordsWhenTold) {
    ASSERT_TRUE(read(hash_of_password, {.lines = Lines::plain}));

    EXPECT_EQ(keys.at(0), to_hex(breach_key_of(hash_of_password)));
}

TEST_F(PasswordList, IsTheSameHoweverItIsCutIntoPieces) {
    std::string text;
    for (int i = 0; text.size() < 2'200'000; ++i)
        text += to_hex(breach_key_of(std::to_string(i))) + ":" + std::to_string(i + 1) + "\n";
    std::size_t calls = 0;

    auto read = read_list(
        write(text), {}, [](const crypto::Sha1&) {}, [&](const ListProgress&) { ++calls; });

    EXPECT_EQ(read->entries, static_cast<std::uint64_t>(std::ranges::count(text, '\n')));
    EXPECT_EQ(read->bytes, text.size());
    EXPECT_GE(calls, 3U);
}

TEST_F(PasswordList, MayBeEmpty) {
    EXPECT_EQ(read("")->entries, 0U);
    EXPECT_EQ(read("\n\n")->entries, 0U);
}

}  // namespace
}  // namespace cardea::password
