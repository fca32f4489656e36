// Shape: what a field type looks like from outside, as data. JSON Schema, the settings reference,
// environment names and messages are made from it without a template.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/schema/described.hpp"

namespace cardea::schema {

/// Any JSON value. Other modules use these names and leave the library behind them to this module.
using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

/// Who wrote the document decides how strict its reader is.
enum class From {
    request,  ///< A client: unknown and missing members are problems.
    peer,     ///< A peer (a provider): unknown members are its business, missing ones are problems.
    settings,  ///< An operator: unknown keys are problems, missing ones keep their default, the
               ///< text `none` means "not set", durations are written as `30s`.
};

enum class Kind {
    boolean,
    integer,
    number,
    text,
    secret,    ///< A text that is read and never written.
    instant,   ///< RFC 3339 text.
    duration,  ///< Seconds in JSON; `30s`, `10m`, `1h` in settings.
    choice,    ///< One of some words.
    list,
    map,     ///< An object whose names are free and whose values are alike.
    object,  ///< A described struct.
    any,
};

/// What a text field type says of itself: `static constexpr schema::TextRule rule{…}`.
struct TextRule {
    std::string_view format{};   ///< The `format` of JSON Schema: `email`, `uri`, `uuid`, ….
    std::size_t min_length = 0;  ///< In bytes.
    std::size_t max_length = 0;  ///< In bytes; 0 says nothing.
    std::string_view pattern{};  ///< An ECMA 262 pattern, for readers of the description.
    std::string_view example{};
};

struct MemberShape;

struct Shape {
    Kind kind = Kind::any;
    std::string_view name{};                              ///< Of a described struct or enum.
    TextRule rule{};                                      ///< Of a text.
    std::int64_t low = 0;                                 ///< Of an integer: what its type holds.
    std::uint64_t high = 0;                               ///< Of an integer: what its type holds.
    std::vector<std::string_view> choices{};              ///< Of a choice.
    const Shape& (*element)() = nullptr;                  ///< Of a list or a map.
    std::span<const MemberShape> (*members)() = nullptr;  ///< Of an object.
    const void* identity = nullptr;                       ///< Equal for equal types.
};

struct MemberShape {
    std::string_view name;
    const Note& note;
    const Shape& (*shape)();
    bool required;  ///< Of a request: a missing one is a problem.
};

/// What a value must be, for people: `an integer from 1 to 65535`.
std::string expected(const Shape& shape, const Bounds& bounds = {}, From from = From::request);

/// Text as the JSON that the shape wants: "5" becomes 5 for an integer, "a, b" a list of two. Text
/// that does not fit stays text, so that the reader refuses it with the right words.
Json from_text(const Shape& shape, std::string_view text);

/// The known name that was probably meant, when one is near.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace cardea::schema
