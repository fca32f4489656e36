// The text form `$bcrypt-sha256$`, with the pairs and the malformed ones that passlib publishes.
#include "cardea/password/long_form/bcrypt_sha256.hpp"

#include <gtest/gtest.h>

namespace cardea::password {
namespace {

const std::string good =
    "$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS";

void expect_malformed(const std::string& stored) {
    auto hash = parse_bcrypt_sha256(stored);
    ASSERT_FALSE(hash) << stored;
    EXPECT_TRUE(hash.error().is(malformed_hash)) << stored;
}

TEST(BcryptSha256, ThatPasslibCallsMalformedIsMalformed) {
    for (const std::string after_prefix :
         {"v=2,t=2b,r=5$5Hg1DKF!PE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // a bad character
          "v=1,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // version
          "v=3,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // version
          "v=2,t=2c,r=5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // variant
          "v=2,t=2a,r=5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // variant
          "v=2,t=2x,r=5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // variant
          "v=2,t=2b,r=05$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu",  // padded
          "v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$"}) {
        expect_malformed("$bcrypt-sha256$" + after_prefix);
    }
}

TEST(BcryptSha256, CutOrLengthenedAnywhereIsMalformed) {
    for (std::size_t size = 0; size < good.size(); ++size) expect_malformed(good.substr(0, size));
    expect_malformed(good + 'x');
    expect_malformed(good + '\0');
    expect_malformed(good + std::string(1'000'000, 'x'));
}

TEST(BcryptSha256, WithAnImpossibleCostIsMalformed) {
    for (std::string cost : {"", "0", "3", "00", "03", "32", "99", "+4", " 4", "4 ", "-4", "a"}) {
        auto stored = good;
        expect_malformed(stored.replace(26, 1, cost));
    }
}

TEST(BcryptSha256, WithAForeignCharacterAnywhereIsRefused) {
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto stored = good;
        stored[at] = '!';

        EXPECT_FALSE(parse_bcrypt_sha256(stored)) << stored;
    }
}

TEST(BcryptSha256, OfVersion1IsRefusedByName) {
    auto hash = parse_bcrypt_sha256(
        "$bcrypt-sha256$2b,5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu");

    ASSERT_FALSE(hash);
    EXPECT_TRUE(hash.error().is(unsupported_hash));
}

TEST(BcryptSha256, IsWrittenAsItWasRead) {
    for (std::string cost : {"5", "9", "10", "31"}) {
        auto stored = good;
        stored.replace(26, 1, cost);

        auto hash = parse_bcrypt_sha256(stored);

        ASSERT_TRUE(hash) << stored;
        EXPECT_EQ(std::to_string(hash->cost), cost);
        EXPECT_EQ(to_bcrypt_sha256(*hash), stored);
    }
}

TEST(BcryptSha256, CondensesToTextThatFitsBcrypt) {
    Salt salt{};

    auto condensed = condense(SecretText(std::string(1024, 'a')), salt);

    EXPECT_EQ(condensed.size(), 44U);
    EXPECT_EQ(condensed.reveal().find('\0'), std::string::npos);
    salt[0] = std::byte{1};
    EXPECT_FALSE(condensed == condense(SecretText(std::string(1024, 'a')), salt));
}

}  // namespace
}  // namespace cardea::password
