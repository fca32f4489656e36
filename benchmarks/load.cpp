#include "benchmarks/load.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "benchmarks/socket.hpp"

namespace cardea::bench {

namespace {

using Steady = std::chrono::steady_clock;

struct Connection {
    int socket = -1;
    std::string outgoing;
    std::size_t sent = 0;
    std::string incoming;
    std::uint64_t answered = 0;  // on this socket
    Steady::time_point started;
};

[[noreturn]] void broken(const char* what) {
    throw std::runtime_error(std::string("load: ") + what + ": " + std::strerror(errno));
}

int open_socket(std::uint32_t host, std::uint16_t port) {
    int descriptor = connect_from(host, port);
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

void check_status(const std::string& response, int expected) {
    constexpr std::size_t status_at = 9;  // behind `HTTP/1.1 `
    if (response.size() > status_at && std::atoi(response.c_str() + status_at) == expected) return;
    throw std::runtime_error("load: " + std::to_string(expected) +
                             " was expected, and this came:\n" + response);
}

class Load {
  public:
    Load(const LoadOptions& options, Addresses& addresses, const NextRequest& next)
        : options_(options),
          addresses_(addresses),
          next_(next),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          connections_(static_cast<std::size_t>(options.connections)) {
        for (auto& connection : connections_) open(connection);
    }
    ~Load() {
        for (auto& connection : connections_) close(connection.socket);
        close(epoll_);
    }

    LoadResult run() {
        auto start = Steady::now();
        auto end = start + options_.duration;
        for (auto& connection : connections_) begin(connection);
        while (Steady::now() < end && !is_enough()) {
            std::array<epoll_event, 64> events;
            int count = epoll_wait(epoll_, events.data(), events.size(), 200);
            for (int i = 0; i < count; ++i) {
                receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
            }
        }
        result_.seconds = std::chrono::duration<double>(Steady::now() - start).count();
        return std::move(result_);
    }

  private:
    bool is_enough() const { return options_.limit > 0 && result_.requests >= options_.limit; }

    void open(Connection& connection) {
        connection.socket = open_socket(addresses_.take(), options_.port);
        connection.answered = 0;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    }

    void begin(Connection& connection) {
        bool used_up = options_.requests_per_address > 0 &&
                       connection.answered == options_.requests_per_address;
        if (used_up) {
            close(connection.socket);
            open(connection);
        }
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
        auto size = complete_response(connection.incoming);
        if (size == 0) return;
        note(connection, size);
        connection.incoming.erase(0, size);
        begin(connection);
    }

    void note(Connection& connection, std::size_t size) {
        check_status(connection.incoming, options_.expected_status);
        ++connection.answered;
        ++result_.requests;
        std::chrono::duration<float, std::milli> taken = Steady::now() - connection.started;
        result_.latencies_ms.push_back(taken.count());
        if (result_.requests == 1) result_.first_response = connection.incoming.substr(0, size);
    }

    const LoadOptions& options_;
    Addresses& addresses_;
    const NextRequest& next_;
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

LoadResult run_load(const LoadOptions& options, Addresses& addresses, const NextRequest& next) {
    return Load(options, addresses, next).run();
}

}  // namespace cardea::bench
