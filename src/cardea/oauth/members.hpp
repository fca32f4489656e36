// Looking at the members of a peer's JSON, for this module's sources.
#pragma once

#include <optional>
#include <string_view>

#include "cardea/schema/json.hpp"

namespace cardea::oauth {

/// The member's text; nothing when it is absent or something else.
inline std::optional<std::string_view> text_of(const schema::JsonObject& object,
                                               std::string_view name) {
    const schema::Json* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

/// The value at an RFC 6901 pointer; null when there is none.
const schema::Json* at_pointer(const schema::Json& root, std::string_view pointer);

}  // namespace cardea::oauth
