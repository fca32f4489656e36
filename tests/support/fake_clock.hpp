// A clock that stands still until a test turns it.
#pragma once

#include "cardea/base/clock.hpp"

namespace cardea {

class FakeClock final : public Clock {
  public:
    explicit FakeClock(Instant start = from_unix_ms(1'767'225'600'000)) : now_(start) {}
    Instant now() const override { return now_; }
    void advance(Milliseconds by) { now_ += by; }
    void set(Instant now) { now_ = now; }

  private:
    Instant now_;
};

}  // namespace cardea
