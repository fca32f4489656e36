// TOML 1.0 text as a JSON value that remembers where everything stood.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "cardea/schema/shape.hpp"

namespace cardea::schema {

struct TextPlace {
    std::size_t line = 0;
    std::size_t column = 0;
    bool operator==(const TextPlace&) const = default;
};

/// A text that is not TOML: where, and why.
struct TomlError {
    TextPlace place;
    std::string text;
};

struct TomlDocument {
    /// Times are texts in RFC 3339's form; an integer stays one.
    JsonObject root;
    /// By path, `Server_configuration.port` or `list.2`: where the value stands.
    std::map<std::string, TextPlace, std::less<>> places;
};

/// Reads at most 1 MiB of TOML 1.0.
std::expected<TomlDocument, TomlError> parse_toml(std::string_view text);

}  // namespace cardea::schema
