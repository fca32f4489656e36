// Passwords of any bytes, joining and leaving the lanes at any time: the digests are libxcrypt's.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "cardea/password/kernel.hpp"
#include "cardea/password/lanes.hpp"

using namespace cardea::password;

namespace {

struct Input {
    const std::uint8_t* data;
    std::size_t size;

    std::uint8_t byte() {
        if (size == 0) return 0;
        --size;
        return *data++;
    }
};

struct Running {
    std::string password;
    Variant variant = Variant::b;
    Salt salt{};
    std::uint32_t done = 0;
};

constexpr int cost = 4;
constexpr std::uint32_t rounds = 1U << cost;

Running read(Input& input) {
    Running one;
    one.password.resize(input.byte() % 73U);
    for (auto& c : one.password) c = static_cast<char>(std::max<std::uint8_t>(1, input.byte()));
    one.variant = std::array{Variant::a, Variant::b, Variant::y}[input.byte() % 3U];
    for (auto& byte : one.salt) byte = static_cast<std::byte>(input.byte());
    return one;
}

void compare(const Lanes& lanes, std::size_t lane, const Running& one) {
    static const auto kernel = make_libxcrypt_kernel();
    auto right = kernel->compute(one.password, one.variant, cost, one.salt);
    if (!right || *right != lanes.digest(lane)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input{data, size};
    static const auto usable = usable_instructions();
    Lanes lanes(usable[input.byte() % usable.size()]);
    std::vector<Running> running;
    while (input.size > 0 || !running.empty()) {
        auto joins = input.size > 0 && running.size() < most_lanes;
        if (joins) {
            running.push_back(read(input));
            auto& one = running.back();
            lanes.admit(one.password, one.variant, one.salt);
        }
        std::uint32_t some = 1U + input.byte() % rounds;
        for (const auto& one : running) some = std::min(some, rounds - one.done);
        lanes.run(some);
        for (auto lane = running.size(); lane-- > 0;) {
            running[lane].done += some;
            bool is_done = running[lane].done == rounds;
            if (is_done) compare(lanes, lane, running[lane]);
            if (!is_done && input.byte() != 1) continue;
            lanes.remove(lane);
            running[lane] = std::move(running.back());
            running.pop_back();
        }
    }
    for (auto byte : lanes.memory()) {
        if (byte != std::byte{0}) std::abort();
    }
    return 0;
}
