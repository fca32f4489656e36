#include "cardea/schema/shape.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <charconv>

#include "cardea/base/text.hpp"
#include "cardea/schema/duration.hpp"

namespace cardea::schema {

namespace {

std::string integer_range(const Shape& shape, const Bounds& bounds) {
    if (bounds.of == Bounds::Of::number)
        return fmt::format(" from {} to {}", bounds.low, bounds.high);
    // The limits of 64 bits say nothing to a person.
    if (shape.high >= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return shape.low == 0 ? " that is not negative" : "";
    return fmt::format(" from {} to {}", shape.low, shape.high);
}

std::string number_range(const Bounds& bounds) {
    if (bounds.of != Bounds::Of::number) return {};
    return fmt::format(" from {} to {}", bounds.low, bounds.high);
}

std::string length_range(std::int64_t low, std::int64_t high, std::string_view unit) {
    if (low == high) return fmt::format(" of {} {}", high, unit);
    if (high == 0) return low == 0 ? "" : fmt::format(" of at least {} {}", low, unit);
    if (low == 0) return fmt::format(" of at most {} {}", high, unit);
    return fmt::format(" of {} to {} {}", low, high, unit);
}

std::string expected_text(const Shape& shape, const Bounds& bounds) {
    auto low = static_cast<std::int64_t>(shape.rule.min_length);
    auto high = static_cast<std::int64_t>(shape.rule.max_length);
    if (bounds.of == Bounds::Of::length) {
        low = bounds.low;
        high = bounds.high;
    }
    std::string format;
    if (!shape.rule.format.empty()) format = fmt::format(" in the format {}", shape.rule.format);
    return "a text" + format + (high == 0 && low == 0 ? "" : length_range(low, high, "bytes"));
}

std::string expected_duration(const Bounds& bounds, From from) {
    bool bounded = bounds.of == Bounds::Of::duration;
    std::chrono::milliseconds low(bounds.low), high(bounds.high);
    if (from == From::settings) {
        std::string text = "a duration such as 30s, 10m or 1h";
        return bounded
                   ? text + fmt::format(", from {} to {}", duration_text(low), duration_text(high))
                   : text;
    }
    std::string text = "a number of seconds";
    return bounded
               ? text + fmt::format(" from {} to {}", low.count() / 1000.0, high.count() / 1000.0)
               : text;
}

std::string expected_list(const Shape& shape, const Bounds& bounds, From from) {
    std::string size;
    if (bounds.of == Bounds::Of::length) size = length_range(bounds.low, bounds.high, "elements");
    return fmt::format("a list{}, each {}", size, expected(shape.element(), {}, from));
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
    Number number{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Json integer_from(std::string_view text) {
    if (auto number = number_from<std::int64_t>(text)) return *number;
    if (auto number = number_from<std::uint64_t>(text)) return *number;
    return Json(text);
}

Json json_or_text(std::string_view text) {
    boost::system::error_code error;
    Json value = boost::json::parse(text, error);
    return error ? Json(text) : value;
}

Json list_from(const Shape& shape, std::string_view text) {
    if (text.starts_with('[')) return json_or_text(text);
    JsonArray list;
    if (trim(text).empty()) return list;
    for (auto part : split(text, ',')) list.push_back(from_text(shape.element(), trim(part)));
    return list;
}

}  // namespace

std::string expected(const Shape& shape, const Bounds& bounds, From from) {
    switch (shape.kind) {
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "an integer" + integer_range(shape, bounds);
        case Kind::number:
            return "a number" + number_range(bounds);
        case Kind::text:
        case Kind::secret:
            return expected_text(shape, bounds);
        case Kind::instant:
            return "a time such as 2026-11-23T12:00:00Z";
        case Kind::duration:
            return expected_duration(bounds, from);
        case Kind::choice:
            return fmt::format("one of {}", fmt::join(shape.choices, ", "));
        case Kind::list:
            return expected_list(shape, bounds, from);
        case Kind::map:
        case Kind::object:
            return from == From::settings ? "a table" : "an object";
        case Kind::any:
            return "any value";
    }
    return {};
}

Json from_text(const Shape& shape, std::string_view text) {
    switch (shape.kind) {
        case Kind::boolean:
            if (text == "true" || text == "1") return true;
            if (text == "false" || text == "0") return false;
            return Json(text);
        case Kind::integer:
            return integer_from(text);
        case Kind::number:
        case Kind::duration: {
            auto number = number_from<double>(text);
            auto whole = integer_from(text);
            return whole.is_string() && number ? Json(*number) : whole;
        }
        case Kind::list:
            return list_from(shape, text);
        case Kind::map:
        case Kind::object:
        case Kind::any:
            return json_or_text(text);
        case Kind::text:
        case Kind::secret:
        case Kind::instant:
        case Kind::choice:
            return Json(text);
    }
    return Json(text);
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
    // Long words are hostile or far away, and the distance costs their product.
    if (word.size() > 64) return std::nullopt;
    std::string lower = ascii_lower(word);
    const std::string* best = nullptr;
    // Two letters in the wrong order are two edits.
    std::size_t best_distance =
        (word.size() < 4 ? 1 : std::max<std::size_t>(2, word.size() / 3)) + 1;
    for (const std::string& candidate : known) {
        auto distance = edit_distance(lower, ascii_lower(candidate));
        if (distance >= best_distance) continue;
        best_distance = distance;
        best = &candidate;
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

}  // namespace cardea::schema
