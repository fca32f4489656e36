// Randomness as an argument, so that tests can seed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cardea/base/bytes.hpp"

namespace cardea::crypto {

/// Where unpredictable bytes come from. Production: SystemRandom. Tests: SeededRandom
/// (tests/support).
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;
    Bytes bytes(std::size_t count) {
        Bytes result(count);
        fill(result);
        return result;
    }
    std::uint64_t number();
    /// Uniform in [0, limit); 0 for limit 0.
    std::uint64_t below(std::uint64_t limit);
};

/// The kernel's generator, asked anew each time: a fork repeats nothing. Aborts the process when
/// the system has no randomness: no start without it. Any thread.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::byte> out) override;
};

}  // namespace cardea::crypto
