#include "cardea/password/formats/registry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/password/formats/argon2.hpp"
#include "cardea/password/formats/bcrypt.hpp"
#include "cardea/password/formats/crypt.hpp"
#include "cardea/password/formats/django.hpp"
#include "cardea/password/formats/firebase.hpp"
#include "cardea/password/formats/ldap.hpp"
#include "cardea/password/formats/parts.hpp"
#include "cardea/password/formats/pbkdf2.hpp"
#include "cardea/password/formats/phpass.hpp"
#include "cardea/password/formats/scrypt.hpp"
#include "cardea/password/formats/werkzeug.hpp"

namespace cardea::password::formats {
namespace {

constexpr Format registry[] = {
    {"bcrypt", "$2", read_bcrypt},
    {"bcrypt-sha256", "$bcrypt-sha256$", read_bcrypt_sha256},
    {"argon2id", "$argon2id$", read_argon2},
    {"argon2i", "$argon2i$", read_argon2},
    {"argon2d", "$argon2d$", read_argon2},
    {"scrypt", "$scrypt$", read_scrypt_text},
    {"pbkdf2-sha1", "$pbkdf2$", read_pbkdf2_text},
    {"pbkdf2-sha256", "$pbkdf2-sha256$", read_pbkdf2_text},
    {"pbkdf2-sha512", "$pbkdf2-sha512$", read_pbkdf2_text},
    {"md5-crypt", "$1$", read_crypt},
    {"sha256-crypt", "$5$", read_crypt},
    {"sha512-crypt", "$6$", read_crypt},
    {"yescrypt", "$y$", read_crypt},
    {"django-pbkdf2-sha256", "pbkdf2_sha256$", read_django_pbkdf2},
    {"django-pbkdf2-sha1", "pbkdf2_sha1$", read_django_pbkdf2},
    {"django-argon2", "argon2$", read_django_argon2},
    {"django-bcrypt-sha256", "bcrypt_sha256$", read_django_bcrypt},
    {"django-bcrypt", "bcrypt$", read_django_bcrypt},
    {"django-scrypt", "scrypt$", read_django_scrypt},
    {"werkzeug-pbkdf2", "pbkdf2:", read_werkzeug},
    {"werkzeug-scrypt", "scrypt:", read_werkzeug},
    {"firebase-scrypt", "$firebase-scrypt$", read_firebase},
    {"phpass", "$P$", read_phpass},
    {"phpass", "$H$", read_phpass},
    {"ldap-md5", "{MD5}", read_ldap_digest},
    {"ldap-smd5", "{SMD5}", read_ldap_digest},
    {"ldap-sha", "{SHA}", read_ldap_digest},
    {"ldap-ssha", "{SSHA}", read_ldap_digest},
    {"ldap-sha256", "{SHA256}", read_ldap_digest},
    {"ldap-ssha256", "{SSHA256}", read_ldap_digest},
    {"ldap-sha384", "{SHA384}", read_ldap_digest},
    {"ldap-ssha384", "{SSHA384}", read_ldap_digest},
    {"ldap-sha512", "{SHA512}", read_ldap_digest},
    {"ldap-ssha512", "{SSHA512}", read_ldap_digest},
    {"ldap-crypt", "{CRYPT}", read_ldap_wrapped},
    {"ldap-argon2", "{ARGON2}", read_ldap_wrapped},
};

// LDAP's scheme names are written either way; nobody else's prefix has braces.
bool begins_with(std::string_view text, std::string_view prefix) {
    if (!prefix.starts_with('{')) return text.starts_with(prefix);
    return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::span<const Format> all() {
    return registry;
}

const Format* find(std::string_view text) {
    for (const auto& format : registry) {
        if (begins_with(text, format.prefix)) return &format;
    }
    return nullptr;
}

Result<Reading> read(std::string_view text) {
    if (text.size() > longest_text) return fail(malformed_hash, "longer than any hash");
    if (!is_printable(text)) return fail(malformed_hash, "a blank or a byte that is not ASCII");
    const auto* format = find(text);
    if (format == nullptr) return fail(malformed_hash, "begins like no format known here");
    return format->read(text);
}

std::string_view name_of(std::string_view text) {
    const auto* format = find(text);
    return format != nullptr ? format->name : "unknown";
}

Result<void> check_demand(const Demand& demand, const Limits& limits) {
    if (demand.memory > limits.memory) {
        return fail(cost_refused, fmt::format("needs {} MiB of memory, {} are allowed",
                                              demand.memory >> 20U, limits.memory >> 20U));
    }
    if (demand.time > limits.time) {
        return fail(cost_refused, fmt::format("takes about {} ms, {} are allowed",
                                              std::chrono::ceil<Milliseconds>(demand.time).count(),
                                              limits.time.count()));
    }
    return {};
}

}  // namespace cardea::password::formats
