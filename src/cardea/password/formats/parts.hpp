// What the texts of several formats are made of: numbers, the dialects of base64, and the end of
// every check.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cardea/base/bytes.hpp"
#include "cardea/crypto/derive.hpp"
#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

/// More iterations of PBKDF2 than OpenSSL can count.
inline constexpr std::uint64_t highest_iterations = 0x7fffffff;

/// A decimal number as programs write it: digits, no sign, no leading zero, at most 18 of them.
std::optional<std::uint64_t> to_number(std::string_view text);
/// The number after `name=`, such as `m=65536`.
std::optional<std::uint64_t> to_named_number(std::string_view text, std::string_view name);
bool is_between(std::optional<std::uint64_t> number, std::uint64_t low, std::uint64_t high);

/// `count` times so many microseconds, and a year for whatever takes longer: parameters can ask for
/// more than a count of microseconds holds.
std::chrono::microseconds time_of(double count, double microseconds_each);

/// base64 without padding, as PHC strings have it.
std::optional<Bytes> from_bare_base64(std::string_view text);
std::string to_bare_base64(ByteView bytes);
/// passlib's: without padding, and `.` where base64 has `+`.
std::optional<Bytes> from_adapted_base64(std::string_view text);

/// The alphabet of crypt(3).
inline constexpr std::string_view crypt_alphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
bool is_of_crypt_alphabet(std::string_view text);

/// The end of a check: what was made against what was stored, in constant time.
Result<Verdict> compare(const Result<Bytes>& made, ByteView stored);

/// A reading for whatever has bcrypt inside. Fails as parse_bcrypt() does.
Result<Reading> read_wrapped(std::string_view bcrypt, SecretText (*prepare)(const SecretText&));
/// What most systems give bcrypt in the password's place.
SecretText as_it_is(const SecretText& password);

/// A reading that compares PBKDF2's output with `stored`.
Reading read_pbkdf2(crypto::DigestKind prf, std::uint32_t iterations, Bytes salt, Bytes stored);
/// The same with scrypt's.
Reading read_scrypt(const crypto::Scrypt& parameters, Bytes salt, Bytes stored);
/// Whether scrypt is defined for it (RFC 7914 section 6) and what it needs fits 64 bits.
bool is_scrypt(const crypto::Scrypt& parameters);
Demand demand_of(const crypto::Scrypt& parameters);

}  // namespace cardea::password::formats
