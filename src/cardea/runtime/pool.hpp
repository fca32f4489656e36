// A pool of threads with a bounded queue, and offload(): run something on it and await the result.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::runtime {

/// Threads for work that blocks or computes. Bounded: what does not fit is refused at once.
class Pool {
  public:
    struct Options {
        std::string name;  ///< Shown by `top -H`; at most 15 characters.
        std::size_t threads = 1;
        std::size_t queue_limit = 1024;  ///< Jobs waiting, those running not counted.
        int nice = 0;                    ///< Added to the process's nice value.
    };
    explicit Pool(Options options);
    /// Drains: jobs already accepted run to their end.
    ~Pool();

    /// False when the queue is full or the pool is stopping; the job is then untouched.
    bool submit(std::function<void()>&& job);
    std::size_t waiting() const;
    /// Refuses new jobs, finishes those accepted, joins. Idempotent.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The pool's queue is full.
inline constexpr Reason pool_full{Code::unavailable, "busy",
                                  "The server is busy. Try again in a moment."};

/// Runs `work` (a callable without parameters) on the pool and resumes on the caller's executor
/// with its Result. What it captures must be owned: the awaiting coroutine may be gone by then.
/// Name the callable first, then move it in. An exception becomes `internal`.
template <class F, class R = std::invoke_result_t<F&>>
boost::asio::awaitable<R, boost::asio::any_io_executor> offload(Pool& pool, F work) {
    auto initiate = [&pool](auto handler, F job) {
        auto executor = boost::asio::get_associated_executor(handler);
        // The handler is move-only and std::function copies: share it.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto guard = boost::asio::make_work_guard(executor);
        auto finish = [shared, guard](R result) {
            auto resume = [shared, result = std::move(result)]() mutable {
                (*shared)(std::move(result));
            };
            boost::asio::post(guard.get_executor(), std::move(resume));
        };
        auto run = [finish, job = std::make_shared<F>(std::move(job))]() mutable {
            try {
                auto result = (*job)();
                job.reset();
                finish(std::move(result));
            } catch (const std::exception& e) {
                finish(fail(internal, e.what()));
            }
        };
        if (!pool.submit(run)) finish(fail(pool_full));
    };
    co_return co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(R)>(
        initiate, boost::asio::use_awaitable, std::move(work));
}

}  // namespace cardea::runtime
