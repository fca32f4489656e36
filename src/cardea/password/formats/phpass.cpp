#include "cardea/password/formats/phpass.hpp"

#include "cardea/base/equal.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

constexpr std::size_t text_size = 34;  // $P$, the count, 8 of salt, 22 of digest

// The order of crypt(3): little-endian groups of three bytes.
std::string encode(ByteView bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        auto count = std::min<std::size_t>(3, bytes.size() - at);
        for (std::size_t i = 0; i < count; ++i) {
            group |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
        }
        for (std::size_t i = 0; i <= count; ++i) text += crypt_alphabet[(group >> (6 * i)) & 63U];
    }
    return text;
}

Result<Bytes> digest_of(ByteView head, std::string_view password) {
    Bytes joined(head.begin(), head.end());
    auto tail = as_bytes(password);
    joined.insert(joined.end(), tail.begin(), tail.end());
    auto sum = crypto::digest(crypto::DigestKind::md5, joined);
    wipe(joined);
    return sum;
}

Result<Bytes> compute(const SecretText& password, std::string_view salt, std::uint64_t count) {
    auto sum = digest_of(as_bytes(salt), password.reveal());
    for (std::uint64_t i = 0; sum && i < count; ++i) sum = digest_of(*sum, password.reveal());
    if (!sum) return sum;
    return to_bytes(encode(*sum));
}

}  // namespace

Result<Reading> read_phpass(std::string_view text) {
    bool begins = text.starts_with("$P$") || text.starts_with("$H$");
    if (!begins || text.size() != text_size || !is_of_crypt_alphabet(text.substr(3))) {
        return fail(malformed_hash, "not of the form $P$ and 31 characters");
    }
    auto log2_count = crypt_alphabet.find(text[3]);
    if (!is_between(log2_count, 7, 30)) return fail(malformed_hash, "phpass's count");
    auto count = std::uint64_t{1} << log2_count;
    Reading reading;
    reading.demand.time = time_of(static_cast<double>(count), 1);
    reading.check = [salt = std::string(text.substr(4, 8)), count,
                     stored = to_bytes(text.substr(12))](const SecretText& password) {
        return compare(compute(password, salt, count), stored);
    };
    return reading;
}

}  // namespace cardea::password::formats
