// The catalogue: providers/*.toml, embedded in the program.
#pragma once

#include <map>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::provider {

/// Rows by provider name, with the keys of docs/formats/provider.md.
using Rows = std::map<std::string, schema::JsonObject>;

/// The embedded files, read at the first call and kept: they cannot change. Fails with `internal`
/// for a file that is not well formed, which a test rules out. Any thread.
const Result<Rows>& read_catalogue();

/// The JSON Schema (draft 2020-12) of a row, for editors and for who writes one by program.
schema::JsonObject row_schema();

}  // namespace cardea::provider
