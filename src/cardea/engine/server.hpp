// Server: the whole system. Builds every part in order on a Core, serves, and drains in reverse.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cardea/engine/core.hpp"
#include "cardea/jobs/scheduler.hpp"
#include "cardea/lifecycle/server_management.hpp"

namespace cardea::engine {

/// Owns the flows, the routes, the jobs and the listener. One I/O thread.
class Server {
  public:
    /// The core must outlive the server.
    Server(const boost::asio::any_io_executor& executor, Core& core);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens, starts the jobs, and returns after an orderly stop: a signal, or
    /// ServerManagement::perform_shutdown(). `ready` is called once with the port.
    Task<void> serve(std::function<void(std::uint16_t port)> ready);

    ServerManagement& management();
    jobs::Scheduler& scheduler();
    const http::Router& router() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The OpenAPI document of the whole interface, without a database file or a network.
Task<std::string> describe_api();

}  // namespace cardea::engine
