// What must not reach the TOML library, because it has no limit or no defined behaviour there.
#pragma once

#include <optional>
#include <string_view>

#include "cardea/schema/toml.hpp"

namespace cardea::schema {

/// Refuses texts over 1 MiB, keys of more than 32 parts (each costs the library a stack frame) and
/// characters beyond ASCII outside quotes and comments: TOML 1.0 knows none, and toml++ 3.3 runs
/// into
/// `__builtin_unreachable` when it asks whether U+00A1 to U+0499 are white space.
std::optional<TomlError> toml_objection(std::string_view text);

}  // namespace cardea::schema
