// A program of our own as a child process: its output, its end, and its violent end.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace cardea::faults {

class Child {
  public:
    explicit Child(const std::vector<std::string>& command) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return;
        pid_ = fork();
        if (pid_ == 0) {
            dup2(ends[1], STDOUT_FILENO);
            std::vector<char*> words;
            for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
            words.push_back(nullptr);
            execvp(words[0], words.data());
            _exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        kill_now();
        ::close(output_);
    }

    void kill_now() {
        if (pid_ > 0 && !ended_) ::kill(pid_, SIGKILL);
        wait();
    }
    /// Reads the output until it has so many lines, or the child closes it.
    void read_lines(long count) {
        while (std::ranges::count(text_, '\n') < count && read_some()) {
        }
    }
    /// What stood in the pipe when the child ended counts: it had been sent.
    void read_rest() {
        while (read_some()) {
        }
    }
    /// The exit code; 128 + signal when a signal ended it.
    int wait() {
        if (ended_ || pid_ <= 0) return code_;
        int status = 0;
        waitpid(pid_, &status, 0);
        ended_ = true;
        code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return code_;
    }
    /// The ids of the lines `ack ID`; a line cut off by the end does not count.
    std::set<std::string> acknowledged() const {
        std::set<std::string> ids;
        std::istringstream lines(text_.substr(0, text_.rfind('\n') + 1));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("ack ")) ids.insert(line.substr(4));
        }
        return ids;
    }

  private:
    bool read_some() {
        char buffer[4096];
        auto size = ::read(output_, buffer, sizeof buffer);
        if (size > 0) text_.append(buffer, static_cast<std::size_t>(size));
        return size > 0;
    }

    pid_t pid_ = -1;
    int output_ = -1;
    bool ended_ = false;
    int code_ = -1;
    std::string text_;
};

}  // namespace cardea::faults
