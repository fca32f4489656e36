// Identifiers and bearer tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/random.hpp"

namespace cardea::crypto {

/// A UUIDv7 (RFC 9562) as 36 characters: sorts by time, 74 random bits. Stored without a prefix.
std::string uuid7(Instant now, Random& random);
/// A UUIDv4 as 36 characters.
std::string uuid4(Random& random);
/// True for the 36-character lower-case form of any UUID.
bool is_uuid(std::string_view text);

/// The API shows `acc_` + the UUID's 32 hex digits; tables hold the 36-character UUID. The prefix
/// is given without the underscore, here and below: `acc`.
std::string to_public_id(std::string_view prefix, std::string_view uuid);
/// The UUID of a public id with that prefix; empty when it is not one.
std::optional<std::string> from_public_id(std::string_view prefix, std::string_view id);

/// For the prefix `cas`: `cas_` + 256 random bits in base62 (43 characters) + a checksum
/// (6 characters, CRC-32 of what stands before it), so that secret scanners recognise it. See
/// docs/formats/token.md.
SecretText make_token(std::string_view prefix, Random& random);
/// Whether the text has the form and checksum of a token with that prefix. Cheap; needs no
/// database.
bool is_token(std::string_view prefix, std::string_view text);

}  // namespace cardea::crypto
