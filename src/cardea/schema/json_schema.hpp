// JSON Schema (2020-12, as OpenAPI 3.1 uses it) from described structs and their notes.
#pragma once

#include <map>
#include <string>

#include "cardea/schema/field.hpp"

namespace cardea::schema {

/// Whether an object may have members that its struct does not describe.
enum class Unknown { allowed, refused };

/// Collects the schemas of described structs by name, and refers to them below `place`.
class Components {
  public:
    explicit Components(std::string_view place = "#/components/schemas/",
                        Unknown unknown = Unknown::allowed)
        : place_(place), unknown_(unknown) {}

    /// The schema of T: inline for simple types, a `$ref` for described structs, which are added
    /// here.
    template <class T>
    Json add() {
        return add(shape_of<T>());
    }
    Json add(const Shape& shape);
    /// The schema of one member, with its note and bounds.
    Json add(const MemberShape& member);
    /// The schema of what the whole document is, which others refer to as `#`. To be asked for
    /// first.
    JsonObject top(const Shape& shape);
    /// All of them, sorted by name.
    JsonObject schemas() const;

  private:
    std::string reference_to(const Shape& shape);
    std::string name_for(const Shape& shape);
    Json object_schema(const Shape& shape);

    std::string_view place_;
    Unknown unknown_;
    const void* top_ = nullptr;
    std::map<std::string, Json> schemas_;
    std::map<const void*, std::string> names_;
};

/// A document that stands alone (draft 2020-12): what JSON, or TOML, of that shape may hold. The
/// structs inside are in its `$defs`.
JsonObject json_schema(const Shape& shape, Unknown unknown);
template <class T>
JsonObject json_schema(Unknown unknown) {
    return json_schema(shape_of<T>(), unknown);
}

}  // namespace cardea::schema
