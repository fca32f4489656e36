// SIGTERM and its relatives.
#include "cardea/lifecycle/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <optional>

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/signals.hpp"

namespace cardea::lifecycle {
namespace {

constexpr int exit_at_once = 84;

void handle(int number, void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
}

// Runs on whatever thread, in the midst of whatever: it may do nothing else.
void leave_at_once(int) {
    _exit(exit_at_once);
}

}  // namespace

struct Signals::State {
    State(const asio::any_io_executor& e, Lifecycle& l, std::function<void()> f)
        : executor(e), lifecycle(l), on_hangup(std::move(f)) {}

    void stop(int number) {
        // From here on without the I/O thread, which may be busy with the stop.
        ending.reset();
        handle(SIGTERM, leave_at_once);
        handle(SIGINT, leave_at_once);
        lifecycle.request_stop(number == SIGINT ? "SIGINT" : "SIGTERM");
    }

    asio::any_io_executor executor;
    Lifecycle& lifecycle;
    std::function<void()> on_hangup;
    std::optional<runtime::Signals> ending;
    std::optional<runtime::Signals> hangup;
};

Signals::Signals(const asio::any_io_executor& executor, Lifecycle& lifecycle,
                 std::function<void()> on_hangup)
    : state_(std::make_shared<State>(executor, lifecycle, std::move(on_hangup))) {
    handle(SIGPIPE, SIG_IGN);
    handle(SIGUSR1, SIG_IGN);
    auto* state = state_.get();
    const std::vector<int> ends{SIGTERM, SIGINT}, hangups{SIGHUP};
    state->ending.emplace(executor, ends, [state](int number) { state->stop(number); });
    state->hangup.emplace(executor, hangups, [state](int) {
        log::info("log.reopened", log::kv("why", "SIGHUP"));
        if (state->on_hangup) state->on_hangup();
    });
}

Signals::~Signals() {
    state_->ending.reset();
    state_->hangup.reset();
    for (int number : {SIGTERM, SIGINT}) handle(number, SIG_DFL);
}

}  // namespace cardea::lifecycle
