#include "cardea/runtime/deadline.hpp"

namespace cardea::runtime {

Task<void> sleep(Milliseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await timer.async_wait(token);
    if (error) co_return fail(deadline_passed, "the wait was cancelled");
    co_return Result<void>();
}

}  // namespace cardea::runtime
