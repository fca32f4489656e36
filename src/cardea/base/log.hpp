// One event a line, key=value. Fields are escaped and cut, so that no input can forge a line.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace cardea::log {

enum class Level { debug, info, warn, error };

struct Settings {
    Level level = Level::info;
    std::string file;             ///< Empty: standard error.
    std::string format = "text";  ///< `text` (key=value) or `json`.
};

/// Opens the log. Before that, lines of level warn and above go to standard error.
/// Lines are buffered and flushed every 100 ms, and at once from level warn on. A log that cannot
/// be written (disk full, closed pipe) never stops the server: lines are dropped and counted.
void open(const Settings& settings);
/// Writes what is buffered; called on an orderly stop.
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
void write(Level level, std::string_view event, const fmt::memory_buffer& fields);

template <class T>
void append(fmt::memory_buffer& line, const Field<T>& field) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        append(line, field.key, std::string_view(field.value));
    } else {
        fmt::memory_buffer text;
        fmt::format_to(fmt::appender(text), "{}", field.value);
        append(line, field.key, std::string_view(text.data(), text.size()));
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
