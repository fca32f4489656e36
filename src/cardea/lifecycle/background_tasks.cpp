// Background tasks on a task group of their own.
#include "cardea/lifecycle/background_tasks.hpp"

#include <atomic>

#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/task_group.hpp"

namespace cardea::lifecycle {
namespace {

// The work stands in the coroutine's own frame: what it captures lives as long as it runs.
Task<void> run(BackgroundTasks::Work work) {
    co_return co_await work();
}

}  // namespace

struct BackgroundTasks::State {
    explicit State(const asio::any_io_executor& e) : executor(e), group(e) {}
    asio::any_io_executor executor;
    runtime::TaskGroup group;
    std::atomic<std::size_t> on_their_way = 0;  // posted, and not in the group yet
};

// A cancelled wait ends in an exception: what is left is told on the way out.
struct BackgroundTasks::CancelUnlessEmpty {
    explicit CancelUnlessEmpty(std::shared_ptr<State> s) : state(std::move(s)) {}
    ~CancelUnlessEmpty() { state->group.cancel(); }
    std::shared_ptr<State> state;
};

BackgroundTasks::BackgroundTasks(const asio::any_io_executor& executor)
    : state_(std::make_shared<State>(executor)) {}

BackgroundTasks::~BackgroundTasks() = default;

void BackgroundTasks::add(std::string name, Work work) {
    ++state_->on_their_way;
    auto begin = [state = state_, name = std::move(name), work = std::move(work)]() mutable {
        state->group.add(std::move(name), run(std::move(work)));
        --state->on_their_way;
    };
    asio::post(state_->executor, std::move(begin));
}

std::size_t BackgroundTasks::size() const {
    return state_->on_their_way + state_->group.size();
}

Task<void> BackgroundTasks::wait_until_empty() {
    const CancelUnlessEmpty guard(state_);
    while (state_->on_their_way + state_->group.size() > 0) {
        if (state_->on_their_way > 0) co_await asio::post(asio::use_awaitable);
        auto waited = co_await state_->group.wait_until_empty();
        if (!waited) co_return waited;
    }
    co_return Result<void>();
}

}  // namespace cardea::lifecycle
