// PBKDF2 in passlib's text form. The hashes are passlib's.
#include "cardea/password/formats/pbkdf2.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string sha256 =
    "$pbkdf2-sha256$1000$.X/v/Z.TEiIkRGht7b3Xeg$KWOESlTSwYaCV6iRFfx19NXMgVWZns2LNJB7jYao/NE";

TEST(Pbkdf2Text, WithImpossibleIterationsIsMalformed) {
    for (std::string iterations : {"0", "-1", "01000", "1e3", "2147483648", "", "1000,1000"}) {
        EXPECT_EQ(outcome(with(sha256, "$1000$", "$" + iterations + "$")), malformed) << iterations;
    }
}

TEST(Pbkdf2Text, WithAKeyOfAnotherSizeIsMalformed) {
    EXPECT_EQ(outcome(with(sha256, "-sha256", "-sha512")), malformed);
    EXPECT_EQ(outcome(with(sha256, "-sha256", "")), malformed);
    EXPECT_EQ(outcome(with(sha256, ".X/v", "+X/v")), malformed) << "passlib writes no +";
}

TEST(Pbkdf2Text, SaysWhatItWouldCostBeforeItCosts) {
    auto greedy = read(with(sha256, "$1000$", "$2147483647$"));

    ASSERT_TRUE(greedy.has_value());
    EXPECT_GT(greedy->demand.time, 30min);
}

TEST(Pbkdf2Text, OfEveryDigestVerifies) {
    expect_only_itself_right(sha256);
    expect_only_itself_right("$pbkdf2$1000$JYQQwlhr7f2/997bW8v5Xw$debPZ8VIMy.g7lK2aXjutPHjLXE");
    expect_only_itself_right(
        "$pbkdf2-sha512$1000$MSYEAIAw5nyvFUJobQ2BsA$"
        "ENHkTo8MSn6kJ2aJgSbRYwmc3yKnbpKDva7QBgZKD4yn4HRp"
        "/.Md2MWvWmXHVp1tSKW4U7OQ9GtsEs.rupjCgw");
}

}  // namespace
}  // namespace cardea::password::formats
