#include "benchmarks/http_connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "benchmarks/socket.hpp"

namespace cardea::bench {
namespace {

[[noreturn]] void broken(const char* what) {
    throw std::runtime_error(fmt::format("connection: {}: {}", what, std::strerror(errno)));
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

std::string HttpConnection::send(std::string_view request) {
    if (socket_ < 0) socket_ = connect_from(host_, port_);
    auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) broken("send");
    std::size_t size = 0;
    while ((size = complete_response(incoming_)) == 0) {
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
