// Hashing and checking off the thread that waits: published pairs, damaged hashes, full queues.
#include "cardea/password/hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>

#include "cardea/base/encoding.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/deadline.hpp"
#include "tests/support/run.hpp"

namespace cardea::password {
namespace {

const Settings cheap{.cost = 4, .threads = 1};
const std::string known = "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm";
const std::string known_password = "Kk4DQuMMfZL9o";

SecretText secret(std::string text) {
    return SecretText(std::move(text));
}

// Counts the work in units of one cost-0 hash and can be made to wait.
class CountingKernel final : public Kernel {
  public:
    struct Count {
        std::atomic<std::uint64_t> work = 0;
        std::atomic<int> calls = 0;
        std::promise<void> begun;
        std::shared_future<void> gate;
    };
    explicit CountingKernel(std::shared_ptr<Count> count) : count_(std::move(count)) {}
    Result<Digest> compute(std::string_view, Variant, int cost, const Salt&) const override {
        count_->work += std::uint64_t{1} << cost;
        if (count_->calls++ == 0 && count_->gate.valid()) {
            count_->begun.set_value();
            count_->gate.wait();
        }
        return Digest{};
    }

  private:
    std::shared_ptr<Count> count_;
};

struct Counted {
    explicit Counted(Settings settings)
        : hasher(settings, {}, std::make_unique<CountingKernel>(count)) {}
    std::shared_ptr<CountingKernel::Count> count = std::make_shared<CountingKernel::Count>();
    Hasher hasher;
};

std::string hash_of_cost(int cost) {
    return to_string(BcryptHash{Variant::b, cost, {}, {}});
}

// The event loop outlives the hasher: a thread may still be on its way out of posting a result.
struct PasswordHasher : testing::Test {
    asio::io_context io{1};
};
struct PasswordVectors : PasswordHasher {};

TEST_F(PasswordHasher, RefusesWhatBcryptCannotTake) {
    Hasher hasher(cheap);

    auto long_hash = run(io, hasher.hash(secret(std::string(73, 'a'))));
    auto nul_hash = run(io, hasher.hash(secret(std::string("a\0b", 3))));
    auto long_check = run(io, hasher.check(secret(std::string(73, 'a')), known));
    auto nul_decoy = run(io, hasher.check_decoy(secret(std::string("a\0b", 3))));

    EXPECT_TRUE(long_hash.error().is(too_long));
    EXPECT_TRUE(nul_hash.error().is(has_nul));
    EXPECT_TRUE(long_check.error().is(too_long));
    EXPECT_TRUE(nul_decoy.error().is(has_nul));
}

TEST_F(PasswordHasher, RefusesCostsAboveTheMaximumWithoutComputing) {
    Counted counted({.cost = 4, .maximum_cost = 12, .threads = 1});

    auto verdict = run(io, counted.hasher.check(secret("password"), hash_of_cost(13)));

    EXPECT_TRUE(verdict.error().is(cost_refused));
    EXPECT_EQ(counted.count->calls, 0);
}

TEST_F(PasswordHasher, AnswersADamagedHashAtOnce) {
    Counted counted(cheap);

    auto verdict = run(io, counted.hasher.check(secret("password"), "$2b$04$damaged"));

    EXPECT_TRUE(verdict.error().is(malformed_hash));
    EXPECT_EQ(counted.count->calls, 0);
}

TEST_F(PasswordHasher, TellsWrongFromRight) {
    Hasher hasher(cheap);

    EXPECT_EQ(*run(io, hasher.check(secret("Kk4DQuMMfZL9p"), known)), Verdict::wrong);
    EXPECT_EQ(*run(io, hasher.check(secret(""), known)), Verdict::wrong);
    EXPECT_EQ(*run(io, hasher.check(secret(known_password), known)), Verdict::right);
}

TEST_F(PasswordHasher, ChecksWhatItMade) {
    Hasher hasher(cheap);

    auto stored = run(io, hasher.hash(secret("correct horse")));

    ASSERT_TRUE(stored.has_value());
    EXPECT_TRUE(stored->starts_with("$2b$04$"));
    EXPECT_EQ(*run(io, hasher.check(secret("correct horse"), *stored)), Verdict::right);
    EXPECT_EQ(*run(io, hasher.check(secret("correct horsf"), *stored)), Verdict::wrong);
}

TEST_F(PasswordHasher, ReadsAll72Bytes) {
    Hasher hasher(cheap);
    auto stored = *run(io, hasher.hash(secret(std::string(72, 'a'))));

    EXPECT_EQ(*run(io, hasher.check(secret(std::string(71, 'a') + 'b'), stored)), Verdict::wrong);
    EXPECT_EQ(*run(io, hasher.check(secret(std::string(72, 'a')), stored)), Verdict::right);
}

TEST_F(PasswordHasher, SaltsEveryHashAnew) {
    Hasher hasher(cheap);
    std::set<std::string> hashes;

    for (int i = 0; i < 8; ++i) hashes.insert(*run(io, hasher.hash(secret("the same"))));

    EXPECT_EQ(hashes.size(), 8U);
}

TEST_F(PasswordHasher, TakesItsSaltFromTheGivenSource) {
    auto zeros = [](std::span<std::byte> out) { std::ranges::fill(out, std::byte{0}); };
    Hasher hasher(cheap, zeros);

    EXPECT_TRUE(
        run(io, hasher.hash(secret("password")))->starts_with("$2b$04$......................"));
}

TEST_F(PasswordHasher, FindsADecoyAlwaysWrongEvenWhenItMatches) {
    Counted counted(cheap);  // this kernel's digest is the decoy's

    EXPECT_EQ(*run(io, counted.hasher.check_decoy(secret("password"))), Verdict::wrong);
}

TEST_F(PasswordHasher, WorksAsMuchForAnUnknownAccountAsForAnOldOrANewOne) {
    for (int stored_cost = 4; stored_cost <= 10; ++stored_cost) {
        Counted decoy({.cost = 10, .threads = 1});
        Counted stored({.cost = 10, .threads = 1});

        ASSERT_TRUE(run(io, decoy.hasher.check_decoy(secret("password"))).has_value());
        ASSERT_TRUE(run(io, stored.hasher.check(secret("password"), hash_of_cost(stored_cost))));

        EXPECT_EQ(decoy.count->work, 1U << 10U);
        EXPECT_EQ(stored.count->work, 1U << 10U) << "stored cost " << stored_cost;
    }
}

TEST_F(PasswordHasher, AsksForANewHashWhenTheOldIsWeakerOrOfAnOlderKind) {
    Hasher hasher({.cost = 5, .threads = 1});
    auto of_kind_a = hash_of_cost(5);
    of_kind_a[2] = 'a';

    EXPECT_TRUE(hasher.needs_rehash(known));
    EXPECT_TRUE(hasher.needs_rehash(of_kind_a));
    EXPECT_FALSE(hasher.needs_rehash(hash_of_cost(5)));
    EXPECT_FALSE(hasher.needs_rehash(hash_of_cost(6)));
    EXPECT_FALSE(hasher.needs_rehash("damaged"));
}

// A hasher whose one thread is held until release().
struct Held {
    explicit Held(int queue_limit = 8) {
        count->gate = release_gate.get_future().share();
        Settings settings{.cost = 4, .threads = 1, .queue_limit = queue_limit, .nice = 0};
        hasher = std::make_unique<Hasher>(settings, SaltSource{},
                                          std::make_unique<CountingKernel>(count));
        start();
        count->begun.get_future().wait();
    }
    void start() {
        auto keep = [this](std::exception_ptr, Result<Verdict> verdict) {
            verdicts.push_back(std::move(verdict));
        };
        asio::co_spawn(io, hasher->check_decoy(secret("password")), keep);
        io.poll();
    }
    void release() { release_gate.set_value(); }

    asio::io_context io{1};
    std::shared_ptr<CountingKernel::Count> count = std::make_shared<CountingKernel::Count>();
    std::promise<void> release_gate;
    std::vector<Result<Verdict>> verdicts;
    std::unique_ptr<Hasher> hasher;
};

TEST_F(PasswordHasher, RefusesWhatDoesNotFitIntoTheQueue) {
    Held held(3);
    for (int i = 0; i < 5; ++i) held.start();

    ASSERT_EQ(held.verdicts.size(), 2U);
    EXPECT_TRUE(held.verdicts[0].error().is(busy));
    EXPECT_GE(held.verdicts[0].error().retry_after().value(), 1s);
    EXPECT_EQ(held.hasher->waiting(), 3U);
    held.release();
    held.io.run();
    EXPECT_EQ(held.verdicts.size(), 6U);
}

TEST_F(PasswordHasher, ComputesNothingForAWaiterWhoseDeadlinePassed) {
    Held held;
    std::optional<Result<Verdict>> late;
    auto keep = [&late](std::exception_ptr, Result<Verdict> verdict) { late = std::move(verdict); };
    auto waiter = held.hasher->check_decoy(secret("password"));
    asio::co_spawn(held.io, runtime::within(1ms, std::move(waiter)), keep);
    while (!late) held.io.run_one();

    held.release();
    held.io.run();

    EXPECT_TRUE(late->error().is(deadline_passed));
    EXPECT_EQ(held.count->calls, 1);
}

TEST_F(PasswordHasher, EndsWaitersWithBusyWhenItStops) {
    Held held(50);
    for (int i = 0; i < 50; ++i) held.start();
    auto stop = std::async(std::launch::async, [&held] { held.hasher->stop(); });
    while (held.hasher->waiting() > 0) std::this_thread::yield();  // it is stopping

    held.release();
    stop.wait();
    held.io.run();

    auto is_busy = [](const Result<Verdict>& v) { return !v && v.error().is(busy); };
    EXPECT_EQ(std::ranges::count_if(held.verdicts, is_busy), std::ssize(held.verdicts) - 1);
    EXPECT_EQ(held.count->calls, 1);
}

TEST_F(PasswordHasher, RefusesCallsAfterItStopped) {
    Hasher hasher(cheap);
    hasher.stop();

    EXPECT_TRUE(run(io, hasher.hash(secret("password"))).error().is(busy));
}

TEST_F(PasswordHasher, ServesManyAtOnce) {
    Hasher hasher({.cost = 4, .threads = 4, .queue_limit = 64});
    int right = 0;
    auto count = [&right](std::exception_ptr, Result<Verdict> verdict) {
        right += verdict && *verdict == Verdict::right;
    };

    for (int i = 0; i < 40; ++i) {
        asio::co_spawn(io, hasher.check(secret(known_password), known), count);
    }
    io.run();

    EXPECT_EQ(right, 40);
}

boost::json::value read_vectors(const std::string& name) {
    std::ifstream file(std::string(CARDEA_VECTORS_DIR) + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return file ? boost::json::parse(text.str()) : boost::json::value();
}

std::string text_of(const boost::json::value& value) {
    return std::string(value.as_string());
}

bool fits_bcrypt(const std::string& password) {
    return password.size() <= longest_password && password.find('\0') == std::string::npos;
}

TEST_F(PasswordVectors, EveryPublishedPairVerifiesOrIsRefusedByName) {
    auto file = read_vectors("bcrypt.json");
    if (file.is_null()) GTEST_SKIP() << "bcrypt.json is not there";
    Hasher hasher({.cost = 4, .threads = 2});
    int right = 0;
    for (const auto& vector : file.at("vectors").as_array()) {
        auto password = to_text(*from_hex(text_of(vector.at("password_hex"))));
        auto stored = text_of(vector.at("hash"));

        auto verdict = run(io, hasher.check(secret(password), stored));

        if (stored.starts_with("$2x$")) {
            EXPECT_TRUE(verdict.error().is(unsupported_hash)) << stored;
        } else if (!fits_bcrypt(password)) {
            auto& reason = verdict.error().reason();
            EXPECT_TRUE(reason.slug == too_long.slug || reason.slug == has_nul.slug) << stored;
        } else {
            ASSERT_TRUE(verdict.has_value()) << stored;
            EXPECT_EQ(*verdict, Verdict::right) << stored;
            ++right;
        }
    }
    EXPECT_GT(right, 1000);
}

TEST_F(PasswordVectors, NoDamagedHashVerifiesOrTakesLong) {
    auto file = read_vectors("bcrypt-malformed.json");
    if (file.is_null()) GTEST_SKIP() << "bcrypt-malformed.json is not there";
    Counted counted(cheap);
    for (const auto& item : file.at("cases").as_array()) {
        if (item.at("may_verify").as_bool()) continue;
        auto password = to_text(*from_hex(text_of(item.at("password_hex"))));
        auto stored = text_of(item.at("hash"));

        auto verdict = run(io, counted.hasher.check(secret(password), stored));

        EXPECT_FALSE(verdict.has_value()) << stored;
    }
    EXPECT_EQ(counted.count->calls, 0);
}

}  // namespace
}  // namespace cardea::password
