// What the process does on signals.
#pragma once

#include <functional>
#include <memory>

#include "cardea/lifecycle/lifecycle.hpp"

namespace cardea::lifecycle {

/// While it lives: SIGTERM and SIGINT request an orderly stop, and the second of them ends the
/// process at once with status 84, whatever it is doing. SIGHUP calls `on_hangup` (the log is
/// opened anew, for logrotate; settings are read at start only). SIGPIPE and SIGUSR1 are ignored: a
/// closed pipe is an error of the write. One of them a process.
class Signals {
  public:
    Signals(const boost::asio::any_io_executor& executor, Lifecycle& lifecycle,
            std::function<void()> on_hangup);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace cardea::lifecycle
