// The catalogue: providers/*.toml, embedded in the program.
#pragma once

#include <map>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::provider {

/// Rows by provider name, with the keys of docs/formats/provider.md.
using Rows = std::map<std::string, schema::JsonObject>;

/// Reads the embedded files; about a millisecond, so callers do it on first use and keep it. Fails
/// with `internal` for a file that is not well formed, which a test rules out.
Result<Rows> read_catalogue();

}  // namespace cardea::provider
