// How settings are written for people: in `settings show`, in problems and in the reference file.
#pragma once

#include <string>
#include <string_view>

#include "cardea/schema/shape.hpp"

namespace cardea::schema {

/// The value as settings write it: durations as `10m`; members of open tables that are named like
/// secrets and passwords in URLs are masked.
Json setting_json(const Shape& shape, const Json& value);
/// The same without a shape.
Json without_secrets(const Json& value);
/// A TOML value: `"text"`, `[1, 2]`, `{ a = 1 }`.
std::string toml_text(const Json& value);

}  // namespace cardea::schema
