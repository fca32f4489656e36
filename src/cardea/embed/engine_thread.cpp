#include "cardea/embed/engine_thread.hpp"

#include "cardea/engine/jobs.hpp"

namespace cardea::embed {
namespace {

/// What is left in the background when the object goes.
constexpr Milliseconds closing_limit = 1s;

/// What a job has to come to its next safe point.
constexpr Milliseconds jobs_limit = 2s;

/// What is late ends at its next wait.
Task<void> end(runtime::TaskGroup& group) {
    auto empty = group.wait_until_empty();
    auto ended = co_await runtime::within(jobs_limit, std::move(empty));
    if (ended) co_return ended;
    group.cancel();
    co_return co_await group.wait_until_empty();
}

}  // namespace

/// In the order of their making; torn down in reverse.
struct EngineThread::Jobs {
    Jobs(const asio::any_io_executor& executor, engine::Core& core)
        : idempotency(core.database(), core.keyring(), core.clock()),
          scheduler(core.database(), core.random(), executor),
          group(executor) {
        engine::add_jobs(scheduler, core, idempotency);
        scheduler.start(group);
    }

    api::Idempotency idempotency;
    jobs::Scheduler scheduler;
    runtime::TaskGroup group;
};

EngineThread::EngineThread(OAuthAuthentication::Options calls)
    : options_(calls),
      stopping_(io_, asio::steady_timer::time_point::max()),
      idle_(io_, asio::steady_timer::time_point::max()) {}

EngineThread::~EngineThread() {
    stop();
}

Result<std::shared_ptr<EngineThread>> EngineThread::start(engine::Settings settings,
                                                          engine::CoreOptions options,
                                                          OAuthAuthentication::Options calls) {
    std::shared_ptr<EngineThread> thread(new EngineThread(calls));
    auto opened = thread->open(std::move(settings), std::move(options));
    if (!opened) return std::unexpected(opened.error());
    return thread;
}

Result<void> EngineThread::open(engine::Settings settings, engine::CoreOptions options) {
    alive_.emplace(asio::make_work_guard(io_));
    thread_ = std::thread([this] { io_.run(); });
    std::promise<Result<void>> promise;
    auto opened = promise.get_future();
    auto keep = [this, promise = std::move(promise)](
                    std::exception_ptr thrown, Result<std::unique_ptr<engine::Core>> core) mutable {
        if (thrown) core = fail(internal, "opening the core threw");
        if (core) core_ = std::move(*core);
        promise.set_value(core ? Result<void>() : Result<void>(std::unexpected(core.error())));
    };
    asio::co_spawn(io_, engine::Core::open(std::move(settings), std::move(options)),
                   std::move(keep));
    return stamped(opened.get());
}

std::optional<EngineThread::Admission> EngineThread::admit() {
    std::lock_guard lock(mutex_);
    if (stopped_) return std::nullopt;
    return asio::make_work_guard(io_);
}

Task<void> EngineThread::wait_for_stop() {
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await stopping_.async_wait(token);
    co_return Result<void>();
}

Result<void> EngineThread::start_jobs() {
    Work<void> work = [this](engine::Core& core) { return start_jobs_on(core); };
    return ask<void>("oauth.inject_crons", std::move(work));
}

Task<void> EngineThread::start_jobs_on(engine::Core& core) {
    auto executor = co_await asio::this_coro::executor;
    if (!jobs_) jobs_ = std::make_unique<Jobs>(executor, core);
    co_return Result<void>();
}

Task<void> EngineThread::close() {
    is_stopping_ = true;
    stopping_.cancel();
    while (calls_ > 0) {
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await idle_.async_wait(token);
    }
    Result<void> jobs_ended;
    if (jobs_) {
        jobs_->scheduler.stop();
        jobs_ended = co_await end(jobs_->group);
    }
    jobs_.reset();
    Result<void> closed;
    if (core_) closed = co_await core_->close(closing_limit);
    core_.reset();
    co_return jobs_ended ? closed : jobs_ended;
}

void EngineThread::stop() {
    auto end_and_join = [this] {
        {
            std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        auto report = [](std::exception_ptr thrown, Result<void> closed) {
            if (thrown) log::error("oauth.stop_threw");
            if (!closed)
                log::warn("oauth.stopped_late", log::kv("error", closed.error().describe()));
        };
        asio::co_spawn(io_, close(), report);
        alive_.reset();
        if (thread_.joinable()) thread_.join();
    };
    std::call_once(joined_, end_and_join);
}

}  // namespace cardea::embed
