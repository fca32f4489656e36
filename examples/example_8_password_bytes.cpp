// Example 8 of the original document: a password as bytes.
//
// Bytes need not be text; only NUL is refused, because bcrypt stops reading there.
#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <span>
#include <string_view>

#include "cardea/embed/password_handling.hpp"

int main() {
    cardea::PasswordHandling password_handler;
    constexpr std::string_view text = "MyPassword123";
    const std::span<const std::byte> password_bytes = std::as_bytes(std::span(text));

    auto hashed = password_handler.hash_password(password_bytes);
    if (!hashed) return hashed.error().status();
    auto is_valid =
        password_handler.check_password(password_bytes, std::as_bytes(std::span(*hashed)));
    if (!is_valid) return is_valid.error().status();

    fmt::print("the bytes are {}\n", *is_valid ? "valid" : "not valid");
    return *is_valid ? password_handler.options().success : password_handler.options().error;
}
