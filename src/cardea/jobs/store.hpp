// The table `jobs`. Private to jobs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cardea/db/database.hpp"
#include "cardea/db/row.hpp"

namespace cardea::jobs {

struct JobRow {
    std::string name;
    Instant next_run_at;
    std::optional<std::string> lease_holder;
    std::optional<Instant> lease_until;
    std::optional<Instant> last_started_at;
    std::optional<Instant> last_finished_at;
    std::optional<std::string> last_outcome;
    std::optional<std::int64_t> last_ms;
    std::int64_t failures = 0;
};
BOOST_DESCRIBE_STRUCT(JobRow, (),
                      (name, next_run_at, lease_holder, lease_until, last_started_at,
                       last_finished_at, last_outcome, last_ms, failures))

struct Claim {
    std::string holder;  ///< New for each run.
    Instant now;
    Instant until;
    std::string abandoned_by;  ///< A holder whose lease may be taken although it has not passed.
};

class Store {
  public:
    explicit Store(db::Executor& executor) : executor_(executor) {}

    /// Does nothing when there is a row of that name.
    Task<void> add_missing(std::string name, Instant next_run_at);
    Task<std::optional<JobRow>> find(std::string name);
    Task<std::vector<JobRow>> all();
    /// False when the row is no longer as it was seen, or is held.
    Task<bool> claim(JobRow seen, Claim claim);
    /// Writes the end of a run and frees the row; false when another holds it by now.
    Task<bool> finish(JobRow ended, std::string holder);

  private:
    db::Executor& executor_;
};

}  // namespace cardea::jobs
