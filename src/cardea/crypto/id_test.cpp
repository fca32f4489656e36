// Identifiers and bearer tokens: form, order, uniqueness, checksum.
#include "cardea/crypto/id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>
#include <vector>

#include "cardea/base/encoding.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::crypto {
namespace {

using namespace std::string_view_literals;

const Instant start = from_unix_ms(1'767'225'600'000);
constexpr std::string_view base62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

TEST(Uuid, IsNotWhatOnlyLooksLikeOne) {
    EXPECT_FALSE(is_uuid(""));
    EXPECT_FALSE(is_uuid("01890a5d-ac96-774b-bcce-b302099a805"));      // short
    EXPECT_FALSE(is_uuid("01890a5d-ac96-774b-bcce-b302099a80577"));    // long
    EXPECT_FALSE(is_uuid("01890A5D-ac96-774b-bcce-b302099a8057"));     // upper case
    EXPECT_FALSE(is_uuid("01890a5dac96-7-74b-bcce-b302099a8057"));     // dash astray
    EXPECT_FALSE(is_uuid("01890a5d-ac96-774b-bcce-b302099a805g"));     // not hex
    EXPECT_FALSE(is_uuid("01890a5d-ac96-774b-bcce\0b302099a8057"sv));  // NUL
    EXPECT_TRUE(is_uuid("01890a5d-ac96-774b-bcce-b302099a8057"));
}

TEST(Uuid7, CarriesItsTimeVersionAndVariant) {
    SeededRandom random;

    auto id = uuid7(from_unix_ms(0x0123456789ab), random);

    EXPECT_TRUE(is_uuid(id));
    EXPECT_EQ(id.substr(0, 13), "01234567-89ab");
    EXPECT_EQ(id[14], '7');
    EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos);
}

TEST(Uuid7, SortsByTime) {
    SeededRandom random;
    std::string before;
    for (int ms = 0; ms < 1000; ++ms) {
        auto id = uuid7(start + Milliseconds(ms * 997), random);
        EXPECT_LT(before, id);
        before = id;
    }
}

TEST(Uuid7, IsUniqueWithinOneMillisecond) {
    SystemRandom random;
    std::set<std::string> seen;
    for (int i = 0; i < 100'000; ++i) seen.insert(uuid7(start, random));
    EXPECT_EQ(seen.size(), 100'000u);
}

TEST(Uuid4, HasItsVersionAndNoTime) {
    SeededRandom random;

    auto first = uuid4(random);
    auto second = uuid4(random);

    EXPECT_TRUE(is_uuid(first));
    EXPECT_EQ(first[14], '4');
    EXPECT_NE(first.substr(0, 8), second.substr(0, 8));
}

TEST(PublicId, IsRefusedWithAnotherPrefixOrForm) {
    const std::string good = "acc_01890a5dac96774bbcceb302099a8057";
    EXPECT_FALSE(from_public_id("ses", good));
    EXPECT_FALSE(from_public_id("acc", ""));
    EXPECT_FALSE(from_public_id("acc", "01890a5d-ac96-774b-bcce-b302099a8057"));
    EXPECT_FALSE(from_public_id("acc", good.substr(0, good.size() - 1)));
    EXPECT_FALSE(from_public_id("acc", good + "0"));
    EXPECT_FALSE(from_public_id("acc", "acc-01890a5dac96774bbcceb302099a8057"));
    EXPECT_FALSE(from_public_id("acc", "acc_01890A5DAC96774BBCCEB302099A8057"));
    EXPECT_FALSE(from_public_id("acc", "acc_01890a5dac96774bbcceb302099a80-7"));
}

TEST(PublicId, LeadsBackToTheUuid) {
    SeededRandom random;
    auto uuid = uuid7(start, random);

    auto id = to_public_id("acc", uuid);

    EXPECT_EQ(id.size(), 36u);
    EXPECT_EQ(id.substr(0, 4), "acc_");
    EXPECT_EQ(from_public_id("acc", id), uuid);
}

TEST(Token, HasTheDocumentedForm) {
    SeededRandom random;

    auto token = make_token("cas", random);

    EXPECT_EQ(token.size(), 4u + 43u + 6u);
    EXPECT_TRUE(token.reveal().starts_with("cas_"));
    EXPECT_EQ(token.reveal().find_first_not_of(base62, 4), std::string::npos);
    EXPECT_TRUE(is_token("cas", token.reveal()));
}

TEST(Token, EndsInTheChecksumOfTheDocumentedExample) {
    const std::string body = "cas_" + std::string(43, '0');
    EXPECT_TRUE(is_token("cas", body + "17fjdm")) << "see docs/formats/token.md";
}

TEST(Token, IsRefusedWithAnyOneCharacterChanged) {
    SeededRandom random;
    const auto token = make_token("cak", random).reveal();
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (int c = 0; c < 256; ++c) {
            auto changed = token;
            changed[i] = static_cast<char>(c);
            EXPECT_EQ(is_token("cak", changed), changed == token) << i << " " << c;
        }
    }
}

TEST(Token, IsRefusedWithNeighboursSwapped) {
    SeededRandom random;
    const auto token = make_token("cas", random).reveal();
    for (std::size_t i = 0; i + 1 < token.size(); ++i) {
        auto swapped = token;
        std::swap(swapped[i], swapped[i + 1]);
        EXPECT_EQ(is_token("cas", swapped), swapped == token) << i;
    }
}

TEST(Token, IsRefusedCutLengthenedOrOfAnotherKind) {
    SeededRandom random;
    const auto token = make_token("cas", random).reveal();
    for (std::size_t size = 0; size < token.size(); ++size) {
        EXPECT_FALSE(is_token("cas", token.substr(0, size)));
    }
    EXPECT_FALSE(is_token("cas", token + "0"));
    EXPECT_FALSE(is_token("cas", " " + token));
    EXPECT_FALSE(is_token("cak", token));
}

TEST(Token, IsNeverTheSameTwiceAndEveryCharacterOfItVaries) {
    SystemRandom random;
    std::unordered_set<std::string> seen;
    std::vector<std::set<char>> characters(43);
    for (int i = 0; i < 100'000; ++i) {
        auto token = make_token("cas", random).reveal();
        ASSERT_EQ(token.size(), 53u);
        // The first of 43 digits of base 62 cannot be any: 2^256 is less than 62^43.
        for (std::size_t at = 1; at < 43; ++at) characters[at].insert(token[4 + at]);
        seen.insert(std::move(token));
    }

    EXPECT_EQ(seen.size(), 100'000u);
    for (std::size_t at = 1; at < 43; ++at) EXPECT_EQ(characters[at].size(), 62u) << at;
}

}  // namespace
}  // namespace cardea::crypto
