// Argon2 in PHC strings: `$argon2id$v=19$m=65536,t=3,p=4$salt$tag` (RFC 9106).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cardea/base/bytes.hpp"
#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

enum class Argon2Kind { d, i, id };

struct Argon2Hash {
    Argon2Kind kind = Argon2Kind::id;
    std::uint32_t version = 0x13;
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 1;
    std::uint32_t lanes = 1;
    Bytes salt;
    Bytes tag;
};

/// Strict; `v=` may be missing, as it was before Argon2 1.3. Fails with `malformed_hash`.
Result<Argon2Hash> parse_argon2(std::string_view text);
std::string to_string(const Argon2Hash& hash);
Demand demand_of(const Argon2Hash& hash);
/// The tag of `like.tag.size()` bytes that the password gives with like's salt and parameters, on
/// the calling thread whatever `lanes` says. Fails with `busy` when there is no memory.
Result<Bytes> compute_argon2(const SecretText& password, const Argon2Hash& like);

Result<Reading> read_argon2(std::string_view text);

}  // namespace cardea::password::formats
