#include "benchmarks/traffic.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "benchmarks/socket.hpp"

namespace cardea::bench {

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

[[noreturn]] void broken(const std::string& what) {
    throw std::runtime_error("traffic: " + what + ": " + std::strerror(errno));
}

int open_socket(std::uint32_t from, std::uint16_t port) {
    int descriptor = connect_from(from, port);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

struct Connection {
    int socket = -1;
    int requests = 0;
    bool is_waiting = false;
    std::string incoming;
    Steady::time_point due;
};

// The field's value in a header whose names may be in any case; empty when there is none.
std::string_view field(std::string_view header, std::string_view name) {
    for (std::size_t line = header.find("\r\n"); line < header.size();
         line = header.find("\r\n", line + 2)) {
        auto rest = header.substr(line + 2);
        if (rest.size() > name.size() && rest[name.size()] == ':' &&
            strncasecmp(rest.data(), name.data(), name.size()) == 0) {
            return rest.substr(name.size() + 2, rest.find("\r\n") - name.size() - 2);
        }
    }
    return {};
}

bool is_complete(std::string_view text) {
    auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    auto length = std::string(field(text.substr(0, end + 2), "content-length"));
    return text.size() >= end + 4 + std::strtoull(length.c_str(), nullptr, 10);
}

class Traffic {
  public:
    Traffic(const TrafficOptions& options, Addresses& addresses, const NextRequest& next)
        : options_(options),
          addresses_(addresses),
          next_(next),
          epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        for (int i = 0; i < options.connections; ++i) {
            connections_.push_back(std::make_unique<Connection>());
            idle_.push_back(connections_.back().get());
        }
    }
    ~Traffic() {
        for (const auto& connection : connections_) {
            if (connection->socket >= 0) close(connection->socket);
        }
        close(epoll_);
    }

    TrafficResult run() {
        started_ = Steady::now();
        auto end = started_ + options_.duration;
        while (!is_over(end)) {
            send_due();
            wait();
        }
        result_.seconds = std::chrono::duration<double>(Steady::now() - started_).count();
        // What is under way is an answer, too: the slow ones would be missing otherwise.
        while (options_.rate > 0 && idle_.size() < connections_.size()) wait();
        return std::move(result_);
    }

  private:
    bool is_over(Steady::time_point end) const {
        return Steady::now() >= end || (options_.stop != nullptr && *options_.stop);
    }

    Steady::time_point next_due() const {
        auto after = std::chrono::duration<double>(static_cast<double>(sent_) / options_.rate);
        return started_ + std::chrono::duration_cast<Steady::duration>(after);
    }

    void send_due() {
        auto now = Steady::now();
        while (!idle_.empty() && (options_.rate == 0 || next_due() <= now)) {
            auto* connection = idle_.front();
            idle_.pop_front();
            send_on(*connection, options_.rate == 0 ? now : next_due());
            ++sent_;
        }
    }

    void send_on(Connection& connection, Steady::time_point due) {
        if (connection.socket < 0) open(connection);
        auto request = next_();
        connection.due = due;
        connection.is_waiting = true;
        ++connection.requests;
        auto size = static_cast<ssize_t>(request.size());
        if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != size) {
            broken("send");
        }
    }

    void open(Connection& connection) {
        connection.socket = open_socket(addresses_.take(), options_.port);
        connection.requests = 0;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    }

    void shut(Connection& connection) {
        close(connection.socket);
        connection.socket = -1;
        connection.incoming.clear();
    }

    void wait() {
        epoll_event events[64];
        auto time = time_to_wait();
        int count = epoll_pwait2(epoll_, events, 64, &time, nullptr);
        for (int i = 0; i < count; ++i) receive(*static_cast<Connection*>(events[i].data.ptr));
    }

    // To the microsecond: a client that spins instead would take the server's core from it.
    timespec time_to_wait() const {
        std::chrono::nanoseconds time = 50ms;
        if (options_.rate > 0 && !idle_.empty()) {
            time = std::clamp<std::chrono::nanoseconds>(next_due() - Steady::now(), 0ns, time);
        }
        return {0, static_cast<long>(time.count())};
    }

    void receive(Connection& connection) {
        char buffer[16384];
        auto count = recv(connection.socket, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0 && connection.is_waiting) broken("the server closed a connection");
        if (count <= 0) return shut(connection);
        connection.incoming.append(buffer, static_cast<std::size_t>(count));
        if (is_complete(connection.incoming)) keep(connection);
    }

    void keep(Connection& connection) {
        std::chrono::duration<double, std::milli> took = Steady::now() - connection.due;
        std::string_view text = connection.incoming;
        auto header = text.substr(0, text.find("\r\n\r\n") + 2);
        result_.answers.push_back(
            {std::atoi(text.data() + 9), took.count(), !field(header, "retry-after").empty()});
        connection.incoming.clear();
        connection.is_waiting = false;
        idle_.push_back(&connection);
        auto most = options_.requests_per_address;
        if (most > 0 && connection.requests >= most) shut(connection);
    }

    const TrafficOptions& options_;
    Addresses& addresses_;
    const NextRequest& next_;
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::deque<Connection*> idle_;
    std::uint64_t sent_ = 0;
    Steady::time_point started_;
    TrafficResult result_;
};

}  // namespace

double TrafficResult::quantile_ms(int status, double quantile) const {
    std::vector<double> latencies;
    for (const auto& answer : answers) {
        if (answer.status == status) latencies.push_back(answer.latency_ms);
    }
    if (latencies.empty()) return 0;
    std::ranges::sort(latencies);
    auto last = static_cast<double>(latencies.size() - 1);
    return latencies[static_cast<std::size_t>(std::ceil(quantile * last))];
}

std::size_t TrafficResult::count(int status) const {
    auto has_status = [status](const Answer& answer) { return answer.status == status; };
    return static_cast<std::size_t>(std::ranges::count_if(answers, has_status));
}

TrafficResult run_traffic(const TrafficOptions& options, Addresses& addresses,
                          const NextRequest& next) {
    return Traffic(options, addresses, next).run();
}

}  // namespace cardea::bench
