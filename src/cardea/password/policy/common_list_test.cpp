// The common passwords: what Debian's lists hold is known, in any case of letters.
#include "cardea/password/policy/common_list.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <fstream>

#include "cardea/password/fold.hpp"

namespace cardea::password {
namespace {

bool contains(const CommonList& list, std::string_view password) {
    return list.contains(fold(password).reveal());
}

TEST(CommonList, KnowsEveryPasswordOfJohnsListThatIsLongEnough) {
    std::ifstream file("/usr/share/john/password.lst");
    if (!file) GTEST_SKIP() << "john-data is not installed";
    CommonList list;
    std::size_t tried = 0;

    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#!comment") || line.size() < 8) continue;
        EXPECT_TRUE(contains(list, line)) << line;
        ++tried;
    }

    EXPECT_GT(tried, 600U);
}

TEST(CommonList, HoldsThousandsThatFitTheShortestLength) {
    if (built_in_common_passwords().empty()) GTEST_SKIP() << "built without the lists";

    EXPECT_GT(CommonList().size(), 3000U);  // OWASP ASVS 5.0, 6.2.4
}

TEST(CommonList, ComparesWithoutRegardToCase) {
    if (built_in_common_passwords().empty()) GTEST_SKIP() << "built without the lists";
    CommonList list;

    EXPECT_TRUE(contains(list, "password"));
    EXPECT_TRUE(contains(list, "PassWord1"));
    EXPECT_TRUE(contains(list, "QWERTYUIOP"));
}

TEST(CommonList, ComparesTheWholePassword) {
    CommonList list;

    EXPECT_FALSE(contains(list, "a password of my own"));
    EXPECT_FALSE(contains(list, "correct horse battery"));
    EXPECT_FALSE(contains(list, ""));
}

TEST(CommonList, TakesTheLinesOfAnOperator) {
    CommonList list("Sommer 2026\r\n\nstra\u00DFenbahn\nlast line");

    EXPECT_TRUE(contains(list, "sommer 2026"));
    EXPECT_TRUE(contains(list, "STRASSENBAHN"));
    EXPECT_TRUE(contains(list, "last line"));
    EXPECT_FALSE(contains(list, ""));
    EXPECT_FALSE(contains(list, "last"));
}

TEST(CommonList, SkipsLinesThatAreNotText) {
    CommonList list("caf\xE9 latin1\nnext line\n");

    EXPECT_TRUE(contains(list, "next line"));
}

TEST(CommonList, IsBuiltInMilliseconds) {
    auto begin = std::clock();

    CommonList list;
    (void)list.size();

    EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 2);  // generous, for the sanitizers
}

}  // namespace
}  // namespace cardea::password
