// The one place where a callback becomes a coroutine in the driver.
#include "cardea/db/sqlite/hop.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/executor_work_guard.hpp>

namespace cardea::db::sqlite {

Task<Rows> hop(std::function<Cancel(Done)> start) {
    auto initiate = [](auto handler, std::function<Cancel(Done)> begin) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        // The handler is move-only and std::function copies: share it.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        Done done = [shared, guard, slot](Result<Rows> rows) mutable {
            if (slot.is_connected()) slot.clear();
            auto resume = [shared = std::move(shared), rows = std::move(rows)]() mutable {
                (*shared)(std::move(rows));
            };
            asio::post(guard.get_executor(), std::move(resume));
        };
        Cancel cancel = begin(std::move(done));
        if (slot.is_connected()) {
            slot.assign([cancel](asio::cancellation_type) { cancel(); });
        }
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<Rows>)>(
        initiate, asio::use_awaitable, std::move(start));
}

}  // namespace cardea::db::sqlite
