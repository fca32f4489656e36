// Hashing with the scheme of choice and checking anything: refusals, what is written, who does the
// work, and that refusals look alike.
#include "cardea/password/formats/any_hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "cardea/password/formats/fit.hpp"
#include "cardea/password/formats/reading_fixture.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/deadline.hpp"
#include "tests/support/run.hpp"

namespace cardea::password::formats {
namespace {

const Settings cheap{.cost = 4, .threads = 1, .other_threads = 1};
const Settings cheap_argon2{.cost = 4,
                            .threads = 1,
                            .scheme = Scheme::argon2id,
                            .argon2_memory_mib = 8,
                            .argon2_passes = 1,
                            .other_threads = 1};

const std::string bcrypt = "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm";
const std::string ssha = "{SSHA}5j9eZrPBmh9qaHyfoV9z21A4vpQ4x7j3";
const std::string argon2 =
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
    "Mh+Mb+VmDlZqT44zbvvEW1bZ/nS1EiQ0mRXAHTvu480";
const std::string django_bcrypt =
    "bcrypt_sha256$$2b$04$Kfyf4aDvia2MWCkmWgG4o.n.LCkwiQ/okPuVtnpVRTgVucHQiOLTi";

std::string pbkdf2(int iterations) {
    return "pbkdf2_sha256$" + std::to_string(iterations) +
           "$seasalt2$2AMCwgEhUQtF1lwU3DfZLiHfwWp4VTXuKc+TxIyz4+0=";
}

SecretText secret(std::string text) {
    return SecretText(std::move(text));
}

// Counts the work in units of one cost-0 hash.
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

struct AnyHash : testing::Test {
    std::string verdict(AnyHasher& hasher, std::string stored, std::string password = known) {
        auto checked = run(io, hasher.check(secret(std::move(password)), std::move(stored)));
        if (!checked) return std::string(checked.error().reason().slug);
        return *checked == Verdict::right ? "right" : "wrong";
    }
    asio::io_context io{1};
};

TEST_F(AnyHash, RefusesAnAttemptBeforeTheStoredHashIsLookedAt) {
    AnyHasher hasher(cheap);
    std::string nul("a\0b", 3);
    std::string endless(4097, 'a');

    for (const auto& stored : {bcrypt, ssha, argon2, std::string("damaged")}) {
        EXPECT_EQ(verdict(hasher, stored, nul), has_nul.slug);
        EXPECT_EQ(verdict(hasher, stored, endless), too_long.slug);
    }
    EXPECT_TRUE(run(io, hasher.check_decoy(secret(nul))).error().is(has_nul));
    EXPECT_TRUE(run(io, hasher.check_decoy(secret(endless))).error().is(too_long));
    EXPECT_TRUE(run(io, hasher.hash(secret(nul))).error().is(has_nul));
}

TEST_F(AnyHash, AnswersADamagedHashAtOnce) {
    std::atomic<std::uint64_t> work = 0;
    auto side =
        std::make_unique<Hasher>(cheap, SaltSource{}, std::make_unique<CountingKernel>(work));
    AnyHasher hasher(cheap, fit(std::move(side)));

    for (const auto& stored : {std::string(), std::string("{SSHA}AAAA"), bcrypt.substr(1),
                               argon2 + '\0', argon2 + std::string(1'000'000, 'a')}) {
        EXPECT_EQ(verdict(hasher, stored), malformed);
    }
    EXPECT_EQ(work, 0U);
}

TEST_F(AnyHash, RefusesWhatCostsMoreThanIsAllowed) {
    AnyHasher hasher({.cost = 4, .maximum_cost = 12, .threads = 1, .other_threads = 1});

    EXPECT_EQ(verdict(hasher, with(argon2, "m=256", "m=1048576")), cost_refused.slug);
    EXPECT_EQ(verdict(hasher, with(argon2, "t=2", "t=4294967295")), cost_refused.slug);
    EXPECT_EQ(verdict(hasher, pbkdf2(2'000'000'000)), cost_refused.slug);
    EXPECT_EQ(verdict(hasher, with(bcrypt, "$04$", "$13$")), cost_refused.slug);
    EXPECT_EQ(verdict(hasher, with(django_bcrypt, "$04$", "$13$")), cost_refused.slug);
}

TEST_F(AnyHash, TellsWrongFromRightInEveryFormat) {
    AnyHasher hasher(cheap);

    for (const auto& stored : {ssha, argon2, django_bcrypt, pbkdf2(1000)}) {
        EXPECT_EQ(verdict(hasher, stored), "right") << stored;
        EXPECT_EQ(verdict(hasher, stored, "another password"), "wrong") << stored;
    }
    EXPECT_EQ(verdict(hasher, bcrypt, "Kk4DQuMMfZL9o"), "right");
    EXPECT_EQ(verdict(hasher, bcrypt, "Kk4DQuMMfZL9p"), "wrong");
}

TEST_F(AnyHash, FindsWhatBcryptWouldCutWrong) {
    AnyHasher hasher(cheap);
    auto stored = run(io, hasher.hash(secret(std::string(72, 'a')))).value();

    EXPECT_EQ(verdict(hasher, stored, std::string(72, 'a')), "right");
    EXPECT_EQ(verdict(hasher, stored, std::string(73, 'a')), "wrong");
    EXPECT_EQ(run(io, hasher.check_decoy(secret(std::string(73, 'a')))), Verdict::wrong);
}

TEST_F(AnyHash, WritesBcryptUnlessToldOtherwise) {
    AnyHasher hasher(cheap);

    auto stored = run(io, hasher.hash(secret(known))).value();

    EXPECT_TRUE(stored.starts_with("$2b$04$")) << stored;
    EXPECT_EQ(verdict(hasher, stored), "right");
}

TEST_F(AnyHash, WritesArgon2idWhenTold) {
    AnyHasher hasher(cheap_argon2);

    auto stored = run(io, hasher.hash(secret(known))).value();
    auto again = run(io, hasher.hash(secret(known))).value();

    EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=8192,t=1,p=1$")) << stored;
    EXPECT_NE(stored, again) << "a fresh salt each";
    EXPECT_EQ(verdict(hasher, stored), "right");
    EXPECT_EQ(verdict(hasher, stored, "another password"), "wrong");
    EXPECT_EQ(verdict(hasher, bcrypt, "Kk4DQuMMfZL9o"), "right");
    EXPECT_EQ(run(io, hasher.check_decoy(secret(known))), Verdict::wrong);
}

TEST_F(AnyHash, AsksForANewHashWheneverThePresentSchemeWouldWriteAnother) {
    AnyHasher writes_bcrypt({.cost = 5, .threads = 1, .other_threads = 1});
    AnyHasher writes_argon2(cheap_argon2);
    auto present = run(io, writes_argon2.hash(secret(known))).value();

    for (const auto& stored : {ssha, argon2, django_bcrypt, pbkdf2(1000), bcrypt, present})
        EXPECT_TRUE(writes_bcrypt.needs_rehash(stored)) << stored;
    EXPECT_FALSE(writes_bcrypt.needs_rehash(with(bcrypt, "$04$", "$05$")));
    for (const auto& stored : {ssha, argon2, django_bcrypt, pbkdf2(1000), bcrypt})
        EXPECT_TRUE(writes_argon2.needs_rehash(stored)) << stored;
    EXPECT_FALSE(writes_argon2.needs_rehash(present));
    EXPECT_TRUE(writes_argon2.needs_rehash(with(present, "m=8192", "m=4096")));
    EXPECT_FALSE(writes_argon2.needs_rehash(with(present, "m=8192", "m=9000")));
    EXPECT_FALSE(writes_bcrypt.needs_rehash("damaged"));
    EXPECT_FALSE(writes_argon2.needs_rehash("damaged"));
}

// Time: an old hash that is cheap must not be told by a quick refusal.
TEST_F(AnyHash, WorksAsMuchForAWrongPasswordOfAnOldHashAsForAnUnknownAccount) {
    for (const auto& stored : {ssha, argon2, std::string()}) {
        std::atomic<std::uint64_t> work = 0;
        Settings settings{.cost = 10, .threads = 1, .other_threads = 1};
        auto side = std::make_unique<Hasher>(settings, SaltSource{},
                                             std::make_unique<CountingKernel>(work));
        AnyHasher hasher(settings, fit(std::move(side)));

        auto refused = stored.empty() ? run(io, hasher.check_decoy(secret("another")))
                                      : run(io, hasher.check(secret("another"), stored));

        EXPECT_EQ(refused, Verdict::wrong);
        EXPECT_EQ(work, 1U << 10U) << stored;
    }
}

TEST_F(AnyHash, RefusesNobodySoonerThanTheSlowestKindThatWasSeen) {
    AnyHasher hasher(cheap);
    auto time_of = [](auto&& work) {
        auto begin = std::chrono::steady_clock::now();
        work();
        return std::chrono::steady_clock::now() - begin;
    };
    (void)verdict(hasher, pbkdf2(200'000), "another");

    auto unknown = time_of([&] { (void)run(io, hasher.check_decoy(secret("another"))); });
    auto present = time_of([&] { (void)verdict(hasher, bcrypt, "another"); });
    auto quick = time_of([&] { (void)verdict(hasher, ssha, "another"); });

    // No machine does 200,000 iterations sooner.
    constexpr auto least = 10ms;
    EXPECT_GT(unknown, least);
    EXPECT_GT(present, least);
    EXPECT_GT(quick, least);
}

TEST_F(AnyHash, RefusesNobodySoonerThanBcryptOfAHigherCost) {
    AnyHasher hasher(cheap);
    auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(verdict(hasher, with(bcrypt, "$04$", "$10$"), "another"), "wrong");
    auto slow = std::chrono::steady_clock::now() - begin;

    begin = std::chrono::steady_clock::now();
    (void)run(io, hasher.check_decoy(secret("another")));

    EXPECT_GT(std::chrono::steady_clock::now() - begin, slow / 2);
}

/// Checks take so long, behind so many.
class SlowSide final : public BcryptSide {
  public:
    struct Load {
        Milliseconds time{0};
        std::size_t waiting = 0;
    };
    explicit SlowSide(const Load& load) : load_(load) {}
    Task<std::string> hash(SecretText) override { co_return bcrypt; }
    Task<Verdict> check(SecretText, std::string) override {
        auto waited = co_await runtime::sleep(load_.time);
        if (!waited) co_return std::unexpected(waited.error());
        co_return Verdict::wrong;
    }
    Task<Verdict> check_decoy(SecretText) override { co_return Verdict::wrong; }
    Result<void> ready() const override { return {}; }
    bool needs_rehash(std::string_view) const override { return false; }
    std::size_t waiting() const override { return load_.waiting; }
    void stop() override {}

  private:
    const Load& load_;
};

TEST_F(AnyHash, DoesNotTakeTheTimeInTheQueueForTheTimeOfAHash) {
    SlowSide::Load load{.time = 20ms, .waiting = 0};
    AnyHasher hasher(cheap, std::make_unique<SlowSide>(load));
    auto check = [&] { (void)verdict(hasher, with(bcrypt, "$04$", "$10$"), "another"); };
    auto time_of_refusal = [&] {
        auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(run(io, hasher.check_decoy(secret("another"))), Verdict::wrong);
        return std::chrono::steady_clock::now() - begin;
    };
    check();
    EXPECT_GE(time_of_refusal(), 15ms) << "what it took is seen";

    load = {.time = 1000ms, .waiting = 3};
    check();

    // A sixteenth of the difference would make it eighty.
    EXPECT_LT(time_of_refusal(), 70ms);
}

TEST_F(AnyHash, RefusesWhatDoesNotFitIntoTheQueue) {
    AnyHasher hasher({.cost = 4, .threads = 1, .queue_limit = 1, .other_threads = 1});
    int answered = 0;
    std::vector<Error> refused;
    auto keep = [&](std::exception_ptr, Result<Verdict> result) {
        ++answered;
        if (!result) refused.push_back(result.error());
    };

    for (int i = 0; i < 20; ++i)
        asio::co_spawn(io, hasher.check(secret(known), pbkdf2(100'000)), keep);
    io.run();

    EXPECT_EQ(answered, 20);
    ASSERT_GE(refused.size(), 15U);
    for (const auto& error : refused) {
        EXPECT_TRUE(error.is(busy)) << error.describe();
        EXPECT_GE(error.retry_after().value_or(0s), 1s);
    }
}

TEST_F(AnyHash, ComputesNothingForAWaiterWhoseDeadlinePassed) {
    AnyHasher hasher({.cost = 4, .threads = 1, .queue_limit = 8, .other_threads = 1});
    std::vector<Result<Verdict>> results;
    auto keep = [&](std::exception_ptr, Result<Verdict> result) { results.push_back(result); };
    asio::co_spawn(io, hasher.check(secret(known), pbkdf2(400'000)), keep);

    auto waiter = hasher.check(secret(known), pbkdf2(400'000));
    asio::co_spawn(io, runtime::within(1ms, std::move(waiter)), keep);
    while (results.empty()) io.run_one();

    EXPECT_TRUE(results.at(0).error().is(deadline_passed));
    io.run();
    EXPECT_EQ(results.size(), 2U);
}

TEST_F(AnyHash, RefusesCallsAfterItStopped) {
    AnyHasher hasher(cheap);
    hasher.stop();

    EXPECT_EQ(verdict(hasher, ssha), busy.slug);
    EXPECT_EQ(verdict(hasher, bcrypt), busy.slug);
    EXPECT_TRUE(run(io, hasher.hash(secret(known))).error().is(busy));
}

TEST(ExaminedHash, SaysWhatItIsOrWhyItWouldNotBeChecked) {
    Settings settings{.cost = 10, .maximum_cost = 12};

    EXPECT_EQ(examine("{SHA}AAAA", settings).error().reason().slug, malformed);
    EXPECT_TRUE(examine(with(bcrypt, "$04$", "$13$"), settings).error().is(cost_refused));
    EXPECT_TRUE(examine(with(argon2, "m=256", "m=999999"), settings).error().is(cost_refused));
    EXPECT_EQ(examine(argon2, settings).value(), "argon2id");
    EXPECT_EQ(examine(bcrypt, settings).value(), "bcrypt");
}

}  // namespace
}  // namespace cardea::password::formats
