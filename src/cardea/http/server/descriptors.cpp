#include "cardea/http/server/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace cardea::http {

namespace {

int open_reserve() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/// For databases, logs, outgoing connections.
std::size_t kept_for_others(std::size_t limit) {
    return std::clamp<std::size_t>(limit / 8, 32, 256);
}

}  // namespace

std::size_t connections_possible(std::size_t wanted) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    auto needed = static_cast<rlim_t>(wanted + kept_for_others(wanted));
    if (limit.rlim_cur < needed) {
        auto raised = limit;
        raised.rlim_cur = std::min(needed, limit.rlim_max);
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    auto total = static_cast<std::size_t>(limit.rlim_cur);
    auto kept = kept_for_others(total);
    return std::min(wanted, total > 2 * kept ? total - kept : std::max<std::size_t>(total / 2, 1));
}

DescriptorReserve::DescriptorReserve() : descriptor_(open_reserve()) {}

DescriptorReserve::~DescriptorReserve() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void DescriptorReserve::turn_away(int listening_socket) {
    if (descriptor_ >= 0) ::close(descriptor_);
    for (int i = 0; i < 16; ++i) {
        int connection =
            ::accept4(listening_socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0) break;
        ::close(connection);
    }
    descriptor_ = open_reserve();
}

}  // namespace cardea::http
