#include "benchmarks/http_connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace cardea::bench {
namespace {

[[noreturn]] void broken(const char* what) {
    throw std::runtime_error(fmt::format("connection: {}: {}", what, std::strerror(errno)));
}

sockaddr_in endpoint(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(host);
    return address;
}

/// Bytes of the complete response at the front; 0 when more is to come.
std::size_t complete(const std::string& text) {
    auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    auto length = std::strtoull(field_of(text, "Content-Length").c_str(), nullptr, 10);
    return text.size() >= end + 4 + length ? end + 4 + length : 0;
}

}  // namespace

std::string field_of(const std::string& response, std::string_view name) {
    auto head = std::string_view(response).substr(0, response.find("\r\n\r\n"));
    auto at = head.find(fmt::format("\r\n{}: ", name));
    if (at == std::string_view::npos) return {};
    auto value = head.substr(at + name.size() + 4);
    return std::string(value.substr(0, value.find("\r\n")));
}

int status_of(const std::string& response) {
    constexpr std::size_t status_at = 9;  // behind `HTTP/1.1 `
    return response.size() > status_at ? std::atoi(response.c_str() + status_at) : 0;
}

HttpConnection::~HttpConnection() {
    close(socket_);
}

void HttpConnection::open() {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto from = endpoint(host_, 0);
    auto to = endpoint(INADDR_LOOPBACK, port_);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) broken("bind");
    if (connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) broken("connect");
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::string HttpConnection::send(std::string_view request) {
    if (socket_ < 0) open();
    auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) broken("send");
    std::size_t size = 0;
    while ((size = complete(incoming_)) == 0) {
        char buffer[16384];
        auto count = recv(socket_, buffer, sizeof buffer, 0);
        if (count <= 0) broken("the server closed it");
        incoming_.append(buffer, static_cast<std::size_t>(count));
    }
    auto response = incoming_.substr(0, size);
    incoming_.erase(0, size);
    return response;
}

std::string HttpConnection::get(std::string_view path, std::string_view cookie) {
    auto request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", path, port_);
    if (!cookie.empty()) request += fmt::format("Cookie: {}\r\n", cookie);
    return send(request + "\r\n");
}

}  // namespace cardea::bench
