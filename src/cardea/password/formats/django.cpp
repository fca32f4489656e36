#include "cardea/password/formats/django.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/password/formats/argon2.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

constexpr std::string_view bcrypt_prefix = "bcrypt$";
constexpr std::string_view bcrypt_sha256_prefix = "bcrypt_sha256$";

// Django feeds bcrypt the digest in hex, so that no password is too long for it.
SecretText sha256_in_hex(const SecretText& password) {
    auto sum = crypto::sha256(password.reveal());
    SecretText hex(to_hex(sum));
    wipe(sum.data(), sum.size());
    return hex;
}

}  // namespace

Result<Reading> read_django_pbkdf2(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 4 || (parts[0] != "pbkdf2_sha256" && parts[0] != "pbkdf2_sha1")) {
        return fail(malformed_hash, "not of the form pbkdf2_sha256$iterations$salt$key");
    }
    auto prf = parts[0].ends_with("sha1") ? crypto::DigestKind::sha1 : crypto::DigestKind::sha256;
    auto iterations = to_number(parts[1]);
    if (!is_between(iterations, 1, highest_iterations)) {
        return fail(malformed_hash, "PBKDF2's iterations");
    }
    if (parts[2].empty()) return fail(malformed_hash, "PBKDF2's salt");
    auto key = from_base64(parts[3]);
    if (!key || key->size() != size_of(prf)) return fail(malformed_hash, "PBKDF2's key");
    return read_pbkdf2(prf, static_cast<std::uint32_t>(*iterations), to_bytes(parts[2]),
                       std::move(*key));
}

Result<Reading> read_django_scrypt(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 6 || parts[0] != "scrypt" || parts[2].empty()) {
        return fail(malformed_hash, "not of the form scrypt$n$salt$r$p$key");
    }
    auto n = to_number(parts[1]);
    auto r = to_number(parts[3]);
    auto p = to_number(parts[4]);
    bool small = is_between(r, 1, 1024) && is_between(p, 1, 1024);
    if (!n || !small) return fail(malformed_hash, "scrypt's n, r and p");
    crypto::Scrypt parameters{*n, static_cast<std::uint32_t>(*r), static_cast<std::uint32_t>(*p),
                              64};
    if (!is_scrypt(parameters)) return fail(malformed_hash, "scrypt's n, r and p");
    auto key = from_base64(parts[5]);
    if (!key || key->size() != 64) return fail(malformed_hash, "scrypt's key");
    return read_scrypt(parameters, to_bytes(parts[2]), std::move(*key));
}

Result<Reading> read_django_argon2(std::string_view text) {
    constexpr std::string_view prefix = "argon2";
    return read_argon2(text.substr(std::min(text.size(), prefix.size())));
}

Result<Reading> read_django_bcrypt(std::string_view text) {
    if (text.starts_with(bcrypt_prefix))
        return read_wrapped(text.substr(bcrypt_prefix.size()), as_it_is);
    if (text.starts_with(bcrypt_sha256_prefix)) {
        return read_wrapped(text.substr(bcrypt_sha256_prefix.size()), sha256_in_hex);
    }
    return fail(malformed_hash, "not of the form bcrypt_sha256$$2b$…");
}

}  // namespace cardea::password::formats
