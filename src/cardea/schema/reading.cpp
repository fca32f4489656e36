#include "cardea/schema/reading.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>

#include "cardea/base/text.hpp"
#include "cardea/schema/duration.hpp"

namespace cardea::schema {

namespace {

// Names come from outside: what is said about one is kept short.
constexpr std::size_t name_limit = 100;

std::string joined(std::string_view path, std::string_view name) {
    name = cut(name, name_limit);
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

}  // namespace

void Reading::refuse(std::string_view reason, std::string text) {
    if (is_full()) return;
    problems_.push_back({path_, std::string(reason), std::move(text)});
}

void Reading::refuse_member(std::string_view name, std::string_view reason, std::string text) {
    if (is_full()) return;
    problems_.push_back({joined(path_, name), std::string(reason), std::move(text)});
}

void Reading::refuse(const Error& error) {
    refuse(error.reason().slug, std::string(error.reason().text));
}

Reading::Step::Step(Reading& reading, std::string_view name)
    : reading_(reading), length_(reading.path_.size()) {
    if (!reading.path_.empty()) reading.path_ += '.';
    reading.path_ += cut(name, name_limit);
}

Reading::Step::Step(Reading& reading, std::size_t index)
    : Step(reading, std::string_view(std::to_string(index))) {}

namespace detail {

namespace {

void refuse_unknown(std::string_view name, std::span<const Slot> slots, Reading& reading) {
    std::vector<std::string> known;
    for (const Slot& slot : slots) known.emplace_back(slot.name);
    std::string text = fmt::format("`{}` is not known here", cut(name, name_limit));
    auto meant = nearest(name, known);
    text += meant ? fmt::format("; did you mean `{}`?", *meant) : ".";
    reading.refuse_member(name, "unknown", std::move(text));
}

void refuse_unknown_members(std::span<const Slot> slots, const JsonObject& object,
                            Reading& reading) {
    for (const auto& [name, value] : object) {
        if (reading.is_full()) return;
        auto is_it = [&](const Slot& slot) { return slot.name == std::string_view(name); };
        if (std::ranges::none_of(slots, is_it)) refuse_unknown(name, slots, reading);
    }
}

void read_member(const Slot& slot, void* target, const Json& value, Reading& reading) {
    if (!slot.optional && is_none(value, reading)) return;
    Reading::Step step(reading, slot.name);
    slot.read(target, value, reading);
}

template <class Number>
void write_number(std::string& out, Number value) {
    char text[32];
    auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, end);
}

/// Puts the number into the digits of `target`, from the right.
void put_digits(std::span<char> target, std::int64_t number) {
    for (auto digit = target.rbegin(); digit != target.rend(); ++digit) {
        *digit = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

std::string_view escape_of(char c) {
    switch (c) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            return {};
    }
}

void write_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (auto escape = escape_of(c); !escape.empty()) {
        out += escape;
        return;
    }
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
}

bool must_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Bytes that are no UTF-8 become U+FFFD: what leaves here is always valid JSON.
std::string repaired(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        auto length = utf8_length(text);
        result += length == 0 ? std::string_view("\uFFFD") : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::optional<std::chrono::milliseconds> milliseconds_of(const Json& value, From from) {
    if (value.is_string()) {
        if (from != From::settings) return std::nullopt;
        return parse_duration(value.get_string());
    }
    if (!value.is_number()) return std::nullopt;
    double seconds = value.to_number<double>();
    // Written so that NaN fails too.
    bool fits = seconds >= 0 && seconds <= static_cast<double>(longest_duration.count()) / 1000;
    if (!fits) return std::nullopt;
    double milliseconds = std::round(seconds * 1000);
    if (std::abs(milliseconds - seconds * 1000) > 1e-3) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

void refuse_range(const Shape& shape, Reading& reading) {
    reading.refuse("out_of_range", fmt::format("Must be {}.", expected(shape, {}, reading.from())));
}

}  // namespace

bool read_members(std::span<const Slot> slots, void* target, const Json& value, Reading& reading) {
    std::size_t before = reading.problem_count();
    if (!value.is_object()) {
        static const Shape object{.kind = Kind::object};
        refuse_type(object, reading);
        return false;
    }
    const JsonObject& object = value.get_object();
    std::size_t found = 0;
    for (const Slot& slot : slots) {
        const Json* member = object.if_contains(slot.name);
        if (member != nullptr) {
            ++found;
            read_member(slot, target, *member, reading);
        } else if (slot.required && reading.from() != From::settings) {
            reading.refuse_member(slot.name, "missing", "This is needed.");
        }
    }
    if (found < object.size() && reading.from() != From::peer)
        refuse_unknown_members(slots, object, reading);
    return reading.problem_count() == before && !reading.is_full();
}

bool is_within(const Shape& shape, const Bounds& bounds, double measure, Reading& reading) {
    if (measure >= static_cast<double>(bounds.low) && measure <= static_cast<double>(bounds.high))
        return true;
    reading.refuse("out_of_range",
                   fmt::format("Must be {}.", expected(shape, bounds, reading.from())));
    return false;
}

void refuse_type(const Shape& shape, Reading& reading) {
    reading.refuse("wrong_type", fmt::format("Must be {}.", expected(shape, {}, reading.from())));
}

bool is_none(const Json& value, const Reading& reading) {
    return reading.from() == From::settings && value.is_string() && value.get_string() == "none";
}

std::optional<bool> read_bool(const Json& value, const Shape& shape, Reading& reading) {
    if (value.is_bool()) return value.get_bool();
    refuse_type(shape, reading);
    return std::nullopt;
}

std::optional<std::int64_t> read_signed(const Json& value, const Shape& shape, Reading& reading) {
    if (!value.is_int64() && !value.is_uint64()) {
        refuse_type(shape, reading);
        return std::nullopt;
    }
    auto high = static_cast<std::int64_t>(shape.high);
    if (value.is_int64() && value.get_int64() >= shape.low && value.get_int64() <= high)
        return value.get_int64();
    refuse_range(shape, reading);
    return std::nullopt;
}

std::optional<std::uint64_t> read_unsigned(const Json& value, const Shape& shape,
                                           Reading& reading) {
    if (!value.is_int64() && !value.is_uint64()) {
        refuse_type(shape, reading);
        return std::nullopt;
    }
    bool negative = value.is_int64() && value.get_int64() < 0;
    if (!negative && value.to_number<std::uint64_t>() <= shape.high)
        return value.to_number<std::uint64_t>();
    refuse_range(shape, reading);
    return std::nullopt;
}

std::optional<double> read_double(const Json& value, const Shape& shape, Reading& reading) {
    if (!value.is_number()) {
        refuse_type(shape, reading);
        return std::nullopt;
    }
    auto number = value.to_number<double>();
    if (std::isfinite(number)) return number;
    refuse_range(shape, reading);
    return std::nullopt;
}

std::optional<std::string_view> read_text(const Json& value, const Shape& shape, Reading& reading) {
    if (value.is_string()) return std::string_view(value.get_string());
    refuse_type(shape, reading);
    return std::nullopt;
}

std::optional<std::string_view> read_plain_text(const Json& value, const Shape& shape,
                                                Reading& reading) {
    auto text = read_text(value, shape, reading);
    if (!text || text->find('\0') == text->npos) return text;
    reading.refuse("malformed", "Must not contain the character NUL.");
    return std::nullopt;
}

std::optional<Instant> read_instant(const Json& value, const Shape& shape, Reading& reading) {
    auto instant = value.is_string() ? from_rfc3339(value.get_string()) : std::nullopt;
    if (!instant) refuse_type(shape, reading);
    return instant;
}

std::optional<std::int64_t> read_duration(const Json& value, std::chrono::milliseconds unit,
                                          const Shape& shape, Reading& reading) {
    auto duration = milliseconds_of(value, reading.from());
    if (!duration) {
        refuse_type(shape, reading);
        return std::nullopt;
    }
    if (*duration % unit == std::chrono::milliseconds(0)) return *duration / unit;
    reading.refuse("out_of_range", fmt::format("Must be a multiple of {}.", duration_text(unit)));
    return std::nullopt;
}

std::optional<std::size_t> read_choice(const Json& value, const Shape& shape, Reading& reading) {
    auto word = value.is_string() ? std::string_view(value.get_string()) : std::string_view();
    auto found = std::ranges::find(shape.choices, word);
    if (value.is_string() && found != shape.choices.end())
        return static_cast<std::size_t>(found - shape.choices.begin());
    refuse_type(shape, reading);
    return std::nullopt;
}

const JsonArray* read_array(const Json& value, const Shape& shape, Reading& reading) {
    if (!value.is_array()) refuse_type(shape, reading);
    return value.if_array();
}

const JsonObject* read_object(const Json& value, const Shape& shape, Reading& reading) {
    if (!value.is_object()) refuse_type(shape, reading);
    return value.if_object();
}

void write_text(std::string& out, std::string_view text) {
    bool ascii = std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
    if (!ascii && !is_utf8(text)) return write_text(out, repaired(text));
    out += '"';
    while (!text.empty()) {
        auto plain =
            static_cast<std::size_t>(std::ranges::find_if(text, must_escape) - text.begin());
        out += text.substr(0, plain);
        if (plain == text.size()) break;
        write_escaped(out, text[plain]);
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

void write_signed(std::string& out, std::int64_t value) {
    write_number(out, value);
}

void write_unsigned(std::string& out, std::uint64_t value) {
    write_number(out, value);
}

void write_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";  // JSON has no word for it
    } else {
        write_number(out, value);
    }
}

// By hand, because an answer has several of them and formatting takes most of its time.
void write_instant(std::string& out, Instant value) {
    auto day = std::chrono::floor<std::chrono::days>(value);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss time(value - day);
    char text[] = "\"0000-00-00T00:00:00.000Z\"";
    std::span<char> all(text);
    put_digits(all.subspan(1, 4), static_cast<int>(date.year()));
    put_digits(all.subspan(6, 2), static_cast<unsigned>(date.month()));
    put_digits(all.subspan(9, 2), static_cast<unsigned>(date.day()));
    put_digits(all.subspan(12, 2), time.hours().count());
    put_digits(all.subspan(15, 2), time.minutes().count());
    put_digits(all.subspan(18, 2), time.seconds().count());
    put_digits(all.subspan(21, 3), time.subseconds().count());
    out.append(text, sizeof text - 1);
}

void write_json(std::string& out, const Json& value) {
    out += boost::json::serialize(value);
}

void write_duration(std::string& out, std::chrono::milliseconds value) {
    if (value.count() % 1000 == 0) {
        write_signed(out, value.count() / 1000);
    } else {
        write_double(out, static_cast<double>(value.count()) / 1000);
    }
}

Json duration_json(std::chrono::milliseconds value) {
    if (value.count() % 1000 == 0) return value.count() / 1000;
    return static_cast<double>(value.count()) / 1000;
}

Json double_json(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace detail
}  // namespace cardea::schema
