// The states, guarded by a lock: signals, handlers and other threads ask for the stop.
#include "cardea/lifecycle/lifecycle.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::lifecycle {

struct Lifecycle::Shared {
    using Steady = std::chrono::steady_clock;

    mutable std::mutex mutex;
    State state = State::starting;
    std::optional<Steady::time_point> started_at;
    std::string why;
    std::vector<Listener> listeners;
};

std::string_view to_string(State state) {
    switch (state) {
        case State::starting:
            return "starting";
        case State::running:
            return "running";
        case State::stopping:
            return "stopping";
        case State::stopped:
            return "stopped";
    }
    return "";
}

Lifecycle::Lifecycle() : shared_(std::make_unique<Shared>()) {}
Lifecycle::~Lifecycle() = default;

State Lifecycle::state() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->state;
}

Seconds Lifecycle::uptime() const {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->started_at) return 0s;
    return std::chrono::floor<Seconds>(Shared::Steady::now() - *shared_->started_at);
}

void Lifecycle::started() {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->state != State::starting) return;
    shared_->state = State::running;
    shared_->started_at = Shared::Steady::now();
}

void Lifecycle::request_stop(std::string why) {
    std::vector<Listener> listeners;
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->state == State::stopping || shared_->state == State::stopped) return;
        shared_->state = State::stopping;
        shared_->why = why;
        listeners.swap(shared_->listeners);
    }
    log::info("server.stopping", log::kv("why", why));
    for (const auto& listener : listeners) listener(why);
}

void Lifecycle::stopped() {
    const std::lock_guard lock(shared_->mutex);
    shared_->state = State::stopped;
}

void Lifecycle::on_stop(Listener listener) {
    std::string why;
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->state != State::stopping && shared_->state != State::stopped) {
            shared_->listeners.push_back(std::move(listener));
            return;
        }
        why = shared_->why;
    }
    listener(why);
}

Task<void> Lifecycle::wait_for_stop() {
    auto executor = co_await asio::this_coro::executor;
    auto requested =
        std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    // The listener may outlive a cancelled wait, and its thread the event loop: the timer, which
    // must not, is never its own.
    Listener wake = [weak = std::weak_ptr(requested), executor](std::string_view) {
        if (weak.expired()) return;
        asio::post(executor, [weak] {
            if (auto timer = weak.lock()) timer->cancel();
        });
    };
    on_stop(std::move(wake));
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await requested->async_wait(token);
    co_return Result<void>();
}

}  // namespace cardea::lifecycle
