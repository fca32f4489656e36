// Job: named work that is done again and again, once across all instances.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::jobs {

/// Handed to the work: between two steps it asks whether it should end. Copies share it; I/O
/// thread only.
class StopSignal {
  public:
    StopSignal() : requested_(std::make_shared<bool>(false)) {}
    bool requested() const { return *requested_; }
    void request() const { *requested_ = true; }

  private:
    std::shared_ptr<bool> requested_;
};

struct Job {
    std::string name;        ///< `renew_oaths`
    Seconds interval = 60s;  ///< From the end of one run to the next, give or take an eighth.
    bool enabled = true;     ///< A disabled job runs only when asked for by name.
    /// The work is cancelled after this. The lease is a minute longer, so that a crashed instance
    /// holds a job up for no more than that.
    Milliseconds deadline = 5min;
    /// Gives what was done in a few words (`renewed 3`), for lists and the log.
    std::function<Task<std::string>(StopSignal)> work;
};

/// How a run ended.
struct Outcome {
    std::string name;
    bool succeeded = false;
    std::string text;  ///< What the work said, or the slug of why it failed.
    std::int64_t ms = 0;
    Instant next_run_at;
};
DESCRIBED(Outcome, (name, "The job's name."), (succeeded, "Whether the work was done."),
          (text, "What was done, or the reason why not."),
          (ms, "How long it took, in milliseconds."),
          (next_run_at, "When it runs again on its own."))

/// What is known of a job.
struct JobStatus {
    std::string name;
    bool enabled = true;
    Seconds interval{};
    bool running = false;
    std::optional<Instant> next_run_at;
    std::optional<Instant> last_started_at;
    std::optional<Instant> last_finished_at;
    std::optional<std::string> last_outcome;
    std::optional<std::int64_t> last_ms;
    std::int64_t failures = 0;
};
DESCRIBED(JobStatus, (name, "The job's name."), (enabled, "Whether it runs on its own."),
          (interval, "Seconds from the end of one run to the next."),
          (running, "Whether an instance is at it now."), (next_run_at, "When it runs next."),
          (last_started_at, "When it was last begun."), (last_finished_at, "When it last ended."),
          (last_outcome, "What the last run did, or the reason why it failed."),
          (last_ms, "How long the last run took, in milliseconds."),
          (failures, "Runs that failed since the last success."))

}  // namespace cardea::jobs
