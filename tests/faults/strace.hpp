// Runs a program under strace: to see in which order it does things, or to kill it at one of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/child.hpp"

namespace cardea::faults {

/// False where strace is missing or tracing is not allowed: a failure of the test where
/// CARDEA_REQUIRE_SERVERS=1 says that everything must be there.
inline bool can_trace() {
    Child child({"strace", "-qq", "-o", "/dev/null", "true"});
    bool can = child.wait() == 0;
    const char* required = std::getenv("CARDEA_REQUIRE_SERVERS");
    if (!can && required != nullptr && std::string_view(required) == "1")
        ADD_FAILURE() << "strace is missing or not allowed here";
    return can;
}

/// What looks for leaks traces the program itself, which only one can: without this a build with
/// AddressSanitizer never ends well.
inline const std::vector<std::string> no_leak_check{"-E", "ASAN_OPTIONS=detect_leaks=0"};

/// The command, killed by SIGKILL when a thread of it comes to its `when`-th call of `calls`
/// (names separated by commas); the call itself is not made.
inline std::vector<std::string> killed_at(const std::string& calls, int when,
                                          const std::vector<std::string>& command) {
    std::vector<std::string> all{"strace",
                                 "-f",
                                 "-qq",
                                 "-o",
                                 "/dev/null",
                                 no_leak_check[0],
                                 no_leak_check[1],
                                 "-e",
                                 "trace=" + calls,
                                 "-e",
                                 "inject=" + calls + ":signal=KILL:when=" + std::to_string(when)};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

/// The command, with its writes and syncs noted in `log`.
inline std::vector<std::string> traced(const std::string& log,
                                       const std::vector<std::string>& command) {
    std::vector<std::string> all{"strace",
                                 "-f",
                                 "-y",
                                 "-qq",
                                 "-o",
                                 log,
                                 no_leak_check[0],
                                 no_leak_check[1],
                                 "-s",
                                 "64",
                                 "-e",
                                 "trace=write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

/// Looks for acknowledgements that were sent while a file named `…suffix` had writes that were not
/// synced, or before anything was synced at all.
class SyncOrder {
  public:
    SyncOrder(std::string suffix, std::string acknowledgement)
        : suffix_(std::move(suffix) + ">"), acknowledgement_(std::move(acknowledgement)) {}

    void read(const std::string& log) {
        std::ifstream lines(log);
        for (std::string line; std::getline(lines, line);) read_line(line);
    }
    int acknowledgements = 0;
    int too_early = 0;

  private:
    void read_line(const std::string& line) {
        static const std::regex call(R"(^(\d+)\s+(\w+)\(.*)");
        static const std::regex resumed(R"(^(\d+)\s+<\.\.\. (\w+) resumed>.*= 0$)");
        std::smatch match;
        if (std::regex_match(line, match, resumed)) {
            if (syncing_.erase(match[1]) > 0) synced();
            return;
        }
        if (!std::regex_match(line, match, call)) return;
        bool ours = line.find(suffix_) != std::string::npos;
        bool sync = match[2] == "fdatasync" || match[2] == "fsync";
        if (ours && match[2] == "pwrite64") dirty_ = true;
        if (ours && sync && line.ends_with("= 0")) synced();
        if (ours && sync && line.ends_with("<unfinished ...>")) syncing_[match[1]] = true;
        if (line.find(acknowledgement_) != std::string::npos) {
            ++acknowledgements;
            if (dirty_ || !fresh_sync_) ++too_early;
            fresh_sync_ = false;
        }
    }
    void synced() {
        dirty_ = false;
        fresh_sync_ = true;
    }

    std::string suffix_;
    std::string acknowledgement_;
    std::map<std::string, bool> syncing_;
    bool dirty_ = false;
    bool fresh_sync_ = false;
};

}  // namespace cardea::faults
