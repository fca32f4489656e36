// SingleFlight: many who want the same thing at the same time share one attempt to get it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/task_group.hpp"

namespace cardea::runtime {

/// One thread. The attempt runs on its own, so that a caller who goes away does not take it along.
/// The SingleFlight must outlive its attempts.
template <class T>
class SingleFlight {
  public:
    using Attempt = std::function<Task<T>()>;

    /// Attempts whose loss costs nothing, such as reading what can be read again.
    SingleFlight() = default;
    /// Attempts that a stop must wait for are the group's.
    explicit SingleFlight(TaskGroup& owner) : owner_(&owner) {}

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

    void start(const boost::asio::any_io_executor& executor, Task<void> flight) {
        if (owner_ != nullptr)
            owner_->add("flight", std::move(flight));
        else
            boost::asio::co_spawn(executor, std::move(flight), boost::asio::detached);
    }

    TaskGroup* owner_ = nullptr;
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
        start(executor, fly(key, std::move(attempt), flight));
    }
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
    if (!flight->result) co_await flight->landed.async_wait(token);
    if (!flight->result) co_return fail(deadline_passed);
    co_return *flight->result;
}

}  // namespace cardea::runtime
