// What the tests of the server share: routes that echo, wait and refuse, behind all gates.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/http_server.hpp"
#include "tests/support/raw_client.hpp"

namespace cardea::http {

struct Echo {
    std::string text;
};
DESCRIBED(Echo, (text, "What comes back."))

class Echoes {
  public:
    explicit Echoes(TestServer& server) : server_(server) {}

    Task<Response> body(Exchange& exchange) {
        ++calls;
        Response response{200, {{"Content-Type", "text/plain"}}, exchange.request.body};
        co_return response;
    }
    Task<Response> target(Exchange& exchange) {
        Response response{200, {}, exchange.path + '|' + std::string(exchange.query())};
        co_return response;
    }
    Task<Echo> json(Echo echo) { co_return echo; }
    Task<Response> large() {
        ++calls;
        Response response{200, {{"Content-Type", "image/png"}}, std::string(large_size, 'x')};
        co_return response;
    }
    Task<Response> page() {
        Response response{200, {{"Content-Type", "text/html"}}, std::string(5000, 'x')};
        co_return response;
    }
    /// Until release() is called.
    Task<Response> held() {
        asio::steady_timer timer(co_await asio::this_coro::executor,
                                 asio::steady_timer::time_point::max());
        waiting.push_back(&timer);
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await timer.async_wait(token);
        ++finished;
        Response response{200, {}, "held"};
        co_return response;
    }
    void release() {
        server_.on_thread([this](auto&) {
            for (auto* timer : waiting) timer->cancel();
            waiting.clear();
            return true;
        });
    }
    void wait_until_held(std::size_t count) {
        auto held = [this](auto&) { return waiting.size(); };
        while (server_.on_thread(held) < count) std::this_thread::yield();
    }

    static constexpr std::size_t large_size = 32 * 1024 * 1024;
    std::atomic<int> calls = 0;
    std::atomic<int> finished = 0;
    std::vector<asio::steady_timer*> waiting;

  private:
    TestServer& server_;
};

class ServerTest : public testing::Test {
  protected:
    ServerTest() : echoes(server) {
        using enum Method;
        add_generic_gates(server.router, {}, gate_settings, {}, random);
        add(get, "/", &Echoes::body);
        add(post, "/", &Echoes::body);
        add(put, "/url", &Echoes::body);
        add(get, "/target", &Echoes::target);
        add(get, "/target/{name}", &Echoes::target);
        add(post, "/json", &Echoes::json);
        add(get, "/large", &Echoes::large);
        add(get, "/page", &Echoes::page);
        add(get, "/held", &Echoes::held);
        server.router.add(
            route(post, "/big", Access::anyone, "", echoes, &Echoes::body).body_limit(1024 * 1024));
    }
    ~ServerTest() override { server.stop(); }
    template <class F>
    void add(Method method, std::string pattern, F f) {
        server.router.add(route(method, std::move(pattern), Access::anyone, "", echoes, f));
    }
    RawClient connect(const char* from = nullptr) { return RawClient(server.port, from); }
    /// The request's bytes, no more, and everything that comes back until the connection ends.
    std::string exchange(std::string_view bytes) {
        auto client = connect();
        client.send(bytes);
        client.finish_sending();
        return client.read_all();
    }
    static std::size_t answers_in(std::string_view bytes) {
        std::size_t count = 0;
        for (auto at = bytes.find("HTTP/1.1 "); at != bytes.npos;
             at = bytes.find("HTTP/1.1 ", at + 1)) {
            ++count;
        }
        return count;
    }
    /// A good request on a new connection is served.
    void expect_alive() {
        auto client = connect();
        EXPECT_EQ(client.get("/").status, 200);
    }

    static constexpr std::string_view host = "Host: 127.0.0.1\r\n";
    SeededRandom random;
    GateSettings gate_settings;
    TestServer server;
    Echoes echoes;
};

}  // namespace cardea::http
