#include "cardea/password/formats/ldap.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/password/formats/argon2.hpp"
#include "cardea/password/formats/crypt.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

struct Scheme {
    std::string_view name;
    crypto::DigestKind kind;
    bool salted;
};
constexpr Scheme schemes[] = {
    {"MD5", crypto::DigestKind::md5, false},       {"SMD5", crypto::DigestKind::md5, true},
    {"SHA", crypto::DigestKind::sha1, false},      {"SSHA", crypto::DigestKind::sha1, true},
    {"SHA256", crypto::DigestKind::sha256, false}, {"SSHA256", crypto::DigestKind::sha256, true},
    {"SHA384", crypto::DigestKind::sha384, false}, {"SSHA384", crypto::DigestKind::sha384, true},
    {"SHA512", crypto::DigestKind::sha512, false}, {"SSHA512", crypto::DigestKind::sha512, true},
};

/// The name in braces, and what stands behind them.
struct Split {
    std::string_view name;
    std::string_view rest;
};
std::optional<Split> split_scheme(std::string_view text) {
    auto end = text.find('}');
    if (!text.starts_with('{') || end == text.npos) return {};
    return Split{text.substr(1, end - 1), text.substr(end + 1)};
}

// RFC 2307: scheme names are case-insensitive.
const Scheme* find_scheme(std::string_view name) {
    for (const auto& scheme : schemes) {
        if (equal_ignoring_case(scheme.name, name)) return &scheme;
    }
    return nullptr;
}

Result<Bytes> compute(const SecretText& password, crypto::DigestKind kind, ByteView salt) {
    auto joined = to_bytes(password.reveal());
    joined.insert(joined.end(), salt.begin(), salt.end());
    auto sum = crypto::digest(kind, joined);
    wipe(joined);
    return sum;
}

}  // namespace

Result<Reading> read_ldap_digest(std::string_view text) {
    auto parts = split_scheme(text);
    const auto* scheme = parts ? find_scheme(parts->name) : nullptr;
    if (scheme == nullptr) return fail(malformed_hash, "not of the form {SSHA}base64");
    auto bytes = from_base64(parts->rest);
    auto size = size_of(scheme->kind);
    bool fits = bytes && (scheme->salted ? is_between(bytes->size(), size + 1, size + 64)
                                         : bytes->size() == size);
    if (!fits) return fail(malformed_hash, "the digest and its salt");
    Bytes salt(bytes->begin() + static_cast<std::ptrdiff_t>(size), bytes->end());
    bytes->resize(size);
    Reading reading;
    reading.demand.time = time_of(1, 10);
    reading.check = [kind = scheme->kind, salt = std::move(salt),
                     stored = std::move(*bytes)](const SecretText& password) {
        return compare(compute(password, kind, salt), stored);
    };
    return reading;
}

Result<Reading> read_ldap_wrapped(std::string_view text) {
    auto parts = split_scheme(text);
    if (!parts) return fail(malformed_hash, "not of the form {CRYPT}…");
    if (equal_ignoring_case(parts->name, "ARGON2")) return read_argon2(parts->rest);
    if (!equal_ignoring_case(parts->name, "CRYPT")) return fail(malformed_hash, "the scheme");
    if (parts->rest.starts_with("$2")) return read_wrapped(parts->rest, as_it_is);
    return read_crypt(parts->rest);
}

}  // namespace cardea::password::formats
