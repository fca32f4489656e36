// Two steps through /proc (proc(5)): the listening sockets of the port, then the process that has
// one of them open.
#include "server/cli/port_holder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace cardea::cli {

namespace {

namespace fs = std::filesystem;

/// `0100007F:1F90` ends with the port in hexadecimal.
bool is_port(std::string_view address, std::uint16_t port) {
    auto colon = address.rfind(':');
    if (colon == address.npos) return false;
    auto digits = address.substr(colon + 1);
    unsigned value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value == port;
}

/// What links in /proc/PID/fd say of the sockets that listen there.
std::set<std::string> listening_sockets(std::uint16_t port) {
    std::set<std::string> sockets;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream stream(table);
        std::string line;
        std::getline(stream, line);
        while (std::getline(stream, line)) {
            std::istringstream words(line);
            std::string number, local, remote, state, skipped, inode;
            words >> number >> local >> remote >> state;
            for (int i = 0; i < 5; ++i) words >> skipped;
            words >> inode;
            if (state == "0A" && is_port(local, port)) sockets.insert("socket:[" + inode + "]");
        }
    }
    return sockets;
}

bool has_open(const fs::path& process, const std::set<std::string>& sockets) {
    std::error_code error;
    // Another user's process cannot be read; that is an end without an entry.
    for (fs::directory_iterator it(process / "fd", error), end; !error && it != end;
         it.increment(error)) {
        std::error_code closed;
        if (sockets.contains(fs::read_symlink(it->path(), closed).string())) return true;
    }
    return false;
}

std::string first_line(const fs::path& path) {
    std::ifstream stream(path);
    std::string line;
    std::getline(stream, line);
    return line;
}

}  // namespace

std::string PortHolder::text() const {
    return fmt::format("{} (process {})", program, process);
}

std::optional<PortHolder> holder_of_port(std::uint16_t port) {
    auto sockets = listening_sockets(port);
    if (sockets.empty()) return std::nullopt;
    std::error_code error;
    for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
        auto name = it->path().filename().string();
        int process = 0;
        auto read = std::from_chars(name.data(), name.data() + name.size(), process);
        if (read.ptr != name.data() + name.size()) continue;
        if (has_open(it->path(), sockets))
            return PortHolder{process, first_line(it->path() / "comm")};
    }
    return std::nullopt;
}

}  // namespace cardea::cli
