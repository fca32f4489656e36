// PasswordHandling as an application uses it: refusals, published pairs, many threads.
#include "cardea/embed/password_handling.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cardea/base/bytes.hpp"
#include "cardea/base/log.hpp"
#include "tests/support/vectors.hpp"

namespace cardea {
namespace {

const std::string known = "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm";
const std::string known_password = "Kk4DQuMMfZL9o";

PasswordHandling quick(PasswordHandling::Options options = {}) {
    options.salt_rounds = 4;
    return PasswordHandling(options);
}

std::string_view reason_of(const auto& result) {
    return result ? "none" : result.error().reason().slug;
}

TEST(PasswordHandling, RefusesRoundsThatBcryptDoesNotHave) {
    for (int rounds : {-1, 0, 3, 32, 100})
        EXPECT_THROW(PasswordHandling({.salt_rounds = rounds}), std::invalid_argument) << rounds;
    for (int rounds : {4, 10, 31})
        EXPECT_NO_THROW(PasswordHandling({.salt_rounds = rounds})) << rounds;
    EXPECT_EQ(PasswordHandling().options().salt_rounds, 10);
}

TEST(PasswordHandling, RefusesOver72BytesAndNeverCuts) {
    auto passwords = quick();

    EXPECT_EQ(reason_of(passwords.hash_password(std::string(73, 'a'))), "password.too_long");
    EXPECT_EQ(reason_of(passwords.hash_password(std::string(8'000'000, 'a'))), "password.too_long");
    EXPECT_EQ(reason_of(passwords.check_password(std::string(73, 'a'), known)),
              "password.too_long");
    auto longest = passwords.hash_password(std::string(72, 'a')).value();
    EXPECT_TRUE(passwords.check_password(std::string(72, 'a'), longest).value());
    EXPECT_FALSE(passwords.check_password(std::string(71, 'a') + 'b', longest).value());
}

TEST(PasswordHandling, RefusesNul) {
    auto passwords = quick();
    const std::string_view with_nul("secret\0rest", 11);

    EXPECT_EQ(reason_of(passwords.hash_password(with_nul)), "password.has_nul");
    EXPECT_EQ(reason_of(passwords.check_password(with_nul, known)), "password.has_nul");
}

TEST(PasswordHandling, NamesAMalformedHashAndIsNeverTrueForIt) {
    auto passwords = quick();
    std::vector<std::string> malformed{"",
                                       "plain text",
                                       std::string(60, '\0'),
                                       known + "x",
                                       std::string(1'000'000, '$'),
                                       "$argon2id$v=19$m=65536"};
    for (std::size_t size = 0; size < known.size(); ++size)
        malformed.push_back(known.substr(0, size));
    for (const char* cost : {"00", "03", "32", "99"}) {
        malformed.push_back(known);
        malformed.back().replace(4, 2, cost);
    }
    for (const auto& hash : malformed) {
        EXPECT_EQ(reason_of(passwords.check_password(known_password, hash)),
                  "password.malformed_hash")
            << hash.substr(0, 80);
        EXPECT_FALSE(passwords.needs_rehash(hash));
    }
}

TEST(PasswordHandling, NamesTheVariantThatIsNotSupported) {
    auto defective = known;
    defective[2] = 'x';

    EXPECT_EQ(reason_of(quick().check_password(known_password, defective)),
              "password.unsupported_hash");
}

TEST(PasswordHandling, RefusesACostThatWouldHangTheThread) {
    auto expensive = known;
    expensive.replace(4, 2, "31");

    EXPECT_EQ(reason_of(quick().check_password(known_password, expensive)),
              "password.cost_refused");
}

TEST(PasswordHandling, StampsItsErrorsWithTheConfiguredCode) {
    auto passwords = quick({.error = 7});

    EXPECT_EQ(passwords.check_password("x", "damaged").error().status(), 7);
    EXPECT_EQ(quick().hash_password(std::string(73, 'a')).error().status(), 84);
    EXPECT_EQ(quick().options().success, 0);
}

TEST(PasswordHandling, TellsWrongFromRight) {
    auto passwords = quick();

    EXPECT_FALSE(passwords.check_password("Kk4DQuMMfZL9p", known).value());
    EXPECT_FALSE(passwords.check_password("", known).value());
    EXPECT_TRUE(passwords.check_password(known_password, known).value());
}

TEST(PasswordHandling, HashesTextAndBytesAlike) {
    auto passwords = quick();
    const std::vector<std::byte> bytes = to_bytes("MyPassword123");

    auto hash = passwords.hash_password(bytes).value();

    EXPECT_TRUE(hash.starts_with("$2b$04$"));
    EXPECT_EQ(hash.size(), 60U);
    EXPECT_TRUE(passwords.check_password("MyPassword123", hash).value());
    EXPECT_TRUE(passwords.check_password(bytes, hash).value());
    EXPECT_TRUE(passwords.check_password(bytes, as_bytes(hash)).value());
    EXPECT_FALSE(passwords.check_password(to_bytes("MyPassword124"), hash).value());
}

TEST(PasswordHandling, HashesEveryByteButNulAsItIs) {
    auto passwords = quick();
    for (int byte = 1; byte < 256; byte += 51) {
        const std::vector<std::byte> odd{static_cast<std::byte>(byte), std::byte{0xFF}};

        EXPECT_TRUE(passwords.check_password(odd, passwords.hash_password(odd).value()).value());
    }
    // Composed and decomposed are two passwords here.
    auto composed = passwords.hash_password("caf\u00E9").value();
    EXPECT_FALSE(passwords.check_password("cafe\u0301", composed).value());
}

TEST(PasswordHandling, SaltsEveryHashAnew) {
    auto passwords = quick();
    std::set<std::string> hashes;

    for (int i = 0; i < 8; ++i) hashes.insert(passwords.hash_password("the same").value());

    EXPECT_EQ(hashes.size(), 8U);
}

TEST(PasswordHandling, AsksForANewHashWhenTheOldIsWeakerOrOlder) {
    PasswordHandling stronger({.salt_rounds = 5});
    auto of_kind_y = known;
    of_kind_y[2] = 'y';

    EXPECT_TRUE(stronger.needs_rehash(known));
    EXPECT_FALSE(quick().needs_rehash(known));
    EXPECT_TRUE(quick().needs_rehash(of_kind_y));
}

TEST(PasswordHandling, WorksForSixtyFourThreadsAtOnce) {
    const auto passwords = quick();
    std::atomic<int> right = 0;
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(64);
        for (int i = 0; i < 64; ++i) {
            threads.emplace_back([&, own = "password of thread " + std::to_string(i)] {
                for (int round = 0; round < 8; ++round) {
                    auto hash = passwords.hash_password(own).value();
                    right += passwords.check_password(own, hash).value();
                    wrong += !passwords.check_password(own + "!", hash).value();
                }
            });
        }
    }

    EXPECT_EQ(right, 64 * 8);
    EXPECT_EQ(wrong, 64 * 8);
}

TEST(PasswordHandling, RefusesCallersBeyondItsQueue) {
    const PasswordHandling passwords({.salt_rounds = 12, .queue_limit = 1});
    std::atomic<int> done = 0;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(64);
        for (int i = 0; i < 64; ++i) {
            threads.emplace_back([&] {
                auto hash = passwords.hash_password("password");
                done += hash.has_value();
                refused += !hash && hash.error().is(password::busy) &&
                           hash.error().retry_after().value() > std::chrono::seconds(0);
            });
        }
    }

    EXPECT_EQ(done + refused, 64);
    EXPECT_GT(done, 0);
    EXPECT_GT(refused, 0);
}

TEST(PasswordHandling, LogsItsCallsWithoutTheirSecrets) {
    log::Settings settings;
    settings.level = log::Level::debug;
    settings.file = testing::TempDir() + "password_handling.log";
    ASSERT_TRUE(log::open(settings));

    auto hash = quick({.debug = true}).hash_password("canary password").value();
    log::flush();
    ASSERT_TRUE(log::open({}));

    std::ifstream file(settings.file);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(text.find("password.hash_password"), std::string::npos);
    EXPECT_EQ(text.find("canary"), std::string::npos);
    EXPECT_EQ(text.find(hash.substr(29)), std::string::npos);
}

TEST(PasswordHandling, VerifiesEveryPublishedPairThatFits) {
    auto file = read_vectors("bcrypt.json");
    if (!file) GTEST_SKIP() << "bcrypt.json is not there";
    auto passwords = quick();
    int right = 0;
    for (const auto& vector : file->at("vectors").as_array()) {
        auto password = hex_of(vector, "password_hex");
        auto hash = text_of(vector, "hash");
        auto checked = passwords.check_password(password, hash);
        if (hash.starts_with("$2x$")) {
            EXPECT_EQ(reason_of(checked), "password.unsupported_hash") << hash;
        } else if (!checked) {
            EXPECT_TRUE(reason_of(checked) == "password.too_long" ||
                        reason_of(checked) == "password.has_nul")
                << hash;
        } else {
            EXPECT_TRUE(*checked) << hash;
            ++right;
        }
    }
    EXPECT_GT(right, 1000);
}

}  // namespace
}  // namespace cardea
