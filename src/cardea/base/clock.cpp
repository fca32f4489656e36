#include "cardea/base/clock.hpp"

#include <fmt/format.h>

namespace cardea {

namespace {

/// Reads exactly `digits` decimal digits and moves past them; -1 when they are not there.
int take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return -1;
    int number = 0;
    for (char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
    text.remove_prefix(1);
    return true;
}

/// The milliseconds of an optional fraction; -1 when it is malformed.
int take_fraction(std::string_view& text) {
    if (!take(text, ".")) return 0;
    int ms = 0;
    std::size_t digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits < 3) ms = ms * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    for (std::size_t i = digits; i < 3; ++i) ms *= 10;
    return digits >= 1 && digits <= 9 ? ms : -1;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take(text, "Zz")) return std::chrono::minutes(0);
    bool west = !text.empty() && text.front() == '-';
    if (!take(text, "+-")) return std::nullopt;
    int hours = take_number(text, 2);
    if (!take(text, ":")) return std::nullopt;
    int minutes = take_number(text, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return west ? -offset : offset;
}

}  // namespace

Instant SystemClock::now() const {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Instant instant) {
    auto day = std::chrono::floor<std::chrono::days>(instant);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss time(instant - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

std::optional<Instant> from_rfc3339(std::string_view text) {
    int year = take_number(text, 4);
    bool dash = take(text, "-");
    int month = take_number(text, 2);
    dash = take(text, "-") && dash;
    int day = take_number(text, 2);
    if (!dash || year < 0 || month < 1 || day < 1 || !take(text, "Tt ")) return std::nullopt;
    std::chrono::year_month_day date{std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))};
    int hour = take_number(text, 2);
    bool colon = take(text, ":");
    int minute = take_number(text, 2);
    colon = take(text, ":") && colon;
    int second = take_number(text, 2);
    int ms = take_fraction(text);
    auto offset = take_offset(text);
    bool in_range = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
                    second <= 60 && ms >= 0;
    if (!date.ok() || !colon || !in_range || !offset || !text.empty()) return std::nullopt;
    auto time = std::chrono::hours(hour) + std::chrono::minutes(minute) + Seconds(second);
    return Instant(std::chrono::sys_days(date) + time + Milliseconds(ms) - *offset);
}

}  // namespace cardea
