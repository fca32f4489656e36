// ChildProcess: a real program beside a test, started, spoken to and surely ended.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/clock.hpp"

namespace cardea {

/// Its standard output is read here, its input is written here, its errors go to the test's. It has
/// its own process group and is killed with it when this goes away, and by the system should the
/// test itself die.
class ChildProcess {
  public:
    struct Options {
        std::string folder;                              ///< To run in; empty = the test's.
        std::map<std::string, std::string> environment;  ///< Added to the test's.
        std::string without;  ///< Names that begin so are not handed down; empty = all are.
    };
    /// `command[0]` is looked up in PATH. Throws std::system_error when it cannot be started.
    explicit ChildProcess(std::vector<std::string> command) : ChildProcess(command, Options()) {}
    ChildProcess(const std::vector<std::string>& command, const Options& options);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    /// The next line of its output, without the line break. Nothing after the limit or its end.
    std::optional<std::string> read_line(Milliseconds limit);
    /// All output until its end, or what came within the limit.
    std::string read_all(Milliseconds limit);
    /// To its standard input.
    void write(std::string_view text);
    void close_input();
    void signal(int number) const;
    /// The exit status (128 + the signal's number when one ended it). Nothing when it still runs
    /// after the limit.
    std::optional<int> wait(Milliseconds limit);
    /// SIGKILL to it and what it started.
    void kill();

  private:
    bool read_more(std::chrono::steady_clock::time_point until);

    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string text_;
    std::optional<int> status_;
};

/// The full path of a program in PATH; nothing when there is none.
std::optional<std::string> find_program(const std::string& name);

}  // namespace cardea
