// What bcrypt's costs mean on this machine, and which one fits a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/password/lanes.hpp"

namespace cardea::password {

/// Rounds a second on one core; a hash of cost c takes 2^c.
struct Speed {
    std::size_t lanes = 1;
    double one_lane = 0;
    double all_lanes = 0;  ///< Of all lanes together.

    /// How long a sign-in takes that has a core to itself.
    std::chrono::duration<double> alone(int cost) const;
    /// And one that shares it with as many as there are lanes.
    std::chrono::duration<double> crowded(int cost) const;
    double one_lane_per_second(int cost) const;
    double all_lanes_per_second(int cost) const;
};

/// Computes on the calling thread for twice `time`, in processor time, and in turns, so that
/// whatever else the machine does meets both.
Speed measure_speed(std::size_t lanes, Milliseconds time);

/// Less than this protects nobody (OWASP's least), however slow the machine is.
inline constexpr int least_suggested_cost = 10;
/// The highest cost at which a sign-in alone takes no longer than the target; at least
/// `least_suggested_cost`.
int suggest_cost(const Speed& speed, Milliseconds target);

}  // namespace cardea::password
