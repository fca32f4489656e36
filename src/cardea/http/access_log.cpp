// The one line a request leaves in the log.
#include "cardea/http/router.hpp"

namespace cardea::http {

void log_access(const Exchange& exchange, const Response& response) {
    if (!log::is_on(log::Level::info)) return;
    auto elapsed = Exchange::Steady::now() - exchange.received_at;
    auto micros = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
    bool unread = exchange.request.target.empty();
    auto method = unread ? std::string_view("-") : to_string(exchange.request.method);
    auto route = exchange.route != nullptr ? std::string_view(exchange.route->pattern()) : "-";
    auto reason = exchange.refusal != nullptr ? exchange.refusal->slug : "-";
    auto client = exchange.client_address.text();
    auto bytes = response.body.size();
    auto took = fmt::format("{}.{:02}", micros / 1000, micros % 1000 / 10);
    log::info("request", log::kv("method", method), log::kv("route", route),
              log::kv("status", response.status), log::kv("reason", reason), log::kv("ms", took),
              log::kv("bytes", bytes), log::kv("request_id", exchange.request_id),
              log::kv("client", client));
}

}  // namespace cardea::http
