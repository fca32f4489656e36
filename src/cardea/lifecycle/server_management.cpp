// ServerManagement on top of the lifecycle.
#include "cardea/lifecycle/server_management.hpp"

#include "cardea/base/log.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea {
namespace {

// A coroutine of its own: it owns what it needs after the handler is gone.
Task<void> stop(std::shared_ptr<lifecycle::Lifecycle> lifecycle) {
    lifecycle->request_stop("shutdown");
    co_return Result<void>();
}

}  // namespace

ServerManagement::ServerManagement(Options options)
    : options_(options), lifecycle_(std::make_shared<lifecycle::Lifecycle>()) {}

bool ServerManagement::is_server_alive() const {
    const auto state = lifecycle_->state();
    const bool alive = state == lifecycle::State::running || state == lifecycle::State::stopping;
    if (options_.debug) {
        log::debug("server.asked", log::kv("state", lifecycle::to_string(state)));
    }
    return alive;
}

Result<http::Response> ServerManagement::shutdown(BackgroundTasks& tasks) {
    const auto state = lifecycle_->state();
    if (state != lifecycle::State::running) {
        Error error(not_running, std::string(lifecycle::to_string(state)));
        return std::unexpected(std::move(error).with_status(options_.error));
    }
    if (options_.debug) log::debug("server.shutdown");
    tasks.add("shutdown", [lifecycle = lifecycle_] { return stop(lifecycle); });
    return http::responses::accepted(R"({"status":"stopping"})");
}

void ServerManagement::perform_shutdown() {
    if (options_.debug) log::debug("server.perform_shutdown");
    lifecycle_->request_stop("shutdown");
}

}  // namespace cardea
