// Where a network address leads: out into the world, to this machine, or inside somebody's network.
#pragma once

#include <sys/socket.h>

namespace cardea::http {

enum class Reach {
    global,    ///< An address of the public internet.
    loopback,  ///< This machine.
    internal,  ///< Private, link-local (cloud metadata among them), reserved, multicast, unknown.
};

/// Judges the address that is about to be connected to, after resolution, so that neither a name
/// that resolves to an inner address nor an odd spelling of one gets by. IPv4 inside IPv6 (mapped,
/// NAT64) is judged as IPv4 (RFC 6890 and the IANA special-purpose registries).
Reach reach_of(const sockaddr& address);

}  // namespace cardea::http
