// A TCP connection of the load clients, and where a response on it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cardea::bench {

/// A blocking socket that sends at once, connected to the port here from `host`, an address of
/// 127.0.0.0/8. Throws when that fails. The caller closes it.
int connect_from(std::uint32_t host, std::uint16_t port);

/// Bytes of the complete response at the front; 0 when more is to come.
std::size_t complete_response(std::string_view text);

}  // namespace cardea::bench
