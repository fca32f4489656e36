// Durations as people write them in settings: `30s`, `10m`, `1h30m`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cardea::schema {

/// The longest duration that is read: a hundred years.
inline constexpr std::chrono::milliseconds longest_duration = std::chrono::hours(24) * 365 * 100;

/// Numbers with a unit (`ms`, `s`, `m`, `h`, `d`), one after the other.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// In the largest unit that leaves no remainder: `90s`, `2h`, `30d`.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace cardea::schema
