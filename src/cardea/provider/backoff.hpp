// Backoff: when to ask a provider again that did not answer.
#pragma once

#include <algorithm>

#include "cardea/base/clock.hpp"

namespace cardea::provider {

/// 5 s after the first failure, twice as long after each further one, 30 s at most: a provider that
/// is back is noticed within half a minute, and one that is down is left alone.
class Backoff {
  public:
    bool may_try(Instant now) const { return now >= next_try_; }
    void succeeded() { *this = Backoff(); }
    void failed(Instant now) {
        next_try_ = now + delay_;
        delay_ = std::min<Milliseconds>(delay_ * 2, 30s);
    }

  private:
    Instant next_try_{};
    Milliseconds delay_ = 5s;
};

}  // namespace cardea::provider
