// Passwords over 72 bytes: refused, stored, checked; and what passlib stored of them.
#include "cardea/password/long_form/long_hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>

#include "cardea/password/password.hpp"
#include "tests/support/run.hpp"

namespace cardea::password {
namespace {

constexpr std::string_view table = "t\u00e1\u0411\u2113\u0259";  // passlib's UPASS_TABLE

SecretText secret(std::string_view text) {
    return SecretText(std::string(text));
}

Settings cheap() {
    Settings settings;
    settings.cost = 4;
    settings.threads = 1;
    return settings;
}

std::string repeat(std::string_view text, std::size_t size) {
    std::string all;
    while (all.size() < size) all += text;
    return all.substr(0, size);
}

// Adds up what is computed; equal sums are equal times.
class CountingKernel final : public Kernel {
  public:
    explicit CountingKernel(std::atomic<std::uint64_t>& work) : work_(work) {}
    Result<Digest> compute(std::string_view, Variant, int cost, const Salt&) const override {
        work_ += std::uint64_t{1} << cost;
        return Digest{};
    }

  private:
    std::atomic<std::uint64_t>& work_;
};

struct LongPasswordsTest : testing::Test {
    Verdict verdict(std::string_view password, std::string stored) {
        return run(io, hashes.check(secret(password), std::move(stored))).value();
    }
    asio::io_context io{1};
    Hasher hasher{cheap()};
    LongHasher hashes{hasher};
};

TEST_F(LongPasswordsTest, RefusesNulAtAnyLength) {
    for (std::size_t size : {10U, 80U}) {
        auto password = std::string(size, 'a') + '\0';

        EXPECT_TRUE(run(io, hashes.hash(secret(password))).error().is(has_nul));
        EXPECT_TRUE(run(io, hashes.check_decoy(secret(password))).error().is(has_nul));
    }
}

TEST_F(LongPasswordsTest, RefusesMegabytesAtOnceWithoutHashing) {
    std::atomic<std::uint64_t> work = 0;
    Hasher counted(cheap(), {}, std::make_unique<CountingKernel>(work));
    LongHasher all(counted);
    auto stored = to_bcrypt_sha256({});
    auto begin = std::clock();

    for (std::size_t size : {1025UL, 64UL << 10U, 1UL << 20U, 10UL << 20U}) {
        auto password = secret(std::string(size, 'a'));
        EXPECT_TRUE(run(io, all.hash(password)).error().is(far_too_long));
        EXPECT_TRUE(run(io, all.check(password, stored)).error().is(far_too_long));
        EXPECT_TRUE(run(io, all.check_decoy(password)).error().is(far_too_long));
    }

    EXPECT_EQ(work, 0U);
    EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 2) << "twelve calls";
}

TEST_F(LongPasswordsTest, RefusesALongAttemptAtAHashThatAnotherSystemCut) {
    auto cut = run(io, hasher.hash(secret(std::string(72, 'a')))).value();

    EXPECT_EQ(verdict(std::string(73, 'a'), cut), Verdict::wrong);
    EXPECT_EQ(verdict(std::string(72, 'a'), cut), Verdict::right);
}

TEST_F(LongPasswordsTest, TakesNoLongAttemptForTheShortTextThatItCondensesTo) {
    auto long_text = secret(std::string(100, 'a'));
    auto stored = run(io, hasher.hash(condense(long_text, Salt()), Salt())).value();

    EXPECT_EQ(run(io, hashes.check(long_text, stored)).value(), Verdict::wrong);
}

TEST_F(LongPasswordsTest, NamesADamagedHashAtEveryLength) {
    for (std::size_t size : {10U, 100U}) {
        auto password = secret(std::string(size, 'a'));
        for (const char* stored : {"", "$bcrypt-sha256$", "$2b$04$damaged", "$argon2id$v=19$"}) {
            auto checked = run(io, hashes.check(password, stored));

            ASSERT_FALSE(checked) << stored;
            EXPECT_TRUE(checked.error().is(malformed_hash)) << stored;
        }
    }
}

TEST_F(LongPasswordsTest, TellsWrongFromRightBeyond72Bytes) {
    auto stored = run(io, hashes.hash(secret(std::string(100, 'a')))).value();

    EXPECT_EQ(verdict(std::string(99, 'a'), stored), Verdict::wrong);
    EXPECT_EQ(verdict(std::string(101, 'a'), stored), Verdict::wrong);
    EXPECT_EQ(verdict(std::string(72, 'a'), stored), Verdict::wrong);
    EXPECT_EQ(verdict(std::string(99, 'a') + 'b', stored), Verdict::wrong);
    EXPECT_EQ(verdict("", stored), Verdict::wrong);
    EXPECT_EQ(verdict(std::string(100, 'a'), stored), Verdict::right);
}

TEST_F(LongPasswordsTest, RefusesCallsAfterItsOwnHasherStopped) {
    LongHasher own(std::make_unique<Hasher>(cheap()));
    EXPECT_TRUE(run(io, own.hash(secret("password"))));
    EXPECT_EQ(own.waiting(), 0U);

    own.stop();

    EXPECT_TRUE(run(io, own.hash(secret(std::string(100, 'a')))).error().is(busy));
}

TEST_F(LongPasswordsTest, StoresTheLongFormOnlyWhereItIsNeeded) {
    auto form_of = [this](std::size_t size) {
        auto stored = run(io, hashes.hash(secret(std::string(size, 'a')))).value();
        EXPECT_EQ(verdict(std::string(size, 'a'), stored), Verdict::right);
        return stored.substr(0, stored.find('$', 1));
    };

    EXPECT_EQ(form_of(72), "$2b");
    EXPECT_EQ(form_of(73), "$bcrypt-sha256");
    EXPECT_EQ(form_of(1024), "$bcrypt-sha256");
}

TEST_F(LongPasswordsTest, VerifiesWhatPasslibPublishes) {
    const std::string prefix = "$bcrypt-sha256$v=2,t=2b,r=5$";
    const std::string long_salt = prefix + "X1g1nh3g0v4h6970O68cxe$";
    auto long_text = repeat("abc123", 72);

    EXPECT_EQ(verdict("", prefix + "E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe"),
              Verdict::right);
    EXPECT_EQ(
        verdict("password", prefix + "5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS"),
        Verdict::right);
    EXPECT_EQ(verdict(table, prefix + ".US1fQ4TQS.ZTz/uJ5Kyn.$pzzgp40k8reM1CuQb03PvE0IDPQSdV6"),
              Verdict::right);
    EXPECT_EQ(verdict(long_text, long_salt + "zu1cloESVFIOsUIo7fCEgkdHaI9SSue"), Verdict::right);
    EXPECT_EQ(verdict(long_text + "qwr", long_salt + "CBF9csfEdW68xv3DwE6xSULXMtqEFP."),
              Verdict::right);
    EXPECT_EQ(verdict(long_text + "xyz", long_salt + "zC/1UDUG2ofEXB6Onr2vvyFzfhEOS3S"),
              Verdict::right);
    EXPECT_EQ(verdict(long_text + "xyz", long_salt + "CBF9csfEdW68xv3DwE6xSULXMtqEFP."),
              Verdict::wrong);
}

TEST_F(LongPasswordsTest, WorkAsMuchForAnUnknownAccountAsForAShortOrALongPassword) {
    auto work_of = [this](auto call) {
        std::atomic<std::uint64_t> work = 0;
        Hasher counted(cheap(), {}, std::make_unique<CountingKernel>(work));
        LongHasher all(counted);
        EXPECT_TRUE(run(io, call(all)));
        return work.load();
    };
    const BcryptHash present{Variant::b, 4, {}, {}};

    for (std::size_t size : {10U, 72U, 73U, 1000U}) {
        auto attempt = secret(std::string(size, 'a'));
        auto decoy = work_of([&](LongHasher& all) { return all.check_decoy(attempt); });
        auto plain =
            work_of([&](LongHasher& all) { return all.check(attempt, to_string(present)); });
        auto long_form =
            work_of([&](LongHasher& all) { return all.check(attempt, to_bcrypt_sha256(present)); });

        EXPECT_EQ(decoy, 1U << 4U) << size;
        EXPECT_EQ(plain, decoy) << size;
        EXPECT_EQ(long_form, decoy) << size;
    }
}

TEST_F(LongPasswordsTest, AskForANewHashWhenTheCostIsStale) {
    Settings stronger = cheap();
    stronger.cost = 6;
    Hasher strong(stronger);
    LongHasher all(strong);

    EXPECT_TRUE(all.needs_rehash(to_bcrypt_sha256({Variant::b, 5, {}, {}})));
    EXPECT_FALSE(all.needs_rehash(to_bcrypt_sha256({Variant::b, 6, {}, {}})));
    EXPECT_FALSE(all.needs_rehash("$bcrypt-sha256$damaged"));
    EXPECT_TRUE(all.needs_rehash(to_string({Variant::b, 5, {}, {}})));
}

}  // namespace
}  // namespace cardea::password
