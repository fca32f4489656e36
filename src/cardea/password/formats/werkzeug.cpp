#include "cardea/password/formats/werkzeug.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

std::optional<crypto::DigestKind> prf_of(std::string_view name) {
    if (name == "sha1") return crypto::DigestKind::sha1;
    if (name == "sha256") return crypto::DigestKind::sha256;
    if (name == "sha512") return crypto::DigestKind::sha512;
    return {};
}

using Parts = std::vector<std::string_view>;

// A method without iterations meant another number in each release of Werkzeug: nobody can tell.
Result<Reading> read_pbkdf2_method(const Parts& method, Bytes salt, Bytes key) {
    auto prf = prf_of(method[1]);
    if (!prf) return fail(malformed_hash, "Werkzeug's digest");
    if (method.size() == 2) return fail(unsupported_hash, "PBKDF2 without its iterations");
    auto iterations = to_number(method[2]);
    if (method.size() != 3 || !is_between(iterations, 1, highest_iterations)) {
        return fail(malformed_hash, "PBKDF2's iterations");
    }
    if (key.size() != size_of(*prf)) return fail(malformed_hash, "PBKDF2's key");
    return read_pbkdf2(*prf, static_cast<std::uint32_t>(*iterations), std::move(salt),
                       std::move(key));
}

Result<Reading> read_scrypt_method(const Parts& method, Bytes salt, Bytes key) {
    if (method.size() != 4) return fail(malformed_hash, "not of the form scrypt:n:r:p");
    auto n = to_number(method[1]);
    auto r = to_number(method[2]);
    auto p = to_number(method[3]);
    bool small = is_between(r, 1, 1024) && is_between(p, 1, 1024);
    if (!n || !small) return fail(malformed_hash, "scrypt's n, r and p");
    crypto::Scrypt parameters{*n, static_cast<std::uint32_t>(*r), static_cast<std::uint32_t>(*p),
                              64};
    if (!is_scrypt(parameters)) return fail(malformed_hash, "scrypt's n, r and p");
    if (key.size() != parameters.size) return fail(malformed_hash, "scrypt's key");
    return read_scrypt(parameters, std::move(salt), std::move(key));
}

}  // namespace

Result<Reading> read_werkzeug(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 3 || parts[1].empty()) {
        return fail(malformed_hash, "not of the form method$salt$hex");
    }
    auto key = from_hex(parts[2]);
    if (!key || key->empty()) return fail(malformed_hash, "Werkzeug's key");
    auto method = split(parts[0], ':');
    if (method[0] == "pbkdf2" && method.size() > 1) {
        return read_pbkdf2_method(method, to_bytes(parts[1]), std::move(*key));
    }
    if (method[0] == "scrypt") {
        return read_scrypt_method(method, to_bytes(parts[1]), std::move(*key));
    }
    return fail(malformed_hash, "not of the form pbkdf2:sha256:iterations$salt$hex");
}

}  // namespace cardea::password::formats
