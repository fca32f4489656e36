// Randomness: uniform numbers, unique nonces, and children that differ from their parent.
#include "cardea/crypto/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <tuple>

#include "tests/support/seeded_random.hpp"

namespace cardea::crypto {
namespace {

// What a forked child draws, handed back through a pipe.
Bytes drawn_in_a_child(SystemRandom& random) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto drawn = random.bytes(32);
        const auto written = write(ends[1], drawn.data(), drawn.size());
        _exit(written == 32 ? 0 : 1);
    }
    Bytes drawn(32);
    EXPECT_EQ(read(ends[0], drawn.data(), drawn.size()), 32);
    close(ends[0]);
    close(ends[1]);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    return drawn;
}

TEST(SystemRandom, GivesForkedProcessesDifferentBytes) {
    SystemRandom random;
    std::ignore = random.bytes(32);  // the generator is seeded before the forks

    const auto first = drawn_in_a_child(random);
    const auto second = drawn_in_a_child(random);
    const auto parent = random.bytes(32);

    EXPECT_NE(first, second);
    EXPECT_NE(first, parent);
    EXPECT_NE(second, parent);
}

TEST(SystemRandom, GivesAHundredThousandDifferentNonces) {
    SystemRandom random;
    std::set<Bytes> seen;
    for (int i = 0; i < 100'000; ++i) seen.insert(random.bytes(12));
    EXPECT_EQ(seen.size(), 100'000u);
}

TEST(SystemRandom, FillsEveryByte) {
    SystemRandom random;
    Bytes touched(300);
    for (int round = 0; round < 40; ++round) {
        const auto drawn = random.bytes(touched.size());
        for (std::size_t i = 0; i < drawn.size(); ++i) touched[i] |= drawn[i];
    }
    EXPECT_EQ(std::ranges::count(touched, std::byte{0}), 0);
}

TEST(RandomNumbers, StayBelowTheirLimit) {
    SeededRandom random;
    EXPECT_EQ(random.below(0), 0u);
    EXPECT_EQ(random.below(1), 0u);
    for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(7), 7u);
}

TEST(RandomNumbers, FallEquallyOften) {
    SeededRandom random;
    std::array<int, 6> counts{};
    for (int i = 0; i < 60'000; ++i) ++counts[random.below(counts.size())];
    for (int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

// Draws the numbers given, in order.
class Scripted final : public Random {
  public:
    explicit Scripted(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
    void fill(std::span<std::byte> out) override {
        std::memcpy(out.data(), &numbers_.at(next_++), out.size());
    }
    std::size_t drawn() const { return next_; }

  private:
    std::vector<std::uint64_t> numbers_;
    std::size_t next_ = 0;
};

TEST(RandomNumbers, AreDrawnAgainWhereTheRestWouldFavourSome) {
    // 2^64 mod 3 = 1: the number 0 stands for the one bucket too many.
    Scripted random({0, 5});

    EXPECT_EQ(random.below(3), 2u);
    EXPECT_EQ(random.drawn(), 2u);
}

}  // namespace
}  // namespace cardea::crypto
