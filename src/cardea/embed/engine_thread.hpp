// EngineThread: the engine's core on an I/O thread of its own, asked from other threads. For this
// module's sources.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "cardea/api/idempotency.hpp"
#include "cardea/base/log.hpp"
#include "cardea/embed/oauth_authentication.hpp"
#include "cardea/engine/core.hpp"
#include "cardea/jobs/scheduler.hpp"
#include "cardea/runtime/abandonable.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::embed {

/// What a call does, on the I/O thread.
template <class T>
using Work = std::function<Task<T>(engine::Core& core)>;

/// The core is opened, used and destroyed on the thread. ask() and async() from any other.
class EngineThread {
  public:
    static Result<std::shared_ptr<EngineThread>> start(engine::Settings settings,
                                                       engine::CoreOptions options,
                                                       OAuthAuthentication::Options calls);
    ~EngineThread();
    EngineThread(const EngineThread&) = delete;
    EngineThread& operator=(const EngineThread&) = delete;

    /// Blocks until the work is done.
    template <class T>
    Result<T> ask(std::string_view event, Work<T> work);
    /// Waits on the caller's executor. When that wait is cancelled the work is done for nobody:
    /// what a provider has answered is not lost.
    template <class T>
    static Task<T> async(std::shared_ptr<EngineThread> thread, std::string_view event,
                         Work<T> work);
    /// Starts the jobs, the first time.
    Result<void> start_jobs();
    /// Ends what waits, closes the core and joins. Idempotent.
    void stop();

  private:
    struct Jobs;
    /// Keeps the thread running until the call that holds it is through.
    using Admission = asio::executor_work_guard<asio::io_context::executor_type>;
    /// Counts a call from its begin to its end, however it ends.
    struct Presence {
        explicit Presence(EngineThread& owner) : thread(owner) { ++thread.calls_; }
        Presence(const Presence&) = delete;
        Presence& operator=(const Presence&) = delete;
        ~Presence() {
            --thread.calls_;
            thread.idle_.cancel();
        }
        EngineThread& thread;
    };

    explicit EngineThread(OAuthAuthentication::Options calls);
    Result<void> open(engine::Settings settings, engine::CoreOptions options);
    Task<void> start_jobs_on(engine::Core& core);
    Task<void> close();
    Task<void> wait_for_stop();
    std::optional<Admission> admit();
    template <class T>
    Task<T> run(Admission admission, std::string_view event, Work<T> work);
    template <class T>
    Task<T> until_stopped(Task<T> task);
    template <class T>
    Result<T> stamped(Result<T> result) const;

    OAuthAuthentication::Options options_;
    std::mutex mutex_;  // guards stopped_
    bool stopped_ = false;
    std::once_flag joined_;

    asio::io_context io_{1};
    std::optional<Admission> alive_;
    std::thread thread_;

    // On the thread alone.
    asio::steady_timer stopping_;
    asio::steady_timer idle_;
    bool is_stopping_ = false;
    std::size_t calls_ = 0;
    std::unique_ptr<engine::Core> core_;
    std::unique_ptr<Jobs> jobs_;
};

template <class T>
Result<T> EngineThread::stamped(Result<T> result) const {
    if (result) return result;
    return std::unexpected(Error(result.error()).with_status(options_.error));
}

template <class T>
Task<T> EngineThread::until_stopped(Task<T> task) {
    using namespace asio::experimental::awaitable_operators;
    auto work = runtime::detail::caught(std::move(task));
    auto stop = wait_for_stop();
    auto first = co_await (std::move(work) || std::move(stop));
    if (first.index() == 0) co_return std::move(std::get<0>(first));
    co_return fail(oauth_stopped);
}

template <class T>
Task<T> EngineThread::run(Admission, std::string_view event, Work<T> work) {
    if (is_stopping_) {
        Result<T> late = fail(oauth_stopped);
        co_return stamped(std::move(late));
    }
    Presence presence(*this);
    const auto begin = std::chrono::steady_clock::now();
    auto task = work(*core_);
    auto result = co_await until_stopped(std::move(task));
    if (options_.debug) {
        const auto took = std::chrono::steady_clock::now() - begin;
        log::debug(event, log::kv("outcome", result ? "ok" : result.error().reason().slug),
                   log::kv("ms", std::chrono::ceil<Milliseconds>(took).count()));
    }
    co_return stamped(std::move(result));
}

template <class T>
Result<T> EngineThread::ask(std::string_view event, Work<T> work) {
    auto admission = admit();
    if (!admission) return stamped(Result<T>(fail(oauth_stopped)));
    std::promise<Result<T>> promise;
    auto answer = promise.get_future();
    auto keep = [promise = std::move(promise)](std::exception_ptr thrown,
                                               Result<T> result) mutable {
        if (thrown) result = fail(internal, "a call threw");
        promise.set_value(std::move(result));
    };
    asio::co_spawn(io_, run<T>(std::move(*admission), event, std::move(work)), std::move(keep));
    return answer.get();
}

template <class T>
Task<T> EngineThread::async(std::shared_ptr<EngineThread> thread, std::string_view event,
                            Work<T> work) {
    auto admission = thread->admit();
    if (!admission) {
        Result<T> late = fail(oauth_stopped);
        co_return thread->stamped(std::move(late));
    }
    auto call = thread->template run<T>(std::move(*admission), event, std::move(work));
    auto initiate = [](auto handler, std::shared_ptr<EngineThread> owner, Task<T> task) {
        using Call = runtime::detail::AbandonableCall<decltype(handler), Result<T>>;
        auto waiting = std::make_shared<Call>(std::move(handler));
        if (waiting->slot().is_connected()) {
            waiting->slot().assign([weak = std::weak_ptr(waiting)](asio::cancellation_type) {
                if (auto abandoned = weak.lock()) Call::finish(abandoned, fail(deadline_passed));
            });
        }
        auto finish = [waiting](std::exception_ptr thrown, Result<T> result) {
            if (thrown) result = fail(internal, "a call threw");
            Call::finish(waiting, std::move(result));
        };
        asio::co_spawn(owner->io_, std::move(task), std::move(finish));
    };
    auto result = co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<T>)>(
        initiate, asio::use_awaitable, thread, std::move(call));
    co_return thread->stamped(std::move(result));
}

}  // namespace cardea::embed
