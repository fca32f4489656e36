// Server: listens, limits and counts connections, and hands their requests to a Router.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/http/router.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::http {

inline constexpr Reason listen_failed{Code::unavailable, "server.listen",
                                      "The server cannot listen on its address."};
inline constexpr Reason port_busy{Code::conflict, "server.port_busy",
                                  "Another program listens on that port already."};
inline constexpr Reason certificate_unusable{Code::invalid, "server.certificate",
                                             "The certificate or its key cannot be used."};

/// What a connection may cost.
struct ServerSettings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::string certificate_file;
    std::string key_file;
    std::uint32_t connections = 20'000;
    std::uint32_t connections_per_address = 15'000;
    std::uint32_t header_bytes = 16 * 1024;
    std::uint32_t body_bytes = 64 * 1024;
    Milliseconds idle_limit = 60s;
    Milliseconds header_limit = 15s;
    Milliseconds body_limit = 30s;
    Milliseconds write_limit = 30s;
    bool reuse_port = false;
};
// The limits alone are section [http]; where to listen stands in [Server_configuration].
DESCRIBED(ServerSettings,
          (connections, "Connections at most; fewer where the file limit is lower.",
           schema::between(1, 1'000'000)),
          (connections_per_address, "Connections of one peer address at most.",
           schema::between(1, 1'000'000)),
          (header_bytes, "Largest request header.", schema::between(1024, 1'048'576)),
          (body_bytes, "Largest request body, unless a route says otherwise.",
           schema::between(0, 104'857'600)),
          (idle_limit, "A connection without a request is closed after this.",
           schema::between(10ms, 3600s)),
          (header_limit, "A request header must be complete after this.",
           schema::between(10ms, 600s)),
          (body_limit, "A request body must be complete after this.", schema::between(10ms, 3600s)),
          (write_limit, "An answer must be taken after this.", schema::between(10ms, 3600s)))

/// One thread: all calls on the executor given. Server, router and clock outlive the connections:
/// drain() before destruction.
class Server {
  public:
    Server(const boost::asio::any_io_executor& executor, ServerSettings settings,
           const Router& router, const Clock& clock);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds and begins to accept. Fails with `server.port_busy` (the detail names the port),
    /// `server.listen` or `server.certificate`.
    Result<void> listen();
    /// The port that is listened on; useful after port 0.
    std::uint16_t port() const;
    bool is_accepting() const;
    /// New connections are refused by the system from here on; what was accepted goes on, each
    /// answer with `Connection: close`, and idle connections are closed at once.
    void stop_accepting();
    /// stop_accepting(), then waits until every connection has ended; after `limit` those that are
    /// left are cut off, which is a failure (`deadline.passed`) whose detail says how many.
    Task<void> drain(Milliseconds limit);
    /// Requests whose answer is not written yet.
    std::size_t in_flight() const;
    std::size_t connections() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace cardea::http
