// Transactions of the shape of a sign-up, and the check that each is there wholly or not at all.
#pragma once

#include <set>
#include <string>

#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::faults {

inline const std::vector<db::Migration>& sign_up_tables() {
    static const std::vector<db::Migration> all{{1, "0001_sign_ups", R"(
        CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE);
        CREATE TABLE logins (id TEXT PRIMARY KEY, data TEXT NOT NULL,
                             person_id TEXT NOT NULL REFERENCES people(id));)"}};
    return all;
}

inline constexpr db::Statement add_person{"test.add_person",
                                          "INSERT INTO people (id, email) VALUES ($1, $2)"};
inline constexpr db::Statement add_login{
    "test.add_login", "INSERT INTO logins (id, data, person_id) VALUES ($1, $2, $3)"};
inline constexpr db::Statement list_people{"test.list_people", "SELECT id FROM people"};
inline constexpr db::Statement list_halves{
    "test.list_halves", "SELECT id FROM people WHERE id NOT IN (SELECT person_id FROM logins)"};
inline constexpr db::Statement check_integrity{"test.integrity", "PRAGMA integrity_check"};

inline Task<void> sign_up(db::Database& database, std::string id) {
    auto transaction = co_await database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    db::Values person{id, id + "@example.com"};
    db::Values login{id, std::string(700, 'x'), id};
    auto added = co_await (*transaction)->run(add_person, std::move(person));
    if (added) added = co_await (*transaction)->run(add_login, std::move(login));
    if (!added) co_return std::unexpected(added.error());
    co_return co_await (*transaction)->commit();
}

/// What a start after a crash finds.
struct Found {
    std::string problem;  ///< empty when the file is sound and no sign-up is there by half
    std::set<std::string> people;

    std::size_t missing(const std::set<std::string>& acknowledged) const {
        std::size_t count = 0;
        for (const auto& id : acknowledged) count += people.contains(id) ? 0 : 1;
        return count;
    }
};

}  // namespace cardea::faults
