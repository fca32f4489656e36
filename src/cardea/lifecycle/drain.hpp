// Drain: what has to happen on a stop, in order, each step with a limit.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::lifecycle {

/// I/O thread only. The engine registers: requests, background tasks, jobs, hashing threads,
/// database, keys.
class Drain {
  public:
    using Step = std::function<Task<void>()>;

    struct Done {
        std::string name;
        bool succeeded = false;
        Milliseconds took{};
    };

    /// Steps run in the order of their addition. One that takes longer than `limit` is cancelled.
    void add(std::string name, Milliseconds limit, Step step);
    /// Runs every step, also after one that failed, was late or threw: those are logged. All of
    /// them share `total`: what one took is not there for the next, which still gets `least_limit`.
    Task<std::vector<Done>> run(Milliseconds total = Milliseconds::max());

    /// So that a step whose work is done already says so, however late it is.
    static constexpr Milliseconds least_limit = 100ms;

  private:
    struct Named {
        std::string name;
        Milliseconds limit;
        Step step;
    };
    static Task<void> attempt(Named& named, Milliseconds limit);
    std::vector<Named> steps_;
};

}  // namespace cardea::lifecycle
