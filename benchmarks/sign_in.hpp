// Whole sign-ins with a provider, from the click to the session, against the emulator.
#pragma once

#include "benchmarks/report.hpp"

namespace cardea::bench {

/// What a sign-in costs the program's process, beside one request to a bare Beast server; with few
/// accounts and with 100 000; and what the emulator itself could serve.
void measure_sign_ins(Report& report);

}  // namespace cardea::bench
