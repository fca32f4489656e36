#include "cardea/password/long_form/bcrypt_sha256.hpp"

#include <fmt/format.h>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::password {
namespace {

constexpr std::string_view version_2 = "$bcrypt-sha256$v=2,t=2b,r=";
constexpr std::string_view version_1 = "$bcrypt-sha256$2";
constexpr std::size_t salt_size = 22;
constexpr std::size_t digest_size = 31;
constexpr std::size_t shortest = version_2.size() + 1 + 1 + salt_size + 1 + digest_size;

/// Where the text of a bcrypt hash has its salt.
constexpr std::size_t salt_at = 7;

std::string two_digits(std::string_view cost) {
    return cost.size() == 1 ? '0' + std::string(cost) : std::string(cost);
}

}  // namespace

Result<BcryptHash> parse_bcrypt_sha256(std::string_view stored) {
    if (stored.starts_with(version_1)) {
        return fail(unsupported_hash, "$bcrypt-sha256$ of version 1: reset the password");
    }
    if (!stored.starts_with(version_2) || stored.size() < shortest || stored.size() > shortest + 1)
        return fail(malformed_hash, "not of the form $bcrypt-sha256$v=2,t=2b,r=10$…");
    auto cost = stored.substr(version_2.size(), stored.size() - shortest + 1);
    if (cost.front() == '0') return fail(malformed_hash, "a padded cost");
    auto rest = stored.substr(version_2.size() + cost.size());
    if (rest[0] != '$' || rest[1 + salt_size] != '$')
        return fail(malformed_hash, "not of the form $bcrypt-sha256$v=2,t=2b,r=10$…");
    auto inside = "$2b$" + two_digits(cost) + '$';
    inside += rest.substr(1, salt_size);
    inside += rest.substr(1 + salt_size + 1);
    return parse_bcrypt(inside);
}

std::string to_bcrypt_sha256(const BcryptHash& hash) {
    auto inside = to_string(hash);
    auto salt = std::string_view(inside).substr(salt_at, salt_size);
    auto digest = std::string_view(inside).substr(salt_at + salt_size);
    return fmt::format("{}{}${}${}", version_2, hash.cost, salt, digest);
}

SecretText condense(const SecretText& password, const Salt& salt) {
    auto text = to_string(BcryptHash{Variant::b, lowest_cost, salt, {}});
    auto key = std::string_view(text).substr(salt_at, salt_size);
    auto sum = crypto::hmac_sha256(as_bytes(key), as_bytes(password.reveal()));
    SecretText condensed(to_base64(sum));
    wipe(sum.data(), sum.size());
    return condensed;
}

}  // namespace cardea::password
