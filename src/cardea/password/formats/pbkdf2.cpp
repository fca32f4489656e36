#include "cardea/password/formats/pbkdf2.hpp"

#include "cardea/base/text.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

std::optional<crypto::DigestKind> prf_of(std::string_view name) {
    if (name == "pbkdf2") return crypto::DigestKind::sha1;
    if (name == "pbkdf2-sha256") return crypto::DigestKind::sha256;
    if (name == "pbkdf2-sha512") return crypto::DigestKind::sha512;
    return {};
}

}  // namespace

Result<Reading> read_pbkdf2_text(std::string_view text) {
    auto parts = split(text, '$');
    auto prf = parts.size() == 5 && parts[0].empty() ? prf_of(parts[1]) : std::nullopt;
    if (!prf) return fail(malformed_hash, "not of the form $pbkdf2-sha256$iterations$salt$key");
    auto iterations = to_number(parts[2]);
    if (!is_between(iterations, 1, highest_iterations)) {
        return fail(malformed_hash, "PBKDF2's iterations");
    }
    auto salt = from_adapted_base64(parts[3]);
    if (!salt || salt->size() > 1024) return fail(malformed_hash, "PBKDF2's salt");
    auto key = from_adapted_base64(parts[4]);
    if (!key || key->size() != size_of(*prf)) return fail(malformed_hash, "PBKDF2's key");
    return read_pbkdf2(*prf, static_cast<std::uint32_t>(*iterations), std::move(*salt),
                       std::move(*key));
}

}  // namespace cardea::password::formats
