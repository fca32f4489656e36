// Lifecycle: starting, running, stopping, stopped.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::lifecycle {

enum class State { starting, running, stopping, stopped };
std::string_view to_string(State state);

/// Where the server stands on its one way from start to stop; it never goes back. Any thread.
class Lifecycle {
  public:
    using Listener = std::function<void(std::string_view why)>;

    Lifecycle();
    ~Lifecycle();
    Lifecycle(const Lifecycle&) = delete;
    Lifecycle& operator=(const Lifecycle&) = delete;

    State state() const;
    /// Since started(); zero before.
    Seconds uptime() const;

    /// Connections are accepted from here on. Nothing when a stop was requested already.
    void started();
    /// The first request counts, later ones are nothing. `why` is for the log: `SIGTERM`,
    /// `shutdown`. Returns at once: the stop itself is the work of whoever waits for it.
    void request_stop(std::string why);
    /// The drain has ended.
    void stopped();

    /// Called once, on the thread that requests the stop; at once when it was requested before.
    void on_stop(Listener listener);
    /// Returns when a stop was requested. The Lifecycle must outlive the wait.
    Task<void> wait_for_stop();

  private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace cardea::lifecycle
