// Signals by Asio's signal set.
#include "cardea/runtime/signals.hpp"

#include <boost/asio/signal_set.hpp>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::runtime {

struct Signals::State {
    State(const asio::any_io_executor& executor, std::function<void(int)> f)
        : set(executor), on_signal(std::move(f)) {}

    static void wait(const std::shared_ptr<State>& state) {
        state->set.async_wait([state](const boost::system::error_code& error, int number) {
            if (error || !state->wanted) return;
            state->on_signal(number);
            if (state->wanted) wait(state);
        });
    }

    asio::signal_set set;
    std::function<void(int)> on_signal;
    bool wanted = true;
};

Signals::Signals(const asio::any_io_executor& executor, const std::vector<int>& numbers,
                 std::function<void(int)> on_signal)
    : state_(std::make_shared<State>(executor, std::move(on_signal))) {
    for (int number : numbers) state_->set.add(number);
    State::wait(state_);
}

Signals::~Signals() {
    state_->wanted = false;
    boost::system::error_code ignored;
    state_->set.clear(ignored);
    state_->set.cancel(ignored);
}

}  // namespace cardea::runtime
