// JSON text to described structs and back, strictly: limits, no duplicate members, every problem at
// once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/schema/field.hpp"

namespace cardea::schema {

/// Error::fields() lists every problem; a problem's own reason is `missing`, `unknown`,
/// `wrong_type`, `out_of_range`, `duplicate`, `malformed` (not JSON), or the slug of what a field
/// type refused with.
inline constexpr Reason invalid{
    Code::invalid, "request.invalid",
    "Something in the request is not right; see what stands beside it."};

/// What a JSON text may cost. Reading stops at the first limit that is passed.
struct Limits {
    std::size_t bytes = 1024 * 1024;
    std::size_t depth = 32;
    std::size_t members = 256;     ///< Of one object; keeps keys made to collide harmless.
    std::size_t values = 100'000;  ///< Of the whole text.
};

/// The text as a value: RFC 8259 to the letter, valid UTF-8, no byte order mark, nothing behind it.
/// A member that stands twice is refused by name.
Result<Json> parse_json(std::string_view text, const Limits& limits = {});

/// A name with its text: a path parameter, or one of the query or a form.
struct NamedText {
    std::string name;
    std::string text;
};

namespace detail {
Json merge_texts(const Shape& shape, const Json* body, const std::vector<NamedText>& texts,
                 Reading& reading);

template <class T>
Result<T> read_with(Reading& reading, const Json& json) {
    auto value = Field<T>::read(json, reading);
    if (value && reading.problem_count() == 0) return std::move(*value);
    return std::unexpected(Error(invalid).with_fields(reading.take_problems()));
}
}  // namespace detail

/// The value as T; all problems at once.
template <class T>
Result<T> read(const Json& json, From from = From::request) {
    Reading reading(from);
    return detail::read_with<T>(reading, json);
}

template <class T>
Result<T> read_json(std::string_view text, From from = From::request, const Limits& limits = {}) {
    auto json = parse_json(text, limits);
    if (!json) return std::unexpected(json.error());
    return read<T>(*json, from);
}

/// T from texts (path parameters, query, form fields), each converted to what its member wants, and
/// from a body when there is one. A name that stands twice is a `duplicate` unless its member is a
/// list.
template <class T>
Result<T> read_texts(const std::vector<NamedText>& texts, const Json* body = nullptr) {
    Reading reading(From::request);
    if (texts.empty() && body != nullptr) return detail::read_with<T>(reading, *body);
    Json merged = detail::merge_texts(shape_of<T>(), body, texts, reading);
    return detail::read_with<T>(reading, merged);
}

template <class T>
Json to_json(const T& value) {
    return Field<T>::json(value);
}

/// Appends without building a value first: for answers on hot paths.
template <class T>
void append_json(std::string& out, const T& value) {
    Field<T>::write(out, value);
}

template <class T>
std::string write_json(const T& value) {
    std::string out;
    out.reserve(256);
    Field<T>::write(out, value);
    return out;
}

}  // namespace cardea::schema
