// A program of somebody else: finds cardea with find_package and includes its headers as
// documented.
#include <cstdio>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/embed/password_handling.hpp"

int main() {
    auto digest = cardea::crypto::sha256(cardea::as_bytes("abc"));
    auto text = cardea::to_hex(digest);
    std::puts(text.c_str());
    cardea::PasswordHandling passwords({.salt_rounds = 4});
    auto hash = passwords.hash_password("correct horse");
    bool right = hash && passwords.check_password("correct horse", *hash).value_or(false);
    return right && text.starts_with("ba7816bf") ? 0 : 1;
}
