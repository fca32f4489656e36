#include "cardea/base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace cardea {

namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base62_alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> reverse(std::string_view alphabet) {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}
constexpr auto base64_digits = reverse(base64_alphabet);
constexpr auto base64url_digits = reverse(base64url_alphabet);

std::string encode64(ByteView bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (std::byte byte : bytes) {
        buffer = buffer << 8 | std::to_integer<std::uint32_t>(byte);
        for (bits += 8; bits >= 6;) text += alphabet[buffer >> (bits -= 6) & 63];
    }
    if (bits > 0) text += alphabet[buffer << (6 - bits) & 63];
    return text;
}

std::optional<Bytes> decode64(std::string_view text, const std::array<std::uint8_t, 256>& digits) {
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (char c : text) {
        auto digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        buffer = buffer << 6 | digit;
        if ((bits += 6) >= 8) bytes.push_back(static_cast<std::byte>(buffer >> (bits -= 8) & 255));
    }
    bool stray_bits = (buffer & ((1u << bits) - 1)) != 0;
    if (bits >= 6 || stray_bits) return std::nullopt;
    return bytes;
}

}  // namespace

std::string to_base64url(ByteView bytes) {
    return encode64(bytes, base64url_alphabet);
}

std::optional<Bytes> from_base64url(std::string_view text) {
    return decode64(text, base64url_digits);
}

std::string to_base64(ByteView bytes) {
    auto text = encode64(bytes, base64_alphabet);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode64(text, base64_digits);
}

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::byte byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
    auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int high = digit(text[i]);
        int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return bytes;
}

// Long division, five digits at a time: no higher power of 62 is below 2^32.
std::string to_base62(ByteView bytes, std::size_t width) {
    constexpr std::size_t digits_a_step = 5;
    constexpr std::uint64_t step = 62ull * 62 * 62 * 62 * 62;
    std::vector<std::uint32_t> number((bytes.size() + 3) / 4);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto place = bytes.size() - 1 - i;  // from the least significant
        number[number.size() - 1 - i / 4] |= std::to_integer<std::uint32_t>(bytes[place])
                                             << 8 * (i % 4);
    }
    std::string text(width, '0');
    for (std::size_t end = width; end > 0;) {
        std::uint64_t remainder = 0;
        for (auto& limb : number) {
            auto dividend = remainder << 32 | limb;
            limb = static_cast<std::uint32_t>(dividend / step);
            remainder = dividend % step;
        }
        for (std::size_t i = 0; i < digits_a_step && end > 0; ++i, remainder /= 62) {
            text[--end] = base62_alphabet[remainder % 62];
        }
    }
    return text;
}

}  // namespace cardea
