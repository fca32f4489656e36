// SingleFlight: many who want the same thing at the same time share one attempt to get it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::runtime {

/// One thread. The attempt runs on its own, so that a caller who goes away does not take it along.
/// The SingleFlight must outlive its attempts.
template <class T>
class SingleFlight {
  public:
    using Attempt = std::function<Task<T>()>;

    /// Joins the attempt under way for `key`, or starts one. All get the same Result.
    Task<T> run(std::string key, Attempt attempt);
    std::size_t size() const { return flights_.size(); }

  private:
    struct Flight {
        explicit Flight(const boost::asio::any_io_executor& executor)
            : landed(executor, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer landed;
        std::optional<Result<T>> result;
    };
    Task<void> fly(std::string key, Attempt attempt, std::shared_ptr<Flight> flight) {
        try {
            flight->result = co_await attempt();
        } catch (const std::exception& e) {
            flight->result = Result<T>(fail(internal, e.what()));
        }
        flights_.erase(key);
        flight->landed.cancel();
        co_return Result<void>();
    }

    std::map<std::string, std::shared_ptr<Flight>> flights_;
};

template <class T>
Task<T> SingleFlight<T>::run(std::string key, Attempt attempt) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto& slot = flights_[key];
    auto flight = slot;
    if (!flight) {
        flight = slot = std::make_shared<Flight>(executor);
        // An attempt that waits for nothing ends in here and erases the slot.
        boost::asio::co_spawn(executor, fly(key, std::move(attempt), flight),
                              boost::asio::detached);
    }
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
    if (!flight->result) co_await flight->landed.async_wait(token);
    if (!flight->result) co_return fail(deadline_passed);
    co_return *flight->result;
}

}  // namespace cardea::runtime
