// IP addresses and networks, for client addresses, trusted proxies and throttling.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::http {

inline constexpr Reason network_malformed{
    Code::invalid, "network.malformed",
    "This is not an IP address or a network such as 10.0.0.0/8 or 2001:db8::/32."};

/// An IPv4 or IPv6 address. IPv4 mapped into IPv6 (`::ffff:192.0.2.1`) reads as IPv4, so that one
/// client has one name.
class IpAddress {
  public:
    /// 0.0.0.0, "nobody".
    IpAddress() = default;
    /// Reads `192.0.2.1`, `2001:db8::1` and `[2001:db8::1]`; no port, no zone, no octal.
    static std::optional<IpAddress> parse(std::string_view text);
    static IpAddress v4(std::array<std::uint8_t, 4> bytes);
    static IpAddress v6(std::array<std::uint8_t, 16> bytes);

    bool is_v4() const { return v4_; }
    /// 127.0.0.0/8 or ::1.
    bool is_loopback() const;
    /// Canonical (RFC 5952).
    std::string text() const;
    /// The network of that many leading bits: `address.masked(64)` is what one IPv6 site shares.
    IpAddress masked(int bits) const;
    int bit_count() const { return v4_ ? 32 : 128; }

    auto operator<=>(const IpAddress&) const = default;

  private:
    bool v4_ = true;
    std::array<std::uint8_t, 16> bytes_{};  // IPv4 stands in the first four
};

/// `10.0.0.0/8`, `2001:db8::/32`, or a single address.
class IpNetwork {
  public:
    static constexpr schema::TextRule rule{.max_length = 64, .example = "10.0.0.0/8"};
    static Result<IpNetwork> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
    std::string text() const { return base_.text() + '/' + std::to_string(bits_); }

  private:
    IpNetwork(IpAddress base, int bits) : base_(base), bits_(bits) {}
    IpAddress base_;
    int bits_;
};

}  // namespace cardea::http
