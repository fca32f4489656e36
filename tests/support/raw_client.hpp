// RawClient: a blocking socket that says to a server exactly what a test tells it to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace cardea {

/// One answer as it came: `status` is 0 when the connection ended before one.
struct RawResponse {
    int status = 0;
    std::string header;  ///< Status line and fields, without the empty line.
    std::string body;

    /// The first value of that field, compared as `Name: `; empty when there is none.
    std::string field(std::string_view name) const {
        auto start = header.find("\r\n" + std::string(name) + ": ");
        if (start == header.npos) return {};
        start += name.size() + 4;
        return header.substr(start, header.find("\r\n", start) - start);
    }
    std::size_t count(std::string_view name) const {
        std::size_t found = 0;
        auto needle = "\r\n" + std::string(name) + ":";
        for (auto at = header.find(needle); at != header.npos; at = header.find(needle, at + 1)) {
            ++found;
        }
        return found;
    }
};

class RawClient {
  public:
    /// Connects to 127.0.0.1, from another loopback address when `from` says so.
    explicit RawClient(std::uint16_t port, const char* from = nullptr)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (from != nullptr) {
            sockaddr_in own = address(from, 0);
            ::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own);
        }
        sockaddr_in peer = address("127.0.0.1", port);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0;
    }
    RawClient(RawClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          connected_(other.connected_),
          input_(std::move(other.input_)) {}
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient() { close(); }

    bool is_connected() const { return connected_; }
    int descriptor() const { return socket_; }
    /// False when the server does not take it (any more).
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    /// No more will be sent (FIN); answers are still read.
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }
    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

    /// The next answer. `head`: to a HEAD request, whose answer has no body.
    RawResponse read_response(bool head = false) {
        auto end = input_.find("\r\n\r\n");
        while (end == input_.npos) {
            if (!read_more()) return {};
            end = input_.find("\r\n\r\n");
        }
        RawResponse response;
        response.header = input_.substr(0, end);
        input_.erase(0, end + 4);
        response.status = std::atoi(response.header.substr(9, 3).c_str());
        bool empty =
            head || response.status == 204 || response.status == 304 || response.status < 200;
        std::size_t length = empty ? 0 : std::stoul("0" + response.field("Content-Length"));
        while (input_.size() < length && read_more()) {
        }
        response.body = input_.substr(0, length);
        input_.erase(0, response.body.size());
        return response;
    }
    /// `GET` with a Host, and its answer.
    RawResponse get(std::string_view target, std::string_view fields = {}) {
        send("GET " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
             std::string(fields) + "\r\n");
        return read_response();
    }
    /// Everything until the server closes; what came before an error or the time limit.
    std::string read_all() {
        while (read_more()) {
        }
        return std::exchange(input_, {});
    }
    /// True when the server closes within the limit and sends nothing more before.
    bool is_closed() {
        if (!input_.empty()) return false;
        return !read_more() && ended_;
    }
    /// How long to wait for bytes before giving up.
    void set_limit(std::chrono::milliseconds limit) { limit_ = limit; }

  private:
    static sockaddr_in address(const char* text, std::uint16_t port) {
        sockaddr_in result{};
        result.sin_family = AF_INET;
        result.sin_port = htons(port);
        inet_pton(AF_INET, text, &result.sin_addr);
        return result;
    }
    bool read_more() {
        pollfd wait{socket_, POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(limit_.count())) != 1) return false;
        char buffer[16 * 1024];
        auto count = ::recv(socket_, buffer, sizeof buffer, 0);
        ended_ = count <= 0;
        if (count > 0) input_.append(buffer, static_cast<std::size_t>(count));
        return count > 0;
    }

    int socket_;
    bool connected_ = false;
    bool ended_ = false;
    std::string input_;
    std::chrono::milliseconds limit_{5000};
};

}  // namespace cardea
