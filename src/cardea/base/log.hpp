// One event a line, key=value. Fields are escaped and cut, so that no input can forge a line.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

#include "cardea/base/error.hpp"

namespace cardea::log {

enum class Level { debug, info, warn, error };

struct Settings {
    Level level = Level::info;
    std::string file;             ///< Empty: standard error.
    std::string format = "text";  ///< `text` (key=value) or `json`.
};

/// The log file cannot be opened; the start ends here.
inline constexpr Reason cannot_open{Code::internal, "log.cannot_open",
                                    "The log file cannot be opened for writing."};

/// Opens the log, or opens it anew elsewhere. Before the first time, lines of level warn and above
/// go to standard error at once.
/// Lines are buffered and written by a background thread: every 100 ms, and at once from warn on. A
/// log that cannot be written (disk full, closed pipe, reader asleep) never stops or kills the
/// process: lines are dropped and counted, and a line says so when writing works again.
Result<void> open(const Settings& settings);
/// Writes what is buffered; called on an orderly stop. Takes a second at most when the other end of
/// a pipe does not read.
void flush();
bool is_on(Level level);
/// Lines that could not be written since the start.
std::size_t dropped();

/// A field of an event. Values are whatever fmt can print; a Secret does not compile.
template <class T>
struct Field {
    std::string_view key;
    const T& value;
};
template <class T>
Field<T> kv(std::string_view key, const T& value) {
    return {key, value};
}

namespace detail {
/// Appends ` key=value`; quotes and escapes where needed and cuts after 512 bytes.
void append(fmt::memory_buffer& line, std::string_view key, std::string_view value);
/// Appends a value that needs no quotes: a whole number, true or false.
void append_plain(fmt::memory_buffer& line, std::string_view key, std::string_view value);
void write(Level level, std::string_view event, const fmt::memory_buffer& fields);

template <class T>
void append(fmt::memory_buffer& line, const Field<T>& field) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        append(line, field.key, std::string_view(field.value));
    } else {
        fmt::memory_buffer text;
        fmt::format_to(fmt::appender(text), "{}", field.value);
        std::string_view value(text.data(), text.size());
        constexpr bool plain = std::is_integral_v<T> && !std::is_same_v<T, char>;
        plain ? append_plain(line, field.key, value) : append(line, field.key, value);
    }
}
}  // namespace detail

/// `log::event(Level::info, "session.ended", kv("account", id), kv("reason", slug));`
template <class... T>
void event(Level level, std::string_view name, const Field<T>&... fields) {
    if (!is_on(level)) return;
    fmt::memory_buffer line;
    (detail::append(line, fields), ...);
    detail::write(level, name, line);
}
template <class... T>
void debug(std::string_view name, const Field<T>&... fields) {
    event(Level::debug, name, fields...);
}
template <class... T>
void info(std::string_view name, const Field<T>&... fields) {
    event(Level::info, name, fields...);
}
template <class... T>
void warn(std::string_view name, const Field<T>&... fields) {
    event(Level::warn, name, fields...);
}
template <class... T>
void error(std::string_view name, const Field<T>&... fields) {
    event(Level::error, name, fields...);
}

}  // namespace cardea::log
