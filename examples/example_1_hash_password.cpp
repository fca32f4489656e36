// Example 1 of the original document: hash a password when somebody registers.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>

#include "cardea/embed/password_handling.hpp"

namespace {

// Stands for the application's own database.
struct Database {
    std::map<std::string, std::string> password_hash_of;

    void insert_user(const std::string& username, const std::string& password_hash) {
        password_hash_of[username] = password_hash;
    }
};

}  // namespace

int main() {
    Database database;
    cardea::PasswordHandling password_handler({.debug = true});
    const std::string plain_password = "SecureP@ssw0rd123";

    auto hashed_password = password_handler.hash_password(plain_password);
    if (!hashed_password) {
        fmt::print(stderr, "{}\n", hashed_password.error().reason().text);
        return hashed_password.error().status();
    }
    database.insert_user("john_doe", *hashed_password);

    // A salt of its own: the same password never gives the same text twice.
    const auto& stored = database.password_hash_of.at("john_doe");
    fmt::print("stored {} characters that begin with {}\n", stored.size(), stored.substr(0, 7));
    return password_handler.options().success;
}
