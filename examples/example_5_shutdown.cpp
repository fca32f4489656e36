// Example 5 of the original document: an endpoint that shuts the server down.
//
// The administrator gets an answer first; then the server takes no new connections, finishes what
// is under way and exits with 0. The program visits itself and ends with 84 when anything differs.
#include <fmt/format.h>

#include <cstdio>

#include "cardea/base/clock.hpp"
#include "cardea/embed/server_management.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/router.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/lifecycle/drain.hpp"
#include "cardea/runtime/deadline.hpp"

using namespace cardea;

namespace {

class Application {
  public:
    explicit Application(const asio::any_io_executor& executor) : background_tasks_(executor) {}

    // @app.post("/admin/shutdown")
    Task<http::Response> shutdown(http::Exchange& exchange) {
        if (!is_admin(exchange)) co_return http::responses::forbidden("Admin access required");
        co_return server_management_.shutdown(background_tasks_);
    }

    // @app.get("/slow"): something that is under way when the shutdown comes.
    Task<http::Response> slow() {
        std::ignore = co_await runtime::sleep(200ms);
        co_return http::responses::ok(R"({"finished":true})");
    }

    // Serves until the shutdown, then drains in order.
    Task<void> serve(http::Server& server) {
        auto& lifecycle = server_management_.lifecycle();
        lifecycle.started();
        std::ignore = co_await lifecycle.wait_for_stop();
        lifecycle::Drain drain;
        drain.add("requests", 6s, [&] { return server.drain(5s); });
        drain.add("background tasks", 5s, [this] { return background_tasks_.wait_until_empty(); });
        auto drained = co_await drain.run();
        lifecycle.stopped();
        if (!drained) co_return std::unexpected(drained.error());
        co_return Result<void>();
    }

    const ServerManagement& server_management() const { return server_management_; }

  private:
    // Your own check stands here: a session with the role, or an API key.
    static bool is_admin(const http::Exchange& exchange) {
        return exchange.request.headers.get("Authorization") == "Bearer the-administrator";
    }

    ServerManagement server_management_{ServerManagement::Options{.debug = true}};
    BackgroundTasks background_tasks_;
};

struct Visit {
    std::string origin;
    http::Client& client;
    bool as_expected = true;

    void expect(std::string_view what, int status, int expected) {
        fmt::print("{}: {}\n", what, status);
        as_expected = as_expected && status == expected;
    }
    // The status of the answer; 0 when there is none.
    Task<int> status_of(http::Method method, std::string path, std::string credentials) {
        http::Request request;
        request.method = method;
        request.target = origin + path;
        if (!credentials.empty()) request.headers.set("Authorization", credentials);
        auto response = co_await client.send(std::move(request));
        co_return response ? response->status : 0;
    }
    Task<void> shut_down(std::string path) {
        std::ignore = co_await runtime::sleep(50ms);  // the slow request is under way by then
        auto anyone = co_await status_of(http::Method::post, path, "");
        expect("a stranger", *anyone, 403);
        auto admin = co_await status_of(http::Method::post, path, "Bearer the-administrator");
        expect("the administrator", *admin, 202);
        co_return Result<void>();
    }
    Task<void> wait_for_slow(std::string path) {
        auto status = co_await status_of(http::Method::get, path, "");
        expect("the request under way", *status, 200);
        co_return Result<void>();
    }
    Task<void> knock(std::string path) {
        auto status = co_await status_of(http::Method::get, path, "");
        expect("a latecomer", *status, 0);
        co_return Result<void>();
    }
};

// Runs everything that was spawned to its end; throws what it threw.
void run(asio::io_context& io) {
    io.restart();
    io.run();
}

template <class T>
void spawn(asio::io_context& io, Task<T> task) {
    asio::co_spawn(io, std::move(task), [](std::exception_ptr thrown, Result<T>) {
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace

int main() {
    asio::io_context io(1);
    SystemClock clock;
    Application application(io.get_executor());
    http::Router router;
    router.add(http::route(http::Method::post, "/admin/shutdown", http::Access::anyone,
                           "Stop the server", application, &Application::shutdown));
    router.add(http::route(http::Method::get, "/slow", http::Access::anyone, "Take a while",
                           application, &Application::slow));
    http::ServerSettings settings;
    settings.port = 0;  // a free one
    http::Server server(io.get_executor(), settings, router, clock);
    if (auto listening = server.listen(); !listening) {
        fmt::print(stderr, "{}\n", listening.error().describe());
        return 84;
    }

    http::ClientOptions options;
    options.insecure_allow_loopback = true;
    auto client = http::make_client(io.get_executor(), options);
    Visit visit{fmt::format("http://127.0.0.1:{}", server.port()), *client};
    spawn(io, application.serve(server));
    spawn(io, visit.wait_for_slow("/slow"));
    spawn(io, visit.shut_down("/admin/shutdown"));
    run(io);
    spawn(io, visit.knock("/slow"));
    run(io);

    const bool stopped = !application.server_management().is_server_alive();
    if (!visit.as_expected || !stopped) return 84;
    fmt::print("the server has stopped in order\n");
    return application.server_management().options().success;
}
