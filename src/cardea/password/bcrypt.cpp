#include "cardea/password/bcrypt.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>

namespace cardea::password {
namespace {

// bcrypt's own base64: its alphabet and bit order are those of no other.
constexpr std::string_view alphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t salt_at = 7;
constexpr std::size_t digest_at = 29;
constexpr std::size_t text_size = 60;

// False for foreign characters and for bits beyond the last byte.
bool decode(std::string_view text, std::span<std::byte> out) {
    std::uint32_t bits = 0;
    int held = 0;
    std::size_t at = 0;
    for (char c : text) {
        auto value = alphabet.find(c);
        if (value == std::string_view::npos) return false;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8 && at < out.size()) {
            held -= 8;
            out[at++] = static_cast<std::byte>(bits >> held);
            bits &= (1U << held) - 1U;
        }
    }
    return at == out.size() && bits == 0;
}

void encode(std::span<const std::byte> bytes, std::string& out) {
    std::uint32_t bits = 0;
    int held = 0;
    for (auto byte : bytes) {
        bits = (bits << 8U) | std::to_integer<std::uint32_t>(byte);
        held += 8;
        while (held >= 6) {
            held -= 6;
            out += alphabet[(bits >> held) & 63U];
        }
    }
    if (held > 0) out += alphabet[(bits << (6 - held)) & 63U];
}

std::optional<Variant> variant_of(char letter) {
    switch (letter) {
        case 'a':
            return Variant::a;
        case 'b':
            return Variant::b;
        case 'y':
            return Variant::y;
        default:
            return {};
    }
}

char letter_of(Variant variant) {
    switch (variant) {
        case Variant::a:
            return 'a';
        case Variant::b:
            return 'b';
        case Variant::y:
            return 'y';
    }
    return 'b';
}

std::optional<int> cost_of(std::string_view two) {
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!is_digit(two[0]) || !is_digit(two[1])) return {};
    int cost = (two[0] - '0') * 10 + (two[1] - '0');
    if (cost < lowest_cost || cost > highest_cost) return {};
    return cost;
}

}  // namespace

Result<BcryptHash> parse_bcrypt(std::string_view text) {
    if (text.size() != text_size) return fail(malformed_hash, "not 60 characters");
    if (text.starts_with("$2x$")) {
        return fail(unsupported_hash, "$2x$, from crypt_blowfish before 1.1: reset the password");
    }
    if (!text.starts_with("$2") || text[3] != '$' || text[6] != '$') {
        return fail(malformed_hash, "not of the form $2b$10$…");
    }
    auto variant = variant_of(text[2]);
    if (!variant) return fail(malformed_hash, "an unknown letter after $2");
    auto cost = cost_of(text.substr(4, 2));
    if (!cost) return fail(malformed_hash, "the cost is not between 04 and 31");
    BcryptHash hash{*variant, *cost, {}, {}};
    if (!decode(text.substr(salt_at, digest_at - salt_at), hash.salt)) {
        return fail(malformed_hash, "the salt is damaged");
    }
    if (!decode(text.substr(digest_at), hash.digest)) {
        return fail(malformed_hash, "the digest is damaged");
    }
    return hash;
}

std::string to_string(const BcryptHash& hash) {
    auto text = fmt::format("$2{}${:02}$", letter_of(hash.variant), hash.cost);
    encode(hash.salt, text);
    encode(hash.digest, text);
    return text;
}

}  // namespace cardea::password
