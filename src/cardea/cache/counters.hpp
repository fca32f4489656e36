// Counters that expire and may vanish: for throttling, never for what must be right.
#pragma once

#include <cstdint>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::cache {

struct Count {
    std::int64_t value = 0;
    Milliseconds left{0};  ///< Until it is forgotten; 0 for what is not there.
};

/// Where several processes share one, an addition is one step for all of them.
class Counters {
  public:
    virtual ~Counters() = default;
    /// A new counter starts at 0 and lives for `lifetime`; one that exists keeps its end.
    virtual Task<Count> add(std::string key, std::int64_t by, Milliseconds lifetime) = 0;
    /// 0 for what is not there.
    virtual Task<Count> get(std::string key) = 0;
    /// A new counter in the place of one that may be there: its lifetime starts now.
    virtual Task<void> set(std::string key, std::int64_t value, Milliseconds lifetime) = 0;
    virtual Task<void> remove(std::string key) = 0;
};

}  // namespace cardea::cache
