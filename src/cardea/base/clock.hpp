// Wall-clock instants, and the Clock that hands them out so that tests can turn it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cardea {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
/// A point in wall-clock time with the resolution that tables and the API have.
using Instant = std::chrono::sys_time<Milliseconds>;

/// Where "now" comes from. Deadlines inside a process use the steady clock; what is stored uses
/// this.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
  public:
    Instant now() const override;
};

inline std::int64_t to_unix_ms(Instant instant) {
    return instant.time_since_epoch().count();
}
inline Instant from_unix_ms(std::int64_t ms) {
    return Instant(Milliseconds(ms));
}
inline std::int64_t to_unix_seconds(Instant instant) {
    return std::chrono::floor<Seconds>(instant).time_since_epoch().count();
}

/// `2026-11-23T12:00:00.000Z` (RFC 3339, UTC, milliseconds).
std::string to_rfc3339(Instant instant);
/// Reads RFC 3339 with any offset and up to nine fraction digits; nothing else.
std::optional<Instant> from_rfc3339(std::string_view text);

}  // namespace cardea
