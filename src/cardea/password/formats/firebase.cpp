#include "cardea/password/formats/firebase.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

struct FirebaseHash {
    crypto::Scrypt parameters;
    Bytes salt;  ///< With the project's separator behind it.
    SecretBytes signer_key;
    Bytes hash;
};

// The derived key encrypts the project's signer key; the ciphertext is the hash.
Result<Bytes> compute(const SecretText& password, const FirebaseHash& stored) {
    auto key = crypto::scrypt(password.reveal(), stored.salt, stored.parameters);
    if (!key) return std::unexpected(key.error());
    auto made = crypto::aes256_ctr(*key, stored.signer_key.reveal());
    wipe(*key);
    return made;
}

std::optional<crypto::Scrypt> read_parameters(std::string_view text) {
    auto parts = split(text, ',');
    if (parts.size() != 2) return {};
    auto ln = to_named_number(parts[0], "ln");
    auto r = to_named_number(parts[1], "r");
    if (!is_between(ln, 1, 40) || !is_between(r, 1, 1024)) return {};
    crypto::Scrypt parameters{std::uint64_t{1} << *ln, static_cast<std::uint32_t>(*r), 1, 32};
    if (!is_scrypt(parameters)) return {};
    return parameters;
}

// Firebase's tools write base64 with either alphabet, with padding and without.
std::optional<Bytes> from_any_base64(std::string_view text) {
    std::string standard(text.substr(0, text.find('=')));
    std::ranges::replace(standard, '-', '+');
    std::ranges::replace(standard, '_', '/');
    return from_bare_base64(standard);
}

/// The value after `name:` in the console's text, without quotes.
std::string_view value_of(std::string_view text, std::string_view name) {
    auto at = text.find(name);
    if (at == text.npos) return {};
    text.remove_prefix(at + name.size());
    auto start = text.find_first_not_of(" \t\"':");
    if (start == text.npos) return {};
    text.remove_prefix(start);
    return text.substr(0, text.find_first_of(" \t\r\n\"',}"));
}

}  // namespace

Result<FirebaseProject> parse_firebase_project(std::string_view text) {
    auto key = from_any_base64(value_of(text, "base64_signer_key"));
    if (!key || key->empty() || key->size() > 128) return fail(malformed_hash, "base64_signer_key");
    auto separator = from_any_base64(value_of(text, "base64_salt_separator"));
    if (!separator || separator->empty() || separator->size() > 64) {
        return fail(malformed_hash, "base64_salt_separator");
    }
    auto rounds = to_number(value_of(text, "rounds"));
    if (!is_between(rounds, 1, 1024)) return fail(malformed_hash, "rounds");
    auto mem_cost = to_number(value_of(text, "mem_cost"));
    if (!is_between(mem_cost, 1, 40)) return fail(malformed_hash, "mem_cost");
    return FirebaseProject{SecretBytes(std::move(*key)), std::move(*separator),
                           static_cast<std::uint32_t>(*rounds),
                           static_cast<std::uint32_t>(*mem_cost)};
}

Result<std::string> firebase_text(const FirebaseProject& project, std::string_view hash,
                                  std::string_view salt) {
    auto hash_bytes = from_any_base64(hash);
    auto salt_bytes = from_any_base64(salt);
    if (!hash_bytes || !salt_bytes) return fail(malformed_hash, "Firebase's hash or salt");
    auto text = fmt::format("$firebase-scrypt$ln={},r={}${}${}${}${}", project.mem_cost,
                            project.rounds, to_bare_base64(project.salt_separator),
                            to_bare_base64(project.signer_key.reveal()),
                            to_bare_base64(*salt_bytes), to_bare_base64(*hash_bytes));
    auto reading = read_firebase(text);
    if (!reading) return std::unexpected(reading.error());
    return text;
}

Result<Reading> read_firebase(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 7 || !parts[0].empty() || parts[1] != "firebase-scrypt") {
        return fail(malformed_hash,
                    "not of the form $firebase-scrypt$ln=…,r=…$separator$signer key$salt$hash");
    }
    auto parameters = read_parameters(parts[2]);
    if (!parameters) return fail(malformed_hash, "scrypt's ln and r");
    auto separator = from_bare_base64(parts[3]);
    auto signer_key = from_bare_base64(parts[4]);
    auto salt = from_bare_base64(parts[5]);
    auto hash = from_bare_base64(parts[6]);
    if (!separator || separator->size() > 64) return fail(malformed_hash, "the salt separator");
    if (!signer_key || !is_between(signer_key->size(), 16, 128)) {
        return fail(malformed_hash, "the signer key");
    }
    if (!salt || !is_between(salt->size(), 1, 128)) return fail(malformed_hash, "the salt");
    if (!hash || hash->size() != signer_key->size()) return fail(malformed_hash, "the hash");
    salt->insert(salt->end(), separator->begin(), separator->end());

    Reading reading;
    reading.demand = demand_of(*parameters);
    FirebaseHash stored{*parameters, std::move(*salt), SecretBytes(std::move(*signer_key)),
                        std::move(*hash)};
    reading.check = [stored = std::move(stored)](const SecretText& password) {
        return compare(compute(password, stored), stored.hash);
    };
    return reading;
}

}  // namespace cardea::password::formats
