#include "benchmarks/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace cardea::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto start_limit = 20s;
constexpr auto stop_limit = 20s;
constexpr auto pause_between_tries = 100us;

[[noreturn]] void broken(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

// What execve() wants: pointers into strings that stay where they are.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

// Between fork and exec: only what is safe there.
[[noreturn]] void become(char* const* words, char* const* environment, const char* folder,
                         int log) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDERR_FILENO);
    if (chdir(folder) == 0) execve(words[0], words, environment);
    _exit(127);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// The status line of the answer; empty when nobody listens yet.
std::string ask_health(std::uint16_t port) {
    int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(port);
    char answer[64] = "";
    if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        auto request = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                       "\r\nConnection: close\r\n\r\n";
        (void)!send(peer, request.data(), request.size(), MSG_NOSIGNAL);
        (void)!recv(peer, answer, sizeof answer - 1, 0);
    }
    close(peer);
    return answer;
}

bool has_ended(pid_t pid) {
    siginfo_t info{};
    bool asked = waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    return asked && info.si_pid == pid;
}

/// `VmRSS:    12345 kB` of /proc/PID/status in MiB; the kernel's kB are KiB.
double mebibytes(const std::string& status, const std::string& name) {
    auto at = status.find(name + ':');
    if (at == std::string::npos) return 0;
    return std::strtod(status.c_str() + at + name.size() + 1, nullptr) / 1024;
}

Cores first_and_last_core() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) broken("sched_getaffinity");
    std::vector<int> usable;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &allowed)) usable.push_back(core);
    }
    if (usable.size() >= 2) return {usable.front(), usable.back()};
    throw std::runtime_error("server and client need a core each, and here is only one");
}

}  // namespace

Cores cores() {
    // As it was before anything was pinned.
    static const Cores chosen = first_and_last_core();
    return chosen;
}

void pin_to_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) broken("sched_setaffinity");
}

Process::Process(const Command& command) : log_path_(command.folder + "/log") {
    auto words = pointers(command.words);
    auto environment = pointers(command.environment);
    int log = ::open(log_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) broken(log_path_);
    pin_to_core(command.beside_client ? cores().client : cores().server);
    started_at_ = Steady::now();
    pid_ = fork();
    if (pid_ == 0) become(words.data(), environment.data(), command.folder.c_str(), log);
    close(log);
    if (pid_ < 0) broken("fork");
    pin_to_core(cores().client);
}

Process::~Process() {
    kill(pid_, SIGTERM);
    auto end = Steady::now() + stop_limit;
    while (!has_ended(pid_) && Steady::now() < end) std::this_thread::sleep_for(2ms);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

void Process::wait_until_healthy(std::uint16_t port) const {
    while (!ask_health(port).starts_with("HTTP/1.1 200")) {
        bool over = has_ended(pid_) || Steady::now() > started_at_ + start_limit;
        if (over) throw std::runtime_error("a server did not start:\n" + log_text());
        std::this_thread::sleep_for(pause_between_tries);
    }
}

Memory Process::memory() const {
    auto status = read_file("/proc/" + std::to_string(pid_) + "/status");
    return {mebibytes(status, "VmRSS"), mebibytes(status, "RssAnon")};
}

double Process::cpu_seconds() const {
    clockid_t clock{};
    timespec spent{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &spent) != 0) {
        broken("no processor time of a server");
    }
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

std::string Process::log_text() const {
    return read_file(log_path_);
}

std::uint16_t free_port() {
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                 getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    close(probe);
    if (!bound) broken("no free port");
    return ntohs(address.sin_port);
}

WorkFolder::WorkFolder()
    : path_(std::filesystem::read_symlink("/proc/self/exe").parent_path().string() +
            "/bench-XXXXXX") {
    if (!mkdtemp(path_.data())) broken(path_);
}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string WorkFolder::make(const std::string& name) const {
    auto folder = path_ + '/' + name;
    std::filesystem::create_directory(folder);
    return folder;
}

}  // namespace cardea::bench
