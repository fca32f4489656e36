#include "cardea/password/queue.hpp"

#include <algorithm>

namespace cardea::password {

using Place = Engine::Entry::Place;

void Engine::Entry::finish(Place from, Result<Digest> result) {
    if (!move_on(from, Place::over)) return;
    auto answer = std::move(done);
    answer(std::move(result));
}

bool Queue::push(EntryPointer entry) {
    {
        std::lock_guard lock(mutex_);
        if (closed_ || waiting_.size() >= limit_) return false;
        next_expiry_ = std::min(next_expiry_, entry->job.deadline);
        waiting_.push_back(std::move(entry));
    }
    wake_.notify_one();
    return true;
}

bool Queue::cancel(const EntryPointer& entry) {
    bool was_waiting = entry->move_on(Place::waiting, Place::over);
    if (!was_waiting && !entry->move_on(Place::computing, Place::over)) return false;
    {
        std::lock_guard lock(mutex_);
        std::erase(waiting_, entry);
    }
    entry->done = nullptr;
    return true;
}

std::size_t Queue::waiting() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
}

void Queue::close(const Error& why) {
    std::deque<EntryPointer> left;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(waiting_);
    }
    wake_.notify_all();
    for (const auto& entry : left) entry->finish(Place::waiting, std::unexpected(why));
}

std::vector<Queue::EntryPointer> Queue::take(Taker& taker) {
    std::vector<EntryPointer> taken;
    std::vector<EntryPointer> expired;
    do {
        {
            std::unique_lock lock(mutex_);
            computing_ += taker.active - taker.counted;
            taker.counted = taker.active;
            if (taker.active == 0) {
                wake_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
            }
            if (closed_ && waiting_.empty()) return {};
            expired = remove_expired();
            taken = take_share(taker);
        }
        // Outside the lock: what they answer to may come back with the next job.
        for (const auto& entry : expired) entry->finish(Place::waiting, fail(deadline_passed));
    } while (taken.empty() && taker.active == 0);
    return taken;
}

// Looks at the whole queue only when somebody in it is due.
std::vector<Queue::EntryPointer> Queue::remove_expired() {
    std::vector<EntryPointer> expired;
    auto now = std::chrono::steady_clock::now();
    if (now < next_expiry_) return expired;
    next_expiry_ = TimePoint::max();
    std::erase_if(waiting_, [&](const EntryPointer& entry) {
        if (entry->job.deadline > now) {
            next_expiry_ = std::min(next_expiry_, entry->job.deadline);
            return false;
        }
        expired.push_back(entry);
        return true;
    });
    return expired;
}

std::vector<Queue::EntryPointer> Queue::take_share(Taker& taker) {
    std::vector<EntryPointer> taken;
    auto share = (computing_ + waiting_.size() + threads_ - 1) / threads_;
    auto most = std::min(share, taker.lanes);
    while (!waiting_.empty() && taker.active < most) {
        auto entry = std::move(waiting_.front());
        waiting_.pop_front();
        if (!entry->move_on(Place::waiting, Place::computing)) continue;
        taken.push_back(std::move(entry));
        ++taker.active;
    }
    computing_ += taker.active - taker.counted;
    taker.counted = taker.active;
    return taken;
}

}  // namespace cardea::password
