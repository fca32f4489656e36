// Example 6 of the original document: ask the server how it is.
//
// `/health` says `healthy` while it serves and `stopping`, with 503, from the moment of the
// shutdown. The program visits itself and ends with 84 when anything differs.
#include <fmt/format.h>

#include <cstdio>

#include "cardea/base/clock.hpp"
#include "cardea/embed/server_management.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/router.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/schema/json.hpp"

using namespace cardea;

namespace {

struct HealthAnswer {
    std::string status;
    std::int64_t uptime = 0;
    bool database = false;
};
DESCRIBED(HealthAnswer, (status, "How the server is."), (uptime, "Seconds since it began."),
          (database, "Whether the database is connected."))

// Stands for the application's own database.
struct Database {
    bool is_connected() const { return true; }
};

class Application {
  public:
    // @app.get("/health")
    Task<http::Response> health_check() {
        const bool stopping = server_management_.lifecycle().state() == lifecycle::State::stopping;
        if (!server_management_.is_server_alive() || stopping) {
            co_return http::responses::service_unavailable("Server shutting down");
        }
        HealthAnswer answer;
        answer.status = "healthy";
        answer.uptime = server_management_.lifecycle().uptime().count();
        answer.database = database_.is_connected();
        co_return http::responses::ok(schema::write_json(answer));
    }

    ServerManagement& server_management() { return server_management_; }

  private:
    ServerManagement server_management_;
    Database database_;
};

Task<void> visit(http::Client& client, std::string url, Application& application, bool& expected) {
    http::Request request;
    request.target = url;
    auto before = co_await client.send(request);
    if (before) fmt::print("{} {}\n", before->status, before->body);
    application.server_management().perform_shutdown();
    auto after = co_await client.send(request);
    if (after) fmt::print("{} {}\n", after->status, after->body);
    expected = before && before->status == 200 &&
               before->body == R"({"status":"healthy","uptime":0,"database":true})" && after &&
               after->status == 503;
    co_return Result<void>();
}

Task<void> visit_and_stop(http::Server& server, http::Client& client, std::string url,
                          Application& application, bool& expected) {
    auto visited = co_await visit(client, std::move(url), application, expected);
    if (!visited) co_return std::unexpected(visited.error());
    auto drained = co_await server.drain(5s);
    application.server_management().lifecycle().stopped();
    co_return drained;
}

}  // namespace

int main() {
    asio::io_context io(1);
    SystemClock clock;
    Application application;
    http::Router router;
    router.add(http::route(http::Method::get, "/health", http::Access::anyone, "Is it alive",
                           application, &Application::health_check));
    http::ServerSettings settings;
    settings.port = 0;  // a free one
    http::Server server(io.get_executor(), settings, router, clock);
    if (auto listening = server.listen(); !listening) {
        fmt::print(stderr, "{}\n", listening.error().describe());
        return 84;
    }
    application.server_management().lifecycle().started();

    http::ClientOptions options;
    options.insecure_allow_loopback = true;
    auto client = http::make_client(io.get_executor(), options);
    const auto url = fmt::format("http://127.0.0.1:{}/health", server.port());
    bool expected = false;
    asio::co_spawn(io, visit_and_stop(server, *client, url, application, expected),
                   [](std::exception_ptr thrown, Result<void>) {
                       if (thrown) std::rethrow_exception(thrown);
                   });
    io.run();

    if (!expected || application.server_management().is_server_alive()) return 84;
    fmt::print("the server said how it was to the end\n");
    return application.server_management().options().success;
}
