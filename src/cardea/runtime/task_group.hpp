// TaskGroup owns background coroutines: add, cancel, wait until empty; failures are logged by name.
#pragma once

#include <memory>
#include <string>

#include "cardea/runtime/task.hpp"

namespace cardea::runtime {

/// One thread: all calls on the executor given. The group must be empty (awaited) before it is
/// destroyed.
class TaskGroup {
  public:
    explicit TaskGroup(const boost::asio::any_io_executor& executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts the task. Its parameters are held by value in the coroutine: nothing may dangle.
    void add(std::string name, Task<void> task);
    std::size_t size() const;
    /// Asks every task to stop at its next wait (Asio cancellation, terminal).
    void cancel();
    /// Returns when no task is left.
    Task<void> wait_until_empty();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace cardea::runtime
