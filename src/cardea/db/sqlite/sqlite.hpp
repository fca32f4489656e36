// The SQLite engine: one writer thread with group commit, readers beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cardea/db/database.hpp"
#include "cardea/db/migration.hpp"

namespace cardea::db::sqlite {

struct Options {
    std::string path;         ///< A file, or ":memory:" (tests; one connection, same semantics).
    std::size_t readers = 1;  ///< Threads for scans.
    std::size_t group_limit = 64;    ///< Transactions that share one commit at most; 1 = none do.
    Milliseconds busy_timeout = 5s;  ///< How long to wait for another process's lock.
    Milliseconds transaction_limit = 5s;  ///< An open transaction is rolled back after this.
    std::string synchronous =
        "FULL";       ///< Only tests say otherwise, to see that durability tests turn red.
    std::string vfs;  ///< A VFS's name; empty = the default. For tests.
};

/// What a migration run did.
struct Migrated {
    int from = 0;
    int to = 0;
};

/// Opens the file (mode 0600 when new), sets WAL and the pragmas; does not migrate.
/// Fails with a reason that names the file and what to do.
Result<std::unique_ptr<Database>> open(const boost::asio::any_io_executor& executor,
                                       Options options);

/// Applies what is missing, all in one transaction: a failure leaves the file as it was. Blocking;
/// call before open().
Result<Migrated> migrate(const Options& options, const std::vector<Migration>& migrations);
/// Numbers applied so far without changing anything; 0 for a missing or empty file.
Result<int> schema_version(const Options& options);

/// Figures for metrics and the bench. Cheap, any thread.
struct Counters {
    std::uint64_t commits = 0;       ///< fsynced commits
    std::uint64_t transactions = 0;  ///< transactions that those commits carried
};
Counters counters(const Database& database);

}  // namespace cardea::db::sqlite
