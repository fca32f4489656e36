#include "cardea/base/log.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "cardea/base/clock.hpp"
#include "cardea/base/log_escape.hpp"
#include "cardea/base/log_output.hpp"
#include "cardea/base/text.hpp"

namespace cardea::log {

namespace {

constexpr std::size_t field_limit = 512;
constexpr std::size_t wake_size = 256 * 1024;  // written early, before the 100 ms are over
constexpr std::size_t backlog_limit = 16 * 1024 * 1024;  // beyond this, lines are dropped
constexpr auto flush_interval = std::chrono::milliseconds(100);
constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

/// "Now" as text. Under load many lines share a millisecond, and a day needs little new text.
class Stamp {
  public:
    const std::string& now() {
        auto instant = SystemClock().now();
        if (instant != last_) text_ = to_rfc3339(last_ = instant);
        return text_;
    }

  private:
    Instant last_{};
    std::string text_ = to_rfc3339(last_);
};

/// Everything behind the functions of log.hpp. `lines_` is guarded by `mutex_`, which is held for a
/// copy of one line; `output_` by `writing_`, which is held while the system writes.
class Writer {
  public:
    bool is_on(Level level) const { return level >= level_.load(std::memory_order_relaxed); }
    bool is_json() const { return json_.load(std::memory_order_relaxed); }
    std::size_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

    Result<void> open(const Settings& settings) {
        Output output;
        if (!settings.file.empty()) {
            auto file = Output::to_file(settings.file);
            if (!file) return std::unexpected(file.error());
            output = std::move(*file);
        }
        flush();
        std::scoped_lock both(writing_, mutex_);
        output_ = std::move(output);
        level_ = settings.level;
        json_ = settings.format == "json";
        if (!std::exchange(is_running_, true)) std::thread([this] { run(); }).detach();
        return {};
    }

    void add(Level level, std::string_view event, std::string_view fields) {
        std::unique_lock lock(mutex_);
        if (lines_.size() > backlog_limit) {
            ++dropped_;
            return;
        }
        bool was_empty = lines_.size() == 0;
        append_line(level, event, fields);
        bool was_urgent =
            std::exchange(urgent_, urgent_ || level >= Level::warn || lines_.size() > wake_size);
        bool wake = was_empty || urgent_ != was_urgent;
        bool write_here = !is_running_;
        lock.unlock();
        if (write_here) flush();
        if (wake) wake_.notify_one();
    }

    void flush() {
        std::lock_guard writing(writing_);
        {
            std::lock_guard lock(mutex_);
            batch_.clear();
            std::swap(lines_, batch_);
            urgent_ = false;
        }
        if (batch_.size() == 0) return;
        auto lost = output_.write({batch_.data(), batch_.size()});
        dropped_ += lost;
        if (lost == 0) report_dropped();
        if (batch_.capacity() > 4 * wake_size) batch_ = fmt::memory_buffer();
    }

  private:
    /// The gap is told in the log itself, with the lines that follow it.
    void report_dropped() {
        auto lines = dropped() - std::exchange(reported_, dropped());
        if (lines == 0) return;
        std::lock_guard lock(mutex_);
        fmt::memory_buffer fields;
        detail::append(fields, kv("lines", lines));
        append_line(Level::warn, "log.lines_dropped", {fields.data(), fields.size()});
    }
    void append_line(Level level, std::string_view event, std::string_view fields) {
        auto name = level_names[static_cast<std::size_t>(level)];
        auto json = is_json();
        auto parts = {std::string_view(json ? R"({"time":")" : ""),
                      std::string_view(stamp_.now()),
                      std::string_view(json ? R"(","level":")" : " "),
                      name,
                      std::string_view(json ? R"(","event":")" : " "),
                      event,
                      std::string_view(json ? "\"" : ""),
                      fields,
                      std::string_view(json ? "}\n" : "\n")};
        for (auto part : parts) lines_.append(part);
    }

    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return lines_.size() > 0; });
            wake_.wait_for(lock, flush_interval, [this] { return urgent_; });
            lock.unlock();
            flush();
            lock.lock();
        }
    }

    std::mutex writing_;
    Output output_;
    fmt::memory_buffer batch_;
    std::size_t reported_ = 0;

    std::mutex mutex_;
    std::condition_variable wake_;
    fmt::memory_buffer lines_;
    Stamp stamp_;
    bool urgent_ = false;
    bool is_running_ = false;

    std::atomic<Level> level_ = Level::warn;
    std::atomic<bool> json_ = false;
    std::atomic<std::size_t> dropped_ = 0;
};

/// Never destroyed: whatever still runs while the process exits may log.
Writer& writer() {
    static Writer& instance = *[] {
        std::atexit([] { flush(); });
        return new Writer;
    }();
    return instance;
}

}  // namespace

namespace detail {

namespace {

void append_key(fmt::memory_buffer& line, bool json, std::string_view key) {
    line.append(std::string_view(json ? ",\"" : " "));
    line.append(key);
    line.append(std::string_view(json ? "\":" : "="));
}

}  // namespace

void append(fmt::memory_buffer& line, std::string_view key, std::string_view value) {
    bool json = writer().is_json();
    append_key(line, json, key);
    auto append_value = json ? append_json : append_text;
    auto shown = cut(value, field_limit);
    bool is_whole = shown.size() == value.size();
    is_whole ? append_value(line, value) : append_value(line, std::string(shown) + "…");
}

void append_plain(fmt::memory_buffer& line, std::string_view key, std::string_view value) {
    append_key(line, writer().is_json(), key);
    line.append(value);
}

void write(Level level, std::string_view event, const fmt::memory_buffer& fields) {
    writer().add(level, event, {fields.data(), fields.size()});
}

}  // namespace detail

Result<void> open(const Settings& settings) {
    return writer().open(settings);
}
void flush() {
    writer().flush();
}
bool is_on(Level level) {
    return writer().is_on(level);
}
std::size_t dropped() {
    return writer().dropped();
}

}  // namespace cardea::log
