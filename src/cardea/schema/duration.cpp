#include "cardea/schema/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace cardea::schema {

namespace {

struct Unit {
    std::string_view name;
    std::chrono::milliseconds length;
};

// From large to small, for writing.
constexpr std::array units{Unit{"d", std::chrono::hours(24)}, Unit{"h", std::chrono::hours(1)},
                           Unit{"m", std::chrono::minutes(1)}, Unit{"s", std::chrono::seconds(1)},
                           Unit{"ms", std::chrono::milliseconds(1)}};

std::optional<std::chrono::milliseconds> unit_length(std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return unit.length;
    }
    return std::nullopt;
}

/// Takes one `10m` from the front.
std::optional<std::chrono::milliseconds> take_part(std::string_view& text) {
    std::int64_t count = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    auto name = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(name.size());
    auto length = unit_length(name);
    if (!length || count > longest_duration / *length) return std::nullopt;
    return *length * count;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::chrono::milliseconds sum{0};
    while (!text.empty()) {
        auto part = take_part(text);
        if (!part) return std::nullopt;
        sum += *part;
        if (sum > longest_duration) return std::nullopt;
    }
    return sum;
}

std::string duration_text(std::chrono::milliseconds duration) {
    if (duration.count() == 0) return "0s";
    for (const Unit& unit : units) {
        if ((duration % unit.length).count() == 0)
            return fmt::format("{}{}", duration / unit.length, unit.name);
    }
    return {};  // milliseconds divide everything
}

}  // namespace cardea::schema
