// Firebase's scrypt. Firebase exports a hash and a salt per person, and keeps the rest of what a
// check needs per project; the text form here holds all of it:
// `$firebase-scrypt$ln=14,r=8$separator$signer key$salt$hash`, base64 without padding.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

/// What the Firebase console shows under "Password hash parameters".
struct FirebaseProject {
    SecretBytes signer_key;
    Bytes salt_separator;
    std::uint32_t rounds = 8;
    std::uint32_t mem_cost = 14;
};

/// Reads the console's text: `hash_config { algorithm: SCRYPT, base64_signer_key: …, … }`. Fails
/// with `malformed_hash`, and the detail says what is missing.
Result<FirebaseProject> parse_firebase_project(std::string_view text);
/// The stored text of a person of that project, from the exported `passwordHash` and `salt`
/// (base64 or base64url). Fails with `malformed_hash`.
Result<std::string> firebase_text(const FirebaseProject& project, std::string_view hash,
                                  std::string_view salt);

Result<Reading> read_firebase(std::string_view text);

}  // namespace cardea::password::formats
