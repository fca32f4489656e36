// Signed texts of any content in compact form (RFC 7515 section 7.1). Private to jose.
#pragma once

#include "cardea/jose/jwt.hpp"

namespace cardea::jose {

/// A signed text taken apart and not verified.
struct Compact {
    Algorithm algorithm;
    std::string kid;
    schema::JsonObject header;
    Bytes payload;
    std::string signing_input;
    Bytes signature;
};

Result<Compact> parse_compact(std::string_view token);

/// Whether this key made the signature under an allowed algorithm: `bad_algorithm` or
/// `bad_signature` when not.
Result<void> check(Algorithm algorithm, std::string_view signing_input, ByteView signature,
                   const Key& key, const std::vector<Algorithm>& allowed);

}  // namespace cardea::jose
