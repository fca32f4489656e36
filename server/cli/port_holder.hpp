// Which program listens on a port: for messages, where /proc tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cardea::cli {

struct PortHolder {
    int process = 0;
    std::string program;
    /// `nginx (process 123)`.
    std::string text() const;
};

/// Nothing when nobody listens there, or when the process is another user's and this one may not
/// look into it.
std::optional<PortHolder> holder_of_port(std::uint16_t port);

}  // namespace cardea::cli
