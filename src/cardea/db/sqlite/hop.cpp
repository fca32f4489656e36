// The one place where a callback becomes a coroutine in the driver.
#include "cardea/db/sqlite/hop.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/executor_work_guard.hpp>

namespace cardea::db::sqlite {

Task<Rows> hop(Start start) {
    auto initiate = [](auto handler, Start begin) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        Done done = [handler = std::move(handler), guard, slot](Result<Rows> rows) mutable {
            if (slot.is_connected()) slot.clear();
            auto resume = [handler = std::move(handler), rows = std::move(rows)]() mutable {
                std::move(handler)(std::move(rows));
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
