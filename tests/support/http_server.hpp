// TestServer: a real http::Server on a free loopback port, in a thread of its own.
#pragma once

#include <future>
#include <thread>

#include "cardea/http/gates.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "tests/support/run.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea {

/// Add routes to `router` and change `settings` before start(). Everything that belongs to the
/// server happens in its thread: ask for it with on_thread().
class TestServer {
  public:
    TestServer() { settings.port = 0; }
    ~TestServer() { stop(); }

    void start() {
        server_ = std::make_unique<http::Server>(io_.get_executor(), settings, router, clock_);
        auto listening = server_->listen();
        if (!listening) throw std::runtime_error(listening.error().describe());
        port = server_->port();
        thread_ = std::thread([this] { io_.run(); });
    }
    /// Drains and joins. True when every connection ended by itself.
    bool stop(Milliseconds limit = 5s) {
        if (!thread_.joinable()) return true;
        std::promise<bool> drained;
        auto keep = [&drained](std::exception_ptr, Result<void> result) {
            drained.set_value(result.has_value());
        };
        asio::co_spawn(io_, server_->drain(limit), keep);
        bool all_ended = drained.get_future().get();
        thread_.join();
        return all_ended;
    }
    template <class F>
    auto on_thread(F f) {
        std::promise<decltype(f(*server_))> result;
        asio::post(io_, [&] { result.set_value(f(*server_)); });
        return result.get_future().get();
    }

    http::Router router;
    http::ServerSettings settings;
    std::uint16_t port = 0;

  private:
    asio::io_context io_{1};
    SystemClock clock_;
    std::unique_ptr<http::Server> server_;
    std::thread thread_;
};

}  // namespace cardea
