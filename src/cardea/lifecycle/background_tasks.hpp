// BackgroundTasks: work that a request leaves behind and that the answer does not wait for.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cardea/runtime/task.hpp"

namespace cardea::lifecycle {

/// The server waits for them before it stops (Drain). add() from any thread, the rest on the I/O
/// thread.
class BackgroundTasks {
  public:
    using Work = std::function<Task<void>()>;

    explicit BackgroundTasks(const boost::asio::any_io_executor& executor);
    ~BackgroundTasks();
    BackgroundTasks(const BackgroundTasks&) = delete;
    BackgroundTasks& operator=(const BackgroundTasks&) = delete;

    /// Begins once the caller, such as a handler, has returned; never inside this call. Failures
    /// are logged by name.
    void add(std::string name, Work work);
    /// Added and not ended yet.
    std::size_t size() const;
    /// Returns when none is left. Cancelling it cancels what is left.
    Task<void> wait_until_empty();

  private:
    struct State;
    struct CancelUnlessEmpty;
    std::shared_ptr<State> state_;
};

}  // namespace cardea::lifecycle
