#include "cardea/runtime/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <list>

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::runtime {

struct TaskGroup::State {
    explicit State(const asio::any_io_executor& e)
        : executor(e), emptied(e, asio::steady_timer::time_point::max()) {}

    struct Member {
        std::string name;
        asio::cancellation_signal stop;
    };
    asio::any_io_executor executor;
    std::list<Member> members;
    asio::steady_timer emptied;
};

TaskGroup::TaskGroup(const asio::any_io_executor& executor)
    : state_(std::make_shared<State>(executor)) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::add(std::string name, Task<void> task) {
    auto member = state_->members.emplace(state_->members.end());
    member->name = std::move(name);
    auto finish = [state = state_, member](std::exception_ptr thrown, Result<void> result) {
        try {
            if (thrown) std::rethrow_exception(thrown);
            if (!result) {
                log::warn("task.failed", log::kv("task", member->name),
                          log::kv("error", result.error().describe()));
            }
        } catch (const std::exception& e) {
            log::error("task.threw", log::kv("task", member->name), log::kv("what", e.what()));
        }
        state->members.erase(member);
        if (state->members.empty()) state->emptied.cancel();
    };
    asio::co_spawn(state_->executor, std::move(task),
                   asio::bind_cancellation_slot(member->stop.slot(), std::move(finish)));
}

std::size_t TaskGroup::size() const {
    return state_->members.size();
}

void TaskGroup::cancel() {
    // A cancelled task may end at once and take its member along: go over a copy of the order.
    for (auto it = state_->members.begin(); it != state_->members.end();) {
        auto next = std::next(it);
        it->stop.emit(asio::cancellation_type::terminal);
        it = next;
    }
}

Task<void> TaskGroup::wait_until_empty() {
    auto state = state_;
    while (!state->members.empty()) {
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await state->emptied.async_wait(token);
    }
    co_return Result<void>();
}

}  // namespace cardea::runtime
