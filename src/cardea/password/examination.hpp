// What is known of bcrypt on this machine: that it computes right, and how many lanes are best.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/password/lanes.hpp"

namespace cardea::password {

/// The self-test found a wrong digest: nothing may be hashed or checked.
inline constexpr Reason engine_broken{Code::internal, "password.engine_broken",
                                      "Passwords cannot be checked on this machine."};

struct Examination {
    /// Fails with `engine_broken`.
    Result<void> passed{};
    /// Rounds a second of all lanes together; [1] is for one lane.
    std::array<double, most_lanes + 1> rounds_per_second{};
    /// The fastest count that fits the first-level cache (4 KiB a lane).
    std::size_t best_lanes = 1;
};

/// Runs published vectors through every number of lanes, each joining and leaving while others are
/// under way, and times that: a few milliseconds.
Examination examine(Instructions instructions);

/// examine() with the best instructions, done once a process: the machine stays the same.
/// Thread-safe; the first caller computes, others wait.
const Examination& this_machine();

}  // namespace cardea::password
