// The picture in docs/guides/passwords.md.
#pragma once

#include <string>

#include "benchmarks/password_engine.hpp"

namespace cardea::bench {

/// Lanes from left to right, work done in the time of one crypt_r upwards. Throws when the file
/// cannot be written.
void write_plot(const LaneRatios& ratios, const std::string& path);

}  // namespace cardea::bench
