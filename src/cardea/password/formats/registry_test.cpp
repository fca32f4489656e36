// The registry as a whole: no text is read twice, slowly, or by accident.
#include "cardea/password/formats/registry.hpp"

#include <chrono>
#include <set>

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

TEST(Registry, RefusesWhatNobodyWrites) {
    for (std::string_view text :
         {"", "$", "$$", "{", "plain text", "5f4dcc3b5aa765d61d8327deb882cf99", "$3$x", "$argon2$x",
          "pbkdf2", "$2", "$9$", "!", "x", "NULL"}) {
        EXPECT_EQ(outcome(text), malformed) << text;
    }
}

TEST(Registry, RefusesAnyPrefixWithNothingBehindIt) {
    for (const auto& format : all()) {
        EXPECT_EQ(outcome(format.prefix), malformed) << format.prefix;
        EXPECT_EQ(outcome(std::string(format.prefix) + "$$$$$$"), malformed) << format.prefix;
    }
}

TEST(Registry, RefusesAMegabyteAtOnce) {
    for (const auto& format : all()) {
        auto huge = std::string(format.prefix) + std::string(1'000'000, 'a');
        auto begin = std::chrono::steady_clock::now();

        EXPECT_EQ(outcome(huge), malformed) << format.prefix;

        EXPECT_LT(std::chrono::steady_clock::now() - begin, 10ms) << format.prefix;
    }
}

TEST(Registry, RefusesWhatIsNotPrintable) {
    std::string good = "{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9g=";
    for (char c : {'\0', ' ', '\t', '\n', '\x7f', '\x80', '\xff'}) {
        EXPECT_EQ(outcome(good + c), malformed);
        EXPECT_EQ(outcome(c + good), malformed);
    }
}

TEST(Registry, HasNoPrefixThatBeginsAnother) {
    for (const auto& one : all()) {
        for (const auto& other : all()) {
            if (&one == &other) continue;
            EXPECT_FALSE(other.prefix.starts_with(one.prefix)) << one.prefix << other.prefix;
        }
    }
}

TEST(Registry, NamesAHashByItsPrefix) {
    EXPECT_EQ(name_of("$2b$10$whatever"), "bcrypt");
    EXPECT_EQ(name_of("$argon2id$"), "argon2id");
    EXPECT_EQ(name_of("{ssha}x"), "ldap-ssha");
    EXPECT_EQ(name_of("rot13"), "unknown");
}

TEST(Registry, SaysWhatIsAllowedWhenTooMuchIsAsked) {
    Limits limits{.memory = 64U << 20U, .time = 100ms};

    auto memory = check_demand({65U << 20U, 1ms}, limits);
    auto time = check_demand({1024, 101ms}, limits);

    EXPECT_TRUE(memory.error().is(cost_refused));
    EXPECT_EQ(memory.error().detail(), "needs 65 MiB of memory, 64 are allowed");
    EXPECT_EQ(time.error().detail(), "takes about 101 ms, 100 are allowed");
    EXPECT_TRUE(check_demand({64U << 20U, 100ms}, limits));
}

}  // namespace
}  // namespace cardea::password::formats
