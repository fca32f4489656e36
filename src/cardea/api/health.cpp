#include "cardea/api/health.hpp"

#include "cardea/account/roles.hpp"
#include "cardea/api/caller.hpp"
#include "cardea/http/codec.hpp"
#include "cardea/http/route.hpp"

namespace cardea::api {

namespace {

bool is_admin(const http::Exchange& exchange) {
    const Caller& caller = caller_of(exchange);
    if (caller.key) return caller.key->scopes.has(api_key::scope::admin);
    return caller.session && caller.session->account.has_role(account::admin);
}

http::Response yes_or_no(bool yes) {
    http::Response response;
    response.status = yes ? 200 : 503;
    response.headers.add("Content-Type", "application/json");
    response.body = yes ? R"({"status":"yes"})" : R"({"status":"no"})";
    return response;
}

}  // namespace

void Health::add_routes(http::Router& router) {
    using http::Access;
    using http::Method;
    router.add(http::route(Method::get, "/health", Access::anyone, "How the server is", *this,
                           &Health::health)
                   .on_any_host());
    router.add(http::route(Method::get, "/health/live", Access::anyone,
                           "Whether the process should go on living", *this, &Health::live)
                   .on_any_host());
    router.add(http::route(Method::get, "/health/ready", Access::anyone,
                           "Whether requests should be sent here", *this, &Health::ready)
                   .on_any_host());
    router.add(http::route(Method::post, "/v1/admin/shutdown", Access::admin, "Stop in order",
                           *this, &Health::shutdown)
                   .answers(202)
                   .may_fail(ServerManagement::not_running));
}

Task<http::Response> Health::health(http::Exchange& exchange) {
    auto report = co_await parts_.health.report();
    if (!report) co_return std::unexpected(report.error());
    int status = report->http_status();
    http::Reply<lifecycle::HealthReport> reply(
        is_admin(exchange) ? std::move(*report) : report->in_public(), status);
    co_return http::encode(std::move(reply));
}

Task<http::Response> Health::live() {
    co_return yes_or_no(parts_.health.is_live());
}
Task<http::Response> Health::ready() {
    co_return yes_or_no(parts_.health.is_ready());
}

Task<http::Response> Health::shutdown(http::Exchange& exchange) {
    audit::Event event{"server.shutdown", std::nullopt, origin_of(exchange), {}};
    auto written = co_await parts_.trail.write(parts_.database, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    co_return parts_.management.shutdown(parts_.tasks);
}

}  // namespace cardea::api
