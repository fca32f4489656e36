// Example 2 of the original document: verify a password when somebody signs in.
//
// The stored hash was made by another bcrypt: every implementation reads the others' hashes.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cardea/embed/password_handling.hpp"

namespace {

// Stands for the application's own database.
struct Database {
    std::string get_user_password_hash(const std::string&) const {
        return "$2b$10$cVWp4XaNU8a4v1uMRum2SOcCkZDauiXrCwAbkIF/0cL24.F1lic2y";
    }
};

}  // namespace

int main() {
    Database database;
    cardea::PasswordHandling password_handler;
    const std::string entered_password = "SecureP@ssw0rd123";
    const auto stored_hash = database.get_user_password_hash("john_doe");

    auto right = password_handler.check_password(entered_password, stored_hash);
    if (!right) {
        // A damaged hash is an error and never a "true": somebody should look at it.
        fmt::print(stderr, "{}\n", right.error().describe());
        return right.error().status();
    }
    fmt::print("{}\n", *right ? "Login successful!" : "Invalid password");
    if (password_handler.needs_rehash(stored_hash)) fmt::print("and time for a stronger hash\n");
    return *right ? password_handler.options().success : password_handler.options().error;
}
