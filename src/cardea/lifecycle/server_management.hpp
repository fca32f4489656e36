// ServerManagement: is the server alive, and stop it in order.
#pragma once

#include <memory>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"
#include "cardea/lifecycle/background_tasks.hpp"
#include "cardea/lifecycle/lifecycle.hpp"

namespace cardea {

using lifecycle::BackgroundTasks;

/// The program's own, and an application's that links cardea. Any thread. Copies share one server.
class ServerManagement {
  public:
    /// A stop was requested before, or the server has not started.
    static constexpr Reason not_running{Code::unavailable, "lifecycle.not_running",
                                        "The server is not running."};

    struct Options {
        int success = 0;     ///< What the program exits with after an orderly stop.
        int error = 84;      ///< Error::status() of what fails here.
        bool debug = false;  ///< Logs each call.
    };

    ServerManagement() : ServerManagement(Options()) {}
    explicit ServerManagement(Options options);

    /// True from the first accepted connection until the drain has ended.
    bool is_server_alive() const;
    /// The same.
    bool is_server_running() const { return is_server_alive(); }

    /// 202 for the client; the orderly stop begins after it, as one of the tasks. Fails with
    /// `lifecycle.not_running`.
    Result<http::Response> shutdown(BackgroundTasks& tasks);
    /// Requests the orderly stop and returns. The answer to a request that is under way is still
    /// sent.
    void perform_shutdown();

    const Options& options() const { return options_; }
    /// The machine behind it, for what serves: started(), wait_for_stop(), stopped().
    lifecycle::Lifecycle& lifecycle() { return *lifecycle_; }
    const lifecycle::Lifecycle& lifecycle() const { return *lifecycle_; }

  private:
    Options options_;
    std::shared_ptr<lifecycle::Lifecycle> lifecycle_;
};

}  // namespace cardea
