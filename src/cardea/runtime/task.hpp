// Task<T>: a coroutine that ends in a Result. Everything that waits in cardea is one.
#pragma once

#include "cardea/base/error.hpp"

namespace boost::asio {
template <typename T, typename Executor>
class awaitable;
class any_io_executor;
class io_context;
}  // namespace boost::asio

namespace cardea {

/// Runs on the I/O thread; never throws for what can be expected. Includers that define or await
/// one include `cardea/runtime/coroutine.hpp` in the source, which brings Asio.
///
/// GCC 12 destroys some temporaries twice when they appear in an expression with co_await: name it,
/// then await (tools/check_awaits).
template <class T>
using Task = boost::asio::awaitable<Result<T>, boost::asio::any_io_executor>;

}  // namespace cardea
