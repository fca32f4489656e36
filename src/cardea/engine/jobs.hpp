// The jobs of the program: names and intervals from [Crons], the work from the modules.
#pragma once

#include "cardea/api/idempotency.hpp"
#include "cardea/engine/core.hpp"
#include "cardea/jobs/scheduler.hpp"

namespace cardea::engine {

/// Adds every job to the scheduler. Core and idempotency must outlive it.
void add_jobs(jobs::Scheduler& scheduler, Core& core, api::Idempotency& idempotency);

}  // namespace cardea::engine
