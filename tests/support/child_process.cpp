#include "tests/support/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

#include "cardea/base/text.hpp"

namespace cardea {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
    int read_end;
    int write_end;
};
Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
    return {ends[0], ends[1]};
}

int milliseconds_until(SteadyTime until) {
    auto left = until - std::chrono::steady_clock::now();
    return std::max(0, static_cast<int>(std::chrono::ceil<Milliseconds>(left).count()));
}

// What execve() wants: pointers into strings that stay where they are.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> merged_environment(const ChildProcess::Options& options) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        std::string text(*entry);
        bool left_out = !options.without.empty() && text.starts_with(options.without);
        bool replaced = options.environment.contains(text.substr(0, text.find('=')));
        if (!left_out && !replaced) result.push_back(std::move(text));
    }
    for (const auto& [name, value] : options.environment)
        result.push_back(fmt::format("{}={}", name, value));
    return result;
}

// Between fork and exec only what is safe there: no allocation.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         const char* folder, int input, int output) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    if (*folder != '\0' && chdir(folder) != 0) _exit(127);
    execve(program, arguments, environment);
    _exit(127);
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = getenv("PATH");
    for (auto folder : split(path != nullptr ? path : "", ':')) {
        auto candidate = std::string(folder) + '/' + name;
        if (access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

ChildProcess::ChildProcess(const std::vector<std::string>& command, const Options& options) {
    auto program = find_program(command.at(0));
    if (!program) throw std::system_error(ENOENT, std::generic_category(), command[0]);
    auto arguments = command;
    auto environment = merged_environment(options);
    auto argument_pointers = pointers(arguments);
    auto environment_pointers = pointers(environment);
    auto input = make_pipe();
    auto output = make_pipe();
    pid_ = fork();
    if (pid_ < 0) throw_errno("fork");
    if (pid_ == 0) {
        become(program->c_str(), argument_pointers.data(), environment_pointers.data(),
               options.folder.c_str(), input.read_end, output.write_end);
    }
    setpgid(pid_, pid_);  // here as well: whoever comes first
    close(input.read_end);
    close(output.write_end);
    input_ = input.write_end;
    output_ = output.read_end;
}

ChildProcess::~ChildProcess() {
    kill();
    close_input();
    close(output_);
}

// False at the end of the output or of the time.
bool ChildProcess::read_more(SteadyTime until) {
    pollfd ready{output_, POLLIN, 0};
    if (poll(&ready, 1, milliseconds_until(until)) <= 0) return false;
    std::array<char, 4096> part{};
    auto size = read(output_, part.data(), part.size());
    if (size <= 0) return false;
    text_.append(part.data(), static_cast<std::size_t>(size));
    return true;
}

std::optional<std::string> ChildProcess::read_line(Milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    auto end = text_.find('\n');
    while (end == std::string::npos) {
        if (!read_more(until)) return {};
        end = text_.find('\n');
    }
    auto line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
}

std::string ChildProcess::read_all(Milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (read_more(until)) {
    }
    return std::exchange(text_, {});
}

void ChildProcess::write(std::string_view text) {
    ::signal(SIGPIPE, SIG_IGN);  // a child that does not read is no reason to die
    while (!text.empty()) {
        auto size = ::write(input_, text.data(), text.size());
        if (size <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
}

void ChildProcess::close_input() {
    if (input_ >= 0) close(std::exchange(input_, -1));
}

void ChildProcess::signal(int number) const {
    if (!status_) ::kill(pid_, number);
}

std::optional<int> ChildProcess::wait(Milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (!status_) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else if (std::chrono::steady_clock::now() >= until) {
            return {};
        } else {
            std::this_thread::sleep_for(2ms);
        }
    }
    return status_;
}

void ChildProcess::kill() {
    if (status_) return;
    ::kill(-pid_, SIGKILL);
    wait(10s);
}

}  // namespace cardea
