// ForeignTime: how long the slowest kind of foreign hash takes, as far as has been seen.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace cardea::password::formats {

using Microseconds = std::chrono::microseconds;

/// Any thread.
class ForeignTime {
  public:
    explicit ForeignTime(Microseconds limit) : limit_(limit) {}

    /// A check of this kind took so long. What is remembered goes down at once and up slowly: one
    /// check that was held up must not make every refusal slow. One that is known to have been held
    /// up is better than nothing, and otherwise at most lowers what is remembered.
    void note(const std::string& kind, Microseconds spent, bool held_up = false);
    /// Of the kinds that were seen, the slowest one's usual time; zero before any.
    Microseconds longest() const;

  private:
    const Microseconds limit_;
    mutable std::mutex mutex_;
    std::map<std::string, Microseconds> usual_;
};

}  // namespace cardea::password::formats
