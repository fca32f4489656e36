// offload_abandonable(): offload() for a caller who may stop waiting.
#pragma once

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "cardea/runtime/pool.hpp"

namespace cardea::runtime {

namespace detail {
// A call on its way. Whoever claims it first, the thread that is done or the caller's deadline,
// resumes the caller; the other finds it claimed and leaves.
template <class Handler, class R>
class AbandonableCall {
  public:
    explicit AbandonableCall(Handler handler)
        : handler_(std::move(handler)),
          slot_(boost::asio::get_associated_cancellation_slot(handler_)),
          executor_(boost::asio::get_associated_executor(handler_)),
          work_(executor_) {}

    auto slot() const { return slot_; }
    bool is_claimed() const { return claimed_.load(std::memory_order_acquire); }

    static void finish(const std::shared_ptr<AbandonableCall>& call, R result) {
        if (call->claimed_.exchange(true, std::memory_order_acq_rel)) return;
        auto resume = [call, result = std::move(result)]() mutable {
            if (call->slot_.is_connected()) call->slot_.clear();
            auto handler = std::move(call->handler_);
            call->work_.reset();
            std::move(handler)(std::move(result));
        };
        boost::asio::post(call->executor_, std::move(resume));
    }

  private:
    Handler handler_;
    boost::asio::associated_cancellation_slot_t<Handler> slot_;
    boost::asio::associated_executor_t<Handler> executor_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
    std::atomic<bool> claimed_ = false;
};
}  // namespace detail

/// Like offload(). When the waiting coroutine is cancelled (a deadline) it resumes at once with
/// `deadline.passed`; work not yet begun is then never done, work under way is done for nobody.
template <class F, class R = std::invoke_result_t<F&>>
boost::asio::awaitable<R, boost::asio::any_io_executor> offload_abandonable(Pool& pool, F work) {
    auto initiate = [&pool](auto handler, F job) {
        using Call = detail::AbandonableCall<decltype(handler), R>;
        auto call = std::make_shared<Call>(std::move(handler));
        if (call->slot().is_connected()) {
            call->slot().assign([weak = std::weak_ptr(call)](boost::asio::cancellation_type) {
                if (auto waiting = weak.lock()) Call::finish(waiting, fail(deadline_passed));
            });
        }
        auto run = [call, shared = std::make_shared<F>(std::move(job))] {
            if (call->is_claimed()) return;
            try {
                Call::finish(call, (*shared)());
            } catch (const std::exception& e) {
                Call::finish(call, fail(internal, e.what()));
            }
        };
        if (!pool.submit(run)) Call::finish(call, fail(pool_full));
    };
    co_return co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(R)>(
        initiate, boost::asio::use_awaitable, std::move(work));
}

}  // namespace cardea::runtime
