#include "cardea/runtime/pool.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace cardea::runtime {

struct Pool::State {
    Options options;
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> jobs;
    std::vector<std::thread> threads;
    bool stopping = false;

    void work() {
        pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
        // On Linux a nice value belongs to the thread; failing to lower it is harmless.
        if (options.nice != 0) {
            auto id = static_cast<id_t>(syscall(SYS_gettid));
            (void)setpriority(PRIO_PROCESS, id, getpriority(PRIO_PROCESS, 0) + options.nice);
        }
        for (;;) {
            std::unique_lock lock(mutex);
            wake.wait(lock, [this] { return stopping || !jobs.empty(); });
            if (jobs.empty()) return;
            auto job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
        }
    }
};

Pool::Pool(Options options) : state_(std::make_unique<State>()) {
    state_->options = std::move(options);
    for (std::size_t i = 0; i < state_->options.threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
    }
}

Pool::~Pool() {
    stop();
}

bool Pool::submit(std::function<void()>&& job) {
    {
        std::lock_guard lock(state_->mutex);
        if (state_->stopping || state_->jobs.size() >= state_->options.queue_limit) return false;
        state_->jobs.push_back(std::move(job));
    }
    state_->wake.notify_one();
    return true;
}

std::size_t Pool::waiting() const {
    std::lock_guard lock(state_->mutex);
    return state_->jobs.size();
}

void Pool::stop() {
    {
        std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace cardea::runtime
