// The header of the WAL index: what every commit changes, readable without a system call.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

struct sqlite3;

namespace cardea::db::sqlite {

/// Both copies of the header; the writer of a commit changes them one after the other.
using WalHeader = std::array<std::uint32_t, 24>;

/// While this stays the same, nothing was committed to the connection's file, by any process
/// (https://www.sqlite.org/walformat.html). Nothing when the file is not in WAL mode, shares no
/// memory, or has an index of another format than SQLite's since 3.7.0. The connection must have
/// read from its file before.
std::optional<WalHeader> wal_header(sqlite3* connection);

}  // namespace cardea::db::sqlite
