// JSON Schema (2020-12, as OpenAPI 3.1 uses it) from described structs and their notes.
#pragma once

#include <map>
#include <string>

#include "cardea/schema/field.hpp"

namespace cardea::schema {

/// Collects the schemas of described structs by name: `#/components/schemas/NAME`.
class Components {
  public:
    /// The schema of T: inline for simple types, a `$ref` for described structs, which are added
    /// here.
    template <class T>
    Json add() {
        return add(shape_of<T>());
    }
    Json add(const Shape& shape);
    /// The schema of one member, with its note and bounds.
    Json add(const MemberShape& member);
    /// All of them, sorted by name.
    JsonObject schemas() const;

  private:
    std::string name_for(const Shape& shape);
    Json object_schema(const Shape& shape);

    std::map<std::string, Json> schemas_;
    std::map<const void*, std::string> names_;
};

/// One schema that stands alone, with its components in the same document.
Json json_schema(const Shape& shape);
template <class T>
Json json_schema() {
    return json_schema(shape_of<T>());
}

}  // namespace cardea::schema
