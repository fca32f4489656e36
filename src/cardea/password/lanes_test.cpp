// Lanes against the system's library, in every number, joining and leaving at random.
#include "cardea/password/lanes.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "cardea/password/examination.hpp"
#include "cardea/password/kernel.hpp"

namespace cardea::password {
namespace {

// ./test says how many: fewer under sanitizers, more with --long.
int cases_in_all() {
    const char* wanted = std::getenv("CARDEA_DIFFERENTIAL_CASES");
    return wanted == nullptr ? 5000 : std::atoi(wanted);
}

struct Case {
    std::string password;
    BcryptHash hash;
    std::uint64_t done = 0;

    std::uint64_t rounds() const { return std::uint64_t{1} << hash.cost; }
};

class Cases {
  public:
    explicit Cases(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    // Many bytes from 128 up and of 0xff: `$2a$` reads them in its own way.
    char any_byte_but_nul() {
        if (below(4) == 0) return '\xff';
        return static_cast<char>(1 + below(255));
    }
    Case next() {
        Case one;
        one.password.resize(below(73));
        for (auto& c : one.password) c = any_byte_but_nul();
        one.hash.variant = std::array{Variant::a, Variant::b, Variant::y}[below(3)];
        one.hash.cost = 4 + static_cast<int>(below(3));
        for (auto& byte : one.hash.salt) byte = static_cast<std::byte>(below(256));
        return one;
    }

  private:
    std::mt19937_64 random_;
};

struct Batch {
    Batch(Instructions instructions, std::uint64_t seed) : lanes(instructions), cases(seed) {}

    void join() {
        running.push_back(cases.next());
        auto& one = running.back();
        lanes.admit(one.password, one.hash.variant, one.hash.salt);
    }
    void run_a_while() {
        std::uint64_t most = 1 + cases.below(40);
        for (const auto& one : running) most = std::min(most, one.rounds() - one.done);
        lanes.run(static_cast<std::uint32_t>(most));
        for (auto& one : running) one.done += most;
    }
    void leave(std::size_t lane) {
        lanes.remove(lane);
        running[lane] = running.back();
        running.pop_back();
    }

    Lanes lanes;
    Cases cases;
    std::vector<Case> running;
};

using Choice = std::tuple<Instructions, std::size_t>;
class EveryNumberOfLanes : public testing::TestWithParam<Choice> {};

TEST_P(EveryNumberOfLanes, AgreesWithLibxcrypt) {
    auto [instructions, most] = GetParam();
    Batch batch(instructions, most + 100 * static_cast<std::uint64_t>(instructions));
    auto kernel = make_libxcrypt_kernel();
    auto wanted = std::max(1, cases_in_all() / static_cast<int>(2 * most_lanes));

    for (int compared = 0; compared < wanted;) {
        while (batch.running.size() < most && batch.cases.below(3) != 0) batch.join();
        if (batch.running.empty()) continue;
        batch.run_a_while();
        for (auto lane = batch.running.size(); lane-- > 0;) {
            auto& one = batch.running[lane];
            if (one.done == one.rounds()) {
                auto right =
                    kernel->compute(one.password, one.hash.variant, one.hash.cost, one.hash.salt);
                one.hash.digest = batch.lanes.digest(lane);
                ASSERT_EQ(one.hash.digest, *right) << to_string(one.hash);
                ++compared;
                batch.leave(lane);
            } else if (batch.cases.below(50) == 0) {
                batch.leave(lane);
            }
        }
    }
}

std::string name_of(const testing::TestParamInfo<Choice>& choice) {
    auto [instructions, lanes] = choice.param;
    auto kind = instructions == Instructions::portable ? "portable" : "bmi";
    return fmt::format("{}_{}_{}", choice.index, kind, lanes);
}
const auto all_choices = testing::Combine(testing::ValuesIn(usable_instructions()),
                                          testing::Range<std::size_t>(1, most_lanes + 1));
INSTANTIATE_TEST_SUITE_P(Each, EveryNumberOfLanes, all_choices, name_of);

bool is_zero(std::span<const std::byte> memory) {
    return std::ranges::all_of(memory, [](std::byte byte) { return byte == std::byte{0}; });
}

TEST(Lanes, KeepNothingOfAPasswordThatLeft) {
    Lanes lanes;
    for (auto text : {"first", "second", "third"}) lanes.admit(text, Variant::b, {});
    lanes.run(3);
    ASSERT_FALSE(is_zero(lanes.memory()));

    lanes.remove(1);
    lanes.remove(1);
    lanes.remove(0);

    EXPECT_EQ(lanes.active(), 0U);
    EXPECT_TRUE(is_zero(lanes.memory()));
}

TEST(Lanes, GoOnAfterADigest) {
    Lanes lanes;
    lanes.admit("password", Variant::b, {});
    lanes.run(16);
    auto at_cost_4 = lanes.digest(0);
    lanes.run(16);
    auto at_cost_5 = lanes.digest(0);

    auto kernel = make_libxcrypt_kernel();
    EXPECT_EQ(at_cost_4, *kernel->compute("password", Variant::b, 4, {}));
    EXPECT_EQ(at_cost_5, *kernel->compute("password", Variant::b, 5, {}));
}

TEST(Lanes, TakeInstructionsThatAreUsable) {
    auto usable = usable_instructions();
    EXPECT_NE(std::ranges::find(usable, best_instructions()), usable.end());
}

TEST(Examinations, FindThatThisMachineComputesRightAndHowMany) {
    for (auto instructions : usable_instructions()) {
        auto found = examine(instructions);

        EXPECT_TRUE(found.passed) << found.passed.error().describe();
        EXPECT_GE(found.best_lanes, 1U);
        EXPECT_LE(found.best_lanes, most_lanes);
        for (std::size_t lanes = 1; lanes <= most_lanes; ++lanes) {
            EXPECT_GT(found.rounds_per_second[lanes], 0) << lanes;
        }
    }
}

}  // namespace
}  // namespace cardea::password
