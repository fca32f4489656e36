#include "cardea/http/client/reach.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace cardea::http {
namespace {

using Octets = std::span<const std::uint8_t>;

struct Network {
    std::array<std::uint8_t, 16> prefix;
    unsigned bits;
};

bool holds(const Network& network, Octets address) {
    auto whole = network.bits / 8;
    auto rest = network.bits % 8;
    auto prefix = Octets(network.prefix);
    if (!std::ranges::equal(prefix.first(whole), address.first(whole))) return false;
    return rest == 0 || ((prefix[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

constexpr Network loopback4{{127}, 8};
constexpr Network internal4[] = {
    {{0}, 8},         {{10}, 8},         {{100, 64}, 10},      {{169, 254}, 16},
    {{172, 16}, 12},  {{192, 0, 0}, 24}, {{192, 0, 2}, 24},    {{192, 88, 99}, 24},
    {{192, 168}, 16}, {{198, 18}, 15},   {{198, 51, 100}, 24}, {{203, 0, 113}, 24},
    {{224}, 4},       {{240}, 4},
};

constexpr Network mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96};
constexpr Network nat64{{0x00, 0x64, 0xFF, 0x9B}, 96};
constexpr Network loopback6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128};
constexpr Network unicast6{{0x20}, 3};
// Parts of 2000::/3 that lead elsewhere: protocol assignments and Teredo, documentation, 6to4.
constexpr Network internal6[] = {
    {{0x20, 0x01}, 23},
    {{0x20, 0x01, 0x0D, 0xB8}, 32},
    {{0x20, 0x02}, 16},
    {{0x3F, 0xFF}, 20},
};

Reach reach_of_ipv4(Octets address) {
    auto contains = [address](const Network& network) { return holds(network, address); };
    if (holds(loopback4, address)) return Reach::loopback;
    return std::ranges::any_of(internal4, contains) ? Reach::internal : Reach::global;
}

Reach reach_of_ipv6(Octets address) {
    auto contains = [address](const Network& network) { return holds(network, address); };
    if (holds(mapped, address) || holds(nat64, address)) return reach_of_ipv4(address.last(4));
    if (holds(loopback6, address)) return Reach::loopback;
    if (!holds(unicast6, address)) return Reach::internal;
    return std::ranges::any_of(internal6, contains) ? Reach::internal : Reach::global;
}

}  // namespace

Reach reach_of(const sockaddr& address) {
    std::array<std::uint8_t, 16> octets{};
    if (address.sa_family == AF_INET) {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
        std::memcpy(octets.data(), &ipv4.sin_addr, 4);
        return reach_of_ipv4(Octets(octets).first(4));
    }
    if (address.sa_family == AF_INET6) {
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
        std::memcpy(octets.data(), &ipv6.sin6_addr, 16);
        return reach_of_ipv6(octets);
    }
    return Reach::internal;
}

}  // namespace cardea::http
