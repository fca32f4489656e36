// Removing expired rows in small batches.
#include "cardea/jobs/sweep.hpp"

#include <fmt/format.h>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::jobs {

Task<std::string> sweep(StopSignal stop, SweepBatch batch, int limit) {
    std::size_t removed = 0;
    std::size_t last = static_cast<std::size_t>(limit);
    while (last >= static_cast<std::size_t>(limit) && !stop.requested()) {
        auto count = co_await batch(limit);
        if (!count) co_return std::unexpected(count.error());
        last = *count;
        removed += last;
        co_await asio::post(asio::use_awaitable);
    }
    co_return fmt::format("removed {}", removed);
}

}  // namespace cardea::jobs
