// A server under measurement: started on one core, watched from another, surely ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cardea::bench {

using Steady = std::chrono::steady_clock;

/// Of the cores that this process may use, servers run on the first and clients on the last.
struct Cores {
    int server = 0;
    int client = 0;
};
/// Throws where there is only one core.
Cores cores();
/// Pins the calling thread, and what it starts, to one core.
void pin_to_core(int core);

struct Command {
    std::vector<std::string> words;        ///< The program's path, then its arguments.
    std::vector<std::string> environment;  ///< All of it: nothing of ours is inherited.
    std::string folder;                    ///< To run in; standard error goes to `log` there.
    bool beside_client = false;            ///< On the client's core: not what is measured.
};

struct Memory {
    double resident_mib = 0;   ///< VmRSS
    double anonymous_mib = 0;  ///< RssAnon
};

class Process {
  public:
    /// Starts it on the server's core, unless the command says otherwise.
    explicit Process(const Command& command);
    /// SIGTERM, and SIGKILL to who does not listen.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Asks GET /health until it says 200. Throws with the program's log when that never comes.
    void wait_until_healthy(std::uint16_t port) const;
    Steady::time_point started_at() const { return started_at_; }
    Memory memory() const;
    /// What all of its threads have computed so far.
    double cpu_seconds() const;

  private:
    std::string log_text() const;

    std::string log_path_;
    Steady::time_point started_at_;
    pid_t pid_ = -1;
};

/// A loopback port that nobody listens on at the moment.
std::uint16_t free_port();

/// A folder beside the running program, and thus on the disk that is measured (/tmp is memory on
/// many machines); gone with the object.
class WorkFolder {
  public:
    WorkFolder();
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    const std::string& path() const { return path_; }
    /// A new folder in it.
    std::string make(const std::string& name) const;

  private:
    std::string path_;
};

}  // namespace cardea::bench
