// Signals of the operating system, as calls on an executor.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cardea/runtime/task.hpp"

namespace cardea::runtime {

/// While it lives, these signals call `on_signal` on the executor instead of doing what they do.
/// One thread: the executor's. Destroying it inside the call is fine.
class Signals {
  public:
    Signals(const boost::asio::any_io_executor& executor, const std::vector<int>& numbers,
            std::function<void(int)> on_signal);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace cardea::runtime
