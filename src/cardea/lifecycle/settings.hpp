// The section [lifecycle]: how long a stop may take.
#pragma once

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::lifecycle {

struct Settings {
    Seconds drain_limit = 30s;
    Seconds readiness_delay = 0s;
};

DESCRIBED(Settings,
          (drain_limit, "How long requests in flight may take once the server stops.",
           schema::between(0s, 3600s)),
          (readiness_delay,
           "How long /health/ready says no before connections are refused; for load balancers.",
           schema::between(0s, 600s)))

}  // namespace cardea::lifecycle
