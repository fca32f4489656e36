#include "cardea/password/examination.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace cardea::password {
namespace {

struct Vector {
    std::string_view password;
    std::string_view hash;
};

// From the known answers of libxcrypt, all of cost 4: none, one and 72 bytes, bytes from 128 up,
// and passwords that `$2a$` reads in its own way.
constexpr std::array<Vector, most_lanes> vectors{
    {{"", "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"},
     {"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
      "$2b$04$abcdefghijklmnopqrstuuRAip/W0RPQX4QKkqYqXE3GIXWH518Sm"},
     {"Hello world!", "$2y$04$CCCCCCCCCCCCCCCCCCCCC.M.JZM2tZUe85sR83hfk5p2NZ0IVXwXe"},
     {"\xA3", "$2a$04$CCCCCCCCCCCCCCCCCCCCC.nCdKcLO57oLlc6J6sNnGyfT9FrIawiW"},
     {"\xD0\xC1\xD2\xCF\xCC\xD8", "$2b$04$abcdefghijklmnopqrstuuoaE0x.b2rUEITWgPdg.GEcU4ePHLh6m"},
     {"\xFF\xFF\xA3", "$2a$04$CCCCCCCCCCCCCCCCCCCCC.h87NWu/js59XXaIj1hDyHxnjw7MJ5K6"},
     {"\xFF\xA3"
      "34\xFF\xFF\xFF\xA3"
      "345",
      "$2a$04$abcdefghijklmnopqrstuuE8Lpo1/qkGPTBDBxEsJjeEzh9nkZ9uW"},
     {"Kk4DQuMMfZL9o", "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm"}}};
constexpr std::uint32_t rounds_of_one = 16;
// A lane joins every two rounds until eight are under way, then one leaves every two.
constexpr std::uint32_t step = 2;

// Interrupted measurements are too slow and none is too fast: the best of several counts.
constexpr int passes = 3;

void note(Examination& found, std::size_t lanes, std::chrono::duration<double> took) {
    auto rate = static_cast<double>(lanes * step) / took.count();
    found.rounds_per_second[lanes] = std::max(found.rounds_per_second[lanes], rate);
}

Result<void> pass(Lanes& lanes, Examination& found) {
    std::array<std::size_t, most_lanes> vector_of{};
    std::array<std::uint32_t, most_lanes> done{};
    for (std::size_t next = 0; next < vectors.size() || lanes.active() > 0;) {
        if (next < vectors.size()) {
            auto hash = parse_bcrypt(vectors[next].hash);
            if (!hash) return fail(engine_broken, hash.error());
            vector_of[lanes.active()] = next;
            done[lanes.active()] = 0;
            lanes.admit(vectors[next++].password, hash->variant, hash->salt);
        }
        auto begin = std::chrono::steady_clock::now();
        lanes.run(step);
        note(found, lanes.active(), std::chrono::steady_clock::now() - begin);
        for (std::size_t lane = lanes.active(); lane-- > 0;) {
            done[lane] += step;
            if (done[lane] < rounds_of_one) continue;
            auto& vector = vectors[vector_of[lane]];
            if (lanes.digest(lane) != parse_bcrypt(vector.hash)->digest) {
                return fail(engine_broken,
                            "the self-test does not find " + std::string(vector.hash));
            }
            lanes.remove(lane);
            vector_of[lane] = vector_of[lanes.active()];
            done[lane] = done[lanes.active()];
        }
    }
    return {};
}

std::size_t lanes_in_cache() {
    auto bytes = sysconf(_SC_LEVEL1_DCACHE_SIZE);
    if (bytes <= 0) return most_lanes;  // unknown: 32 KiB is the least that is common
    return std::clamp<std::size_t>(static_cast<std::size_t>(bytes) / 4096, 1, most_lanes);
}

// A count that is as good as the best one but for noise, and smaller, makes everybody wait less.
std::size_t best_of(const Examination& found) {
    const auto& rates = found.rounds_per_second;
    auto most = lanes_in_cache();
    auto best = *std::max_element(rates.begin() + 1, rates.begin() + 1 + static_cast<int>(most));
    std::size_t lanes = 1;
    while (lanes < most && rates[lanes] < 0.98 * best) ++lanes;
    return lanes;
}

}  // namespace

Examination examine(Instructions instructions) {
    Examination found;
    Lanes lanes(instructions);
    for (int i = 0; i < passes && found.passed; ++i) found.passed = pass(lanes, found);
    found.best_lanes = best_of(found);
    return found;
}

const Examination& this_machine() {
    static const auto found = examine(best_instructions());
    return found;
}

}  // namespace cardea::password
