// Migrations: forward only, each in a transaction, checksum kept.
#pragma once

#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"

namespace cardea::db {

/// One file of migrations/, embedded.
struct Migration {
    int number;             ///< 1 for 0001_accounts.sql
    std::string_view name;  ///< `0001_accounts`
    std::string_view text;
};

/// All of them in order, embedded in the binary at build time.
const std::vector<Migration>& migrations();

/// The file was written by a newer cardea, or a migration was changed after it ran.
inline constexpr Reason migration_mismatch{
    Code::internal, "db.migration_mismatch",
    "The database was made by another version of cardea. Start that version, or restore a backup."};
inline constexpr Reason migration_failed{
    Code::internal, "db.migration_failed",
    "A migration failed and the database was left as it was. The log names the statement."};

}  // namespace cardea::db
