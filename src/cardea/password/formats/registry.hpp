// The registry: every way in which a stored password hash may be written.
#pragma once

#include <span>
#include <string_view>

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

/// No stored hash is longer; whatever is, is malformed before anyone looks at it.
inline constexpr std::size_t longest_text = 1024;

std::span<const Format> all();

/// By prefix alone; none for what nobody here writes.
const Format* find(std::string_view text);

/// Reads a stored hash of whatever format. Takes microseconds, whatever the text says. Fails with
/// `malformed_hash`, `unsupported_hash`.
Result<Reading> read(std::string_view text);

/// What a stored hash is, for tables and reports: the format's name, or `unknown`.
std::string_view name_of(std::string_view text);

/// Fails with `cost_refused` for what would take more memory or time than allowed; the detail says
/// how much. bcrypt's cost is the hasher's to judge.
Result<void> check_demand(const Demand& demand, const Limits& limits);

}  // namespace cardea::password::formats
