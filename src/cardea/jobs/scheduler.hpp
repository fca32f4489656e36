// Scheduler: runs each job when it is due, on one instance of many.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"
#include "cardea/jobs/job.hpp"
#include "cardea/runtime/task_group.hpp"

namespace cardea::jobs {

inline constexpr Reason unknown{Code::not_found, "jobs.unknown", "There is no job of that name."};
inline constexpr Reason running{Code::conflict, "jobs.running",
                                "That job is running already. Wait for it to end."};
inline constexpr Reason stopping{Code::unavailable, "jobs.stopping",
                                 "The server is stopping and begins nothing new."};

/// A run is claimed by an update of the job's row, so that of many instances one does the work. All
/// instants are the database's (`server_now()`); waiting goes by the steady clock. A run that was
/// missed is not made up for, and a clock that jumps makes a job neither run twice nor stop.
/// Failures make the pauses longer, up to an hour or the interval. I/O thread only.
class Scheduler {
  public:
    /// All three must outlive the scheduler, and the scheduler the group it is started on.
    Scheduler(db::Database& database, crypto::Random& random,
              const boost::asio::any_io_executor& executor);
    ~Scheduler();

    /// Before start().
    void add(Job job);
    /// One task a job that is enabled.
    void start(runtime::TaskGroup& group);
    /// Nothing new is begun; work that is under way is asked to end at its next safe point. The
    /// group is empty of jobs then.
    void stop();

    /// Runs it now, enabled or not. Fails with `jobs.unknown`, with `jobs.running` when any
    /// instance is at it, with `jobs.stopping`, or when the database fails; work that fails is an
    /// Outcome.
    Task<Outcome> run_once(std::string name);
    /// In the order of their addition.
    Task<std::vector<JobStatus>> list();
    /// One look at a job: runs it when it is due and free, and says how long to wait until the next
    /// look. What start() repeats.
    Task<Milliseconds> visit(std::string name);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea::jobs
