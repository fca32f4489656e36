#include "cardea/password/formats/parts.hpp"

#include <algorithm>
#include <bit>

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"

namespace cardea::password::formats {

std::optional<std::uint64_t> to_number(std::string_view text) {
    if (text.empty() || text.size() > 18 || (text.size() > 1 && text[0] == '0')) return {};
    std::uint64_t number = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return {};
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

std::optional<std::uint64_t> to_named_number(std::string_view text, std::string_view name) {
    if (!text.starts_with(name) || !text.substr(name.size()).starts_with('=')) return {};
    return to_number(text.substr(name.size() + 1));
}

bool is_between(std::optional<std::uint64_t> number, std::uint64_t low, std::uint64_t high) {
    return number && *number >= low && *number <= high;
}

std::chrono::microseconds time_of(double count, double microseconds_each) {
    constexpr std::chrono::microseconds year = 365 * 24h;
    auto time = count * microseconds_each;
    if (time >= static_cast<double>(year.count())) return year;
    return std::chrono::microseconds(static_cast<std::int64_t>(time));
}

std::optional<Bytes> from_bare_base64(std::string_view text) {
    if (text.find('=') != text.npos) return {};
    std::string padded(text);
    padded.append((4 - padded.size() % 4) % 4, '=');
    return from_base64(padded);
}

std::string to_bare_base64(ByteView bytes) {
    auto text = to_base64(bytes);
    text.resize(std::min(text.size(), text.find('=')));
    return text;
}

std::optional<Bytes> from_adapted_base64(std::string_view text) {
    if (text.find('+') != text.npos) return {};
    std::string standard(text);
    std::ranges::replace(standard, '.', '+');
    return from_bare_base64(standard);
}

bool is_of_crypt_alphabet(std::string_view text) {
    return text.find_first_not_of(crypt_alphabet) == text.npos;
}

Result<Verdict> compare(const Result<Bytes>& made, ByteView stored) {
    if (!made) return std::unexpected(made.error());
    bool equal = made->size() == stored.size() && constant_time_equal(*made, stored);
    return equal ? Verdict::right : Verdict::wrong;
}

SecretText as_it_is(const SecretText& password) {
    return password;
}

Result<Reading> read_wrapped(std::string_view bcrypt, SecretText (*prepare)(const SecretText&)) {
    auto inside = parse_bcrypt(bcrypt);
    if (!inside) return std::unexpected(inside.error());
    Reading reading;
    reading.wrapped = Wrapped{std::string(bcrypt), inside->cost, prepare};
    return reading;
}

Reading read_pbkdf2(crypto::DigestKind prf, std::uint32_t iterations, Bytes salt, Bytes stored) {
    // Blocks of output are computed one after the other, each with all iterations.
    auto blocks = (stored.size() + size_of(prf) - 1) / size_of(prf);
    Reading reading;
    reading.demand.time = time_of(iterations * static_cast<double>(blocks), 1);
    reading.check = [prf, iterations, salt = std::move(salt),
                     stored = std::move(stored)](const SecretText& password) {
        crypto::Pbkdf2 parameters{prf, iterations, stored.size()};
        return compare(crypto::pbkdf2(password.reveal(), salt, parameters), stored);
    };
    return reading;
}

bool is_scrypt(const crypto::Scrypt& s) {
    constexpr std::uint64_t highest_n = std::uint64_t{1} << 40U;
    constexpr std::uint64_t highest_rp = (std::uint64_t{1} << 30U) - 1;
    if (s.n < 2 || s.n > highest_n || !std::has_single_bit(s.n)) return false;
    if (s.r < 1 || s.p < 1 || std::uint64_t{s.r} * s.p > highest_rp) return false;
    // N < 2^(128 r / 8); and no product below may overflow.
    return (s.r > 3 || s.n < std::uint64_t{1} << (16 * s.r)) && s.r <= 1024 && s.p <= 1024;
}

Demand demand_of(const crypto::Scrypt& s) {
    constexpr double per_kib = 4;
    auto kib = static_cast<double>(s.n) * s.r * s.p / 8;
    return {s.memory(), time_of(kib, per_kib)};
}

Reading read_scrypt(const crypto::Scrypt& parameters, Bytes salt, Bytes stored) {
    Reading reading;
    reading.demand = demand_of(parameters);
    reading.check = [parameters, salt = std::move(salt),
                     stored = std::move(stored)](const SecretText& password) {
        return compare(crypto::scrypt(password.reveal(), salt, parameters), stored);
    };
    return reading;
}

}  // namespace cardea::password::formats
