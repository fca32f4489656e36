// Sign-ins over HTTP, with the program as it is shipped, on two cores.
#pragma once

#include "benchmarks/report.hpp"

namespace cardea::bench {

/// The rate of sign-ins, what is left for other requests meanwhile, and what ten times too many
/// get.
void measure_http(Report& report);

}  // namespace cardea::bench
