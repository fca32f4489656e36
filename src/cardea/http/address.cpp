#include "cardea/http/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace cardea::http {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) {
    IpAddress address;
    std::ranges::copy(bytes, address.bytes_.begin());
    return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> bytes) {
    if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin())) {
        return v4({bytes[12], bytes[13], bytes[14], bytes[15]});
    }
    IpAddress address;
    address.v4_ = false;
    address.bytes_ = bytes;
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
        if (text.find(':') == text.npos) return std::nullopt;
    }
    if (text.size() > INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
    std::string copy(text);
    std::array<std::uint8_t, 4> four{};
    if (inet_pton(AF_INET, copy.c_str(), four.data()) == 1) return v4(four);
    std::array<std::uint8_t, 16> sixteen{};
    if (inet_pton(AF_INET6, copy.c_str(), sixteen.data()) == 1) return v6(sixteen);
    return std::nullopt;
}

bool IpAddress::is_loopback() const {
    if (v4_) return bytes_[0] == 127;
    return bytes_ == std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
}

std::string IpAddress::text() const {
    char buffer[INET6_ADDRSTRLEN];
    inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), buffer, sizeof buffer);
    return buffer;
}

IpAddress IpAddress::masked(int bits) const {
    IpAddress result = *this;
    for (int i = 0; i < 16; ++i) {
        int kept = std::clamp(bits - i * 8, 0, 8);
        result.bytes_[static_cast<std::size_t>(i)] &=
            static_cast<std::uint8_t>(0xFF00u >> kept & 0xFFu);
    }
    return result;
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
    auto slash = text.find('/');
    auto base = IpAddress::parse(text.substr(0, slash));
    if (!base) return fail(network_malformed);
    if (slash == text.npos) return IpNetwork(*base, base->bit_count());
    auto digits = text.substr(slash + 1);
    int bits = -1;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!whole || bits < 0 || bits > base->bit_count()) return fail(network_malformed);
    return IpNetwork(base->masked(bits), bits);
}

bool IpNetwork::contains(const IpAddress& address) const {
    return address.is_v4() == base_.is_v4() && address.masked(bits_) == base_;
}

}  // namespace cardea::http
