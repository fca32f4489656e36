#include "cardea/base/log_output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cardea/base/log.hpp"

namespace cardea::log {

namespace {

constexpr int patience_ms = 200;

/// Writing to a closed pipe raises SIGPIPE in the writing thread, and passing RLIMIT_FSIZE raises
/// SIGXFSZ. Both are held back here and then taken out of the queue; what others queued stays.
class HeldSignals {
  public:
    HeldSignals() {
        sigemptyset(&ours_);
        sigaddset(&ours_, SIGPIPE);
        sigaddset(&ours_, SIGXFSZ);
        sigset_t pending;
        sigpending(&pending);
        had_any_ = sigismember(&pending, SIGPIPE) == 1 || sigismember(&pending, SIGXFSZ) == 1;
        pthread_sigmask(SIG_BLOCK, &ours_, &before_);
    }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() {
        timespec at_once{};
        while (!had_any_ && sigtimedwait(&ours_, nullptr, &at_once) > 0) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

  private:
    sigset_t ours_;
    sigset_t before_;
    bool had_any_;
};

bool is_regular(int descriptor) {
    struct stat status{};
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Output::Output(int descriptor) : descriptor_(descriptor), is_file_(is_regular(descriptor)) {}

Result<Output> Output::to_file(const std::string& path) {
    int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(cannot_open, path + ": " + strerrordesc_np(errno));
    return Output(descriptor);
}

Output::Output(Output&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, STDERR_FILENO)),
      is_file_(other.is_file_),
      mid_line_(other.mid_line_) {}

Output& Output::operator=(Output&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(is_file_, other.is_file_);
    std::swap(mid_line_, other.mid_line_);
    return *this;
}

Output::~Output() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

std::size_t Output::room() const {
    if (is_file_) return SSIZE_MAX;
    // A pipe that is ready takes PIPE_BUF bytes without blocking (pipe(7)).
    pollfd wanted{descriptor_, POLLOUT, 0};
    return ::poll(&wanted, 1, patience_ms) > 0 ? PIPE_BUF : 0;
}

std::size_t Output::write_some(std::string_view text) {
    auto size = std::min(text.size(), room());
    ssize_t written = 0;
    do {
        written = size == 0 ? 0 : ::write(descriptor_, text.data(), size);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? 0 : static_cast<std::size_t>(written);
}

std::size_t Output::write(std::string_view lines) {
    HeldSignals held;
    bool can_write = !mid_line_ || write_some("\n") == 1;
    while (can_write && !lines.empty()) {
        auto written = write_some(lines);
        if (written == 0) break;
        mid_line_ = lines[written - 1] != '\n';
        lines.remove_prefix(written);
    }
    return static_cast<std::size_t>(std::ranges::count(lines, '\n'));
}

}  // namespace cardea::log
