#include "benchmarks/socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace cardea::bench {

namespace {

void demand(bool done, const char* what) {
    if (!done) throw std::runtime_error(fmt::format("socket: {}: {}", what, std::strerror(errno)));
}

sockaddr_in endpoint(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(host);
    return address;
}

}  // namespace

int connect_from(std::uint32_t host, std::uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    demand(descriptor >= 0, "socket");
    auto from = endpoint(host, 0);
    auto to = endpoint(INADDR_LOOPBACK, port);
    demand(bind(descriptor, reinterpret_cast<sockaddr*>(&from), sizeof from) == 0, "bind");
    demand(connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, "connect");
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

std::size_t complete_response(std::string_view text) {
    auto end = text.find("\r\n\r\n");
    if (end == text.npos) return 0;
    std::size_t length = 0;
    auto at = text.substr(0, end).find("\r\nContent-Length: ");
    if (at != text.npos) length = std::strtoull(text.data() + at + 18, nullptr, 10);
    return text.size() >= end + 4 + length ? end + 4 + length : 0;
}

}  // namespace cardea::bench
