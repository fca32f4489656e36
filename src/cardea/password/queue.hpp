// The engine's queue: who waits, who may take, who has gone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "cardea/password/engine.hpp"

namespace cardea::password {

/// A job on its way. Whoever moves `place` to `over` answers for it; the others leave it alone.
struct Engine::Entry {
    enum class Place { waiting, computing, over };

    Job job;
    Done done;
    std::atomic<Place> place = Place::waiting;

    bool move_on(Place from, Place to) { return place.compare_exchange_strong(from, to); }
    bool is_over() const { return place == Place::over; }
    /// Answers, unless it was cancelled meanwhile.
    void finish(Place from, Result<Digest> result);
};

/// First come, first served. Thread-safe.
class Queue {
  public:
    using Entry = Engine::Entry;
    using EntryPointer = std::shared_ptr<Entry>;

    Queue(std::size_t limit, std::size_t threads) : limit_(limit), threads_(threads) {}

    /// False when it is full or closed.
    bool push(EntryPointer entry);
    bool cancel(const EntryPointer& entry);
    std::size_t waiting() const;
    /// Ends those waiting, and lets threads leave that have nothing to do.
    void close(const Error& why);

    /// One hashing thread: how much it may take and how much it has.
    struct Taker {
        std::size_t lanes = 1;
        std::size_t active = 0;
        std::size_t counted = 0;  ///< The queue's: what `active` was when it last looked.
    };
    /// What the thread may begin now. Waits when it has nothing to do; what it has stays empty then
    /// only when the queue is closed. Threads take no more than their share, so that two passwords
    /// are computed by two cores; those whose deadline passed are answered here.
    std::vector<EntryPointer> take(Taker& taker);

  private:
    using TimePoint = std::chrono::steady_clock::time_point;
    std::vector<EntryPointer> remove_expired();
    std::vector<EntryPointer> take_share(Taker& taker);

    const std::size_t limit_;
    const std::size_t threads_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<EntryPointer> waiting_;
    TimePoint next_expiry_ = TimePoint::max();
    std::size_t computing_ = 0;  // of all threads
    bool closed_ = false;
};

}  // namespace cardea::password
