// UUIDs, public ids and checksummed tokens.
#include "cardea/crypto/id.hpp"

#include <algorithm>
#include <array>

#include "cardea/base/encoding.hpp"

namespace cardea::crypto {
namespace {

using Uuid = std::array<std::byte, 16>;

constexpr std::size_t random_width = 43;   // 256 bits in base62
constexpr std::size_t checksum_width = 6;  // 32 bits in base62
constexpr std::array<std::size_t, 4> dashes{8, 13, 18, 23};

std::string to_text(Uuid uuid, unsigned version) {
    uuid[6] = (uuid[6] & std::byte{0x0f}) | std::byte(version << 4);
    uuid[8] = (uuid[8] & std::byte{0x3f}) | std::byte{0x80};
    auto digits = to_hex(uuid);
    std::string text;
    text.reserve(digits.size() + dashes.size());
    for (char digit : digits) {
        if (std::ranges::find(dashes, text.size()) != dashes.end()) text += '-';
        text += digit;
    }
    return text;
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool is_base62(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The reflected polynomial of CRC-32 (ISO-HDLC), as in zip and PNG.
constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t row = i;
        for (int bit = 0; bit < 8; ++bit) row = (row >> 1) ^ ((row & 1) ? 0xedb88320u : 0u);
        table[i] = row;
    }
    return table;
}();

std::string checksum(std::string_view text) {
    std::uint32_t crc = 0xffffffffu;
    for (unsigned char c : text) crc = (crc >> 8) ^ crc_table[(crc ^ c) & 0xff];
    crc = ~crc;
    const std::array big_endian{std::byte(crc >> 24), std::byte(crc >> 16), std::byte(crc >> 8),
                                std::byte(crc)};
    return to_base62(big_endian, checksum_width);
}

}  // namespace

std::string uuid7(Instant now, Random& random) {
    Uuid uuid;
    random.fill(uuid);
    const auto ms = static_cast<std::uint64_t>(to_unix_ms(now));
    for (std::size_t i = 0; i < 6; ++i) uuid[i] = std::byte(ms >> (40 - 8 * i));
    return to_text(uuid, 7);
}

std::string uuid4(Random& random) {
    Uuid uuid;
    random.fill(uuid);
    return to_text(uuid, 4);
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = std::ranges::find(dashes, i) != dashes.end();
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

std::string to_public_id(std::string_view prefix, std::string_view uuid) {
    std::string id(prefix);
    id += '_';
    std::ranges::copy_if(uuid, std::back_inserter(id), [](char c) { return c != '-'; });
    return id;
}

std::optional<std::string> from_public_id(std::string_view prefix, std::string_view id) {
    if (id.size() != prefix.size() + 33 || !id.starts_with(prefix)) return std::nullopt;
    if (id[prefix.size()] != '_') return std::nullopt;
    std::string uuid(id.substr(prefix.size() + 1));
    for (auto position : dashes) uuid.insert(position, 1, '-');
    if (!is_uuid(uuid)) return std::nullopt;
    return uuid;
}

SecretText make_token(std::string_view prefix, Random& random) {
    const SecretBytes bits(random.bytes(32));
    std::string token;
    token.reserve(prefix.size() + 1 + random_width + checksum_width);
    token.append(prefix).append("_");
    const SecretText body(to_base62(bits.reveal(), random_width));
    token += body.reveal();
    token += checksum(token);
    return SecretText(std::move(token));
}

bool is_token(std::string_view prefix, std::string_view text) {
    if (text.size() != prefix.size() + 1 + random_width + checksum_width) return false;
    if (!text.starts_with(prefix) || text[prefix.size()] != '_') return false;
    auto checked = text.substr(0, text.size() - checksum_width);
    if (!std::ranges::all_of(checked.substr(prefix.size() + 1), is_base62)) return false;
    return checksum(checked) == text.substr(checked.size());
}

}  // namespace cardea::crypto
