// Removing expired rows in small batches, so that nobody else waits long for the database.
#pragma once

#include <functional>

#include "cardea/jobs/job.hpp"

namespace cardea::jobs {

/// Removes up to `limit` rows and tells how many.
using SweepBatch = std::function<Task<std::size_t>(int limit)>;

/// Calls `batch` until it finds less than it may remove or the signal comes; lets others run in
/// between. Says `removed 17`: fit to be a job's work.
Task<std::string> sweep(StopSignal stop, SweepBatch batch, int limit = 500);

}  // namespace cardea::jobs
