// A Random that gives the same bytes for the same seed.
#pragma once

#include "cardea/crypto/random.hpp"

namespace cardea {

class SeededRandom final : public crypto::Random {
  public:
    explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}
    void fill(std::span<std::byte> out) override {
        for (auto& byte : out) byte = std::byte(next() >> 32);
    }

  private:
    // SplitMix64: passes the usual tests, and is five lines.
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

}  // namespace cardea
