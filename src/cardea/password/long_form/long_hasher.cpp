#include "cardea/password/long_form/long_hasher.hpp"

#include "cardea/password/password.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::password {
namespace {

Result<void> check_limits(const SecretText& password) {
    if (password.size() > longest_accepted) return fail(far_too_long);
    if (password.reveal().find('\0') != std::string::npos) return fail(has_nul);
    return {};
}

bool fits_bcrypt(const SecretText& password) {
    return password.size() <= longest_password;
}

}  // namespace

Task<std::string> LongHasher::hash(SecretText password) {
    auto limits = check_limits(password);
    if (!limits) co_return std::unexpected(limits.error());
    if (fits_bcrypt(password)) co_return co_await hasher_.hash(std::move(password));
    co_return co_await hash_long(std::move(password));
}

Task<std::string> LongHasher::hash_long(SecretText password) {
    auto salt = hasher_.new_salt();
    auto condensed = condense(password, salt);
    auto hashed = co_await hasher_.hash(std::move(condensed), salt);
    if (!hashed) co_return hashed;
    auto hash = parse_bcrypt(*hashed);
    if (!hash) co_return std::unexpected(hash.error());
    co_return to_bcrypt_sha256(*hash);
}

Task<Verdict> LongHasher::check(SecretText password, std::string stored) {
    auto limits = check_limits(password);
    if (!limits) co_return std::unexpected(limits.error());
    if (is_bcrypt_sha256(stored)) {
        auto hash = parse_bcrypt_sha256(stored);
        if (!hash) co_return std::unexpected(hash.error());
        auto condensed = condense(password, hash->salt);
        co_return co_await hasher_.check(std::move(condensed), to_string(*hash));
    }
    if (fits_bcrypt(password))
        co_return co_await hasher_.check(std::move(password), std::move(stored));
    co_return co_await check_long(std::move(password), std::move(stored));
}

// Hashed for its time and for the errors of a damaged hash; even a match would be no proof.
Task<Verdict> LongHasher::check_long(SecretText password, std::string stored) {
    auto condensed = condense(password, Salt());
    auto verdict = co_await hasher_.check(std::move(condensed), std::move(stored));
    if (!verdict) co_return verdict;
    co_return Verdict::wrong;
}

Task<Verdict> LongHasher::check_decoy(SecretText password) {
    auto limits = check_limits(password);
    if (!limits) co_return std::unexpected(limits.error());
    // Always: a stored `$bcrypt-sha256$` costs an attempt of any length the same digest.
    auto condensed = condense(password, Salt());
    co_return co_await hasher_.check_decoy(std::move(condensed));
}

bool LongHasher::needs_rehash(std::string_view stored) const {
    if (!is_bcrypt_sha256(stored)) return hasher_.needs_rehash(stored);
    auto hash = parse_bcrypt_sha256(stored);
    return hash && hasher_.needs_rehash(to_string(*hash));
}

}  // namespace cardea::password
