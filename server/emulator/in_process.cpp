#include "server/emulator/in_process.hpp"

#include "cardea/runtime/coroutine.hpp"
#include "server/emulator/failures.hpp"

namespace cardea::emulator {

Task<http::Response> EmulatedClient::send(http::Request request, http::Limits limits) {
    // As over a network, the answer comes later than the call.
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    auto outcome = emulator_.answer(request);
    switch (outcome.failure) {
        case Failure::hang:
        case Failure::slow:
            co_return fail(http::peer_timeout, request.target);
        case Failure::reset:
            co_return fail(http::peer_unreachable, request.target);
        case Failure::bomb:
            co_return fail(http::peer_too_large, request.target);
        default:
            break;
    }
    if (outcome.response.body.size() > limits.response_bytes)
        co_return fail(http::peer_too_large, request.target);
    co_return std::move(outcome.response);
}

}  // namespace cardea::emulator
