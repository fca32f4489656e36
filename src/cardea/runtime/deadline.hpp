// Waiting with an end: sleep, and "this task, but no longer than".
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>

#include "cardea/base/clock.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::runtime {

/// Resumes after the time, by the steady clock. Cancellation ends it early, with `deadline.passed`.
Task<void> sleep(Milliseconds duration);

namespace detail {
/// Exceptions as values: the race in within() goes on after one.
template <class T>
Task<T> caught(Task<T> task) {
    try {
        co_return co_await std::move(task);
    } catch (const std::exception& e) {
        co_return fail(internal, e.what());
    }
}
}  // namespace detail

/// The task's result, or `late` when it takes longer than `limit`; the task is then cancelled and
/// awaited to its end, so that nothing it refers to dangles. An exception becomes `internal`.
template <class T>
Task<T> within(Milliseconds limit, Task<T> task, const Reason& late = deadline_passed) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (detail::caught(std::move(task)) || sleep(limit));
    if (first.index() == 0) co_return std::move(std::get<0>(first));
    co_return fail(late);
}

}  // namespace cardea::runtime
