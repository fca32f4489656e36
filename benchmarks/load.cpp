#include "benchmarks/load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace cardea::bench {

namespace {

using Steady = std::chrono::steady_clock;

struct Connection {
    int socket = -1;
    std::string outgoing;
    std::size_t sent = 0;
    std::string incoming;
    Steady::time_point started;
};

[[noreturn]] void broken(const char* what) {
    throw std::runtime_error(std::string("load: ") + what + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(0x7F000000u | host);
    return address;
}

int open_socket(int index, std::uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) broken("socket");
    auto from = loopback(0x000100u + static_cast<std::uint32_t>(index), 0);
    auto to = loopback(1, port);
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) broken("bind");
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) broken("connect");
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

void flush(Connection& connection) {
    while (connection.sent < connection.outgoing.size()) {
        auto count = send(connection.socket, connection.outgoing.data() + connection.sent,
                          connection.outgoing.size() - connection.sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) return;
        if (count < 0) broken("send");
        connection.sent += static_cast<std::size_t>(count);
    }
}

/// Bytes of the complete response at the front; 0 when more is to come.
std::size_t complete(std::string_view text) {
    auto end = text.find("\r\n\r\n");
    if (end == text.npos) return 0;
    std::size_t length = 0;
    for (std::string_view name : {"content-length: ", "Content-Length: "}) {
        auto at = text.substr(0, end).find(name);
        if (at != text.npos) length = std::strtoull(text.data() + at + name.size(), nullptr, 10);
    }
    return text.size() >= end + 4 + length ? end + 4 + length : 0;
}

class Load {
  public:
    Load(const LoadOptions& options, const std::function<std::string()>& next)
        : options_(options), next_(next), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        connections_.resize(static_cast<std::size_t>(options.connections));
        for (int i = 0; i < options.connections; ++i) {
            auto& connection = connections_[static_cast<std::size_t>(i)];
            connection.socket = open_socket(i, options.port);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.ptr = &connection;
            epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
        }
    }
    ~Load() {
        for (auto& connection : connections_) close(connection.socket);
        close(epoll_);
    }

    LoadResult run() {
        auto start = Steady::now();
        auto end = start + options_.duration;
        for (auto& connection : connections_) begin(connection);
        while (Steady::now() < end && !(options_.limit > 0 && result_.requests >= options_.limit)) {
            epoll_event events[64];
            int count = epoll_wait(epoll_, events, 64, 200);
            for (int i = 0; i < count; ++i) receive(*static_cast<Connection*>(events[i].data.ptr));
        }
        result_.seconds = std::chrono::duration<double>(Steady::now() - start).count();
        return std::move(result_);
    }

  private:
    void begin(Connection& connection) {
        connection.outgoing = next_();
        connection.sent = 0;
        connection.started = Steady::now();
        flush(connection);
    }

    void receive(Connection& connection) {
        char buffer[16384];
        auto count = recv(connection.socket, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) broken("the server closed a connection");
        connection.incoming.append(buffer, static_cast<std::size_t>(count));
        auto size = complete(connection.incoming);
        if (size == 0) return;
        ++result_.requests;
        ++result_.statuses[std::atoi(connection.incoming.c_str() + 9)];
        std::chrono::duration<float, std::milli> taken = Steady::now() - connection.started;
        result_.latencies_ms.push_back(taken.count());
        if (result_.first_response.empty())
            result_.first_response = connection.incoming.substr(0, size);
        connection.incoming.erase(0, size);
        begin(connection);
    }

    const LoadOptions& options_;
    const std::function<std::string()>& next_;
    int epoll_;
    std::vector<Connection> connections_;
    LoadResult result_;
};

}  // namespace

double LoadResult::quantile_ms(double q) {
    if (latencies_ms.empty()) return 0;
    auto at = static_cast<std::size_t>(q * static_cast<double>(latencies_ms.size() - 1));
    auto place = latencies_ms.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(latencies_ms.begin(), place, latencies_ms.end());
    return *place;
}

LoadResult run_load(const LoadOptions& options, const std::function<std::string()>& next) {
    return Load(options, next).run();
}

void pin_to_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

void report(const std::string& bench, const std::string& name, double value,
            const std::string& unit, double baseline, double ratio) {
    std::printf("{\"bench\":\"%s\",\"case\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",", bench.c_str(),
                name.c_str(), value, unit.c_str());
    if (baseline == 0) {
        std::printf("\"baseline\":null,\"ratio\":null}\n");
    } else {
        std::printf("\"baseline\":%.3f,\"ratio\":%.3f}\n", baseline, ratio);
    }
    std::fflush(stdout);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace cardea::bench
