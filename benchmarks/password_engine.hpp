// The engine alone, on one core: against libxcrypt's crypt_r and John the Ripper.
#pragma once

#include <array>

#include "benchmarks/report.hpp"
#include "cardea/password/lanes.hpp"

namespace cardea::bench {

/// Speeds in crypt_r's, for the plot; 0 where it was not measured.
struct LaneRatios {
    std::array<double, password::most_lanes + 1> lanes{};
    double john = 0;
};

/// Pins itself to the client's core. Times are processor time, so that what else runs on the
/// machine is not counted; all that is compared is measured in the same rounds.
LaneRatios measure_engine(Report& report);

}  // namespace cardea::bench
