// run(): a Task to its end on an io_context of its own, for tests.
#pragma once

#include "cardea/runtime/coroutine.hpp"

namespace cardea {

template <class T>
Result<T> run(asio::io_context& io, Task<T> task) {
    std::optional<Result<T>> result;
    auto keep = [&result](std::exception_ptr thrown, Result<T> value) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
    };
    asio::co_spawn(io, std::move(task), keep);
    io.restart();
    while (!result && io.run_one() > 0) {
    }
    if (!result) return fail(internal, "the task never ended");
    return std::move(*result);
}

template <class T>
Result<T> run(Task<T> task) {
    asio::io_context io(1);
    return run(io, std::move(task));
}

}  // namespace cardea
