// The SQLite engine: one writer thread with group commit, readers beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cardea/db/database.hpp"
#include "cardea/db/migration.hpp"

namespace cardea::db::sqlite {

inline constexpr std::string_view in_memory = ":memory:";

struct Options {
    std::string path;                ///< The data file. In memory: see open_in_memory().
    std::size_t readers = 1;         ///< Threads for scans.
    std::size_t group_limit = 64;    ///< Transactions that share one commit at most; 1 = none do.
    Milliseconds busy_timeout = 5s;  ///< How long to wait for another process's lock.
    Milliseconds transaction_limit = 5s;  ///< An open transaction is rolled back after this.
    std::string synchronous =
        "FULL";       ///< Only tests say otherwise, to see that durability tests turn red.
    std::string vfs;  ///< A VFS's name; empty = the default. For tests.
    const Clock* clock = nullptr;  ///< What server_now() says; null = this host's. For tests.
};

/// The file cannot be used: not there, not a database, read-only, a folder. The detail says which
/// file and what to do.
inline constexpr Reason cannot_open{Code::unavailable, "db.cannot_open",
                                    "The database file cannot be opened."};
/// Another process serves on this file; the detail names it.
inline constexpr Reason already_served{Code::conflict, "db.already_served",
                                       "Another cardea is already serving this database file."};

/// What a migration run did.
struct Migrated {
    int from = 0;
    int to = 0;
};

/// For the whole process, once, before its first use of SQLite (later it changes nothing): counts
/// no bytes in use, which takes a lock for each piece of memory, and gives no twenty pages at once
/// to a table that is made in passing, as RETURNING does. For programs that are ours alone; a
/// library leaves its host as it is.
void keep_memory_simple();

/// Opens the file (mode 0600 when new), sets WAL and the pragmas; does not migrate.
/// Fails with a reason that names the file and what to do. The executor must outlive the Database.
Result<std::unique_ptr<Database>> open(const boost::asio::any_io_executor& executor,
                                       Options options);

/// Applies what is missing, all in one transaction: a failure leaves the file as it was. Blocking;
/// call before open().
Result<Migrated> migrate(const Options& options, const std::vector<Migration>& migrations);
/// Numbers applied so far without changing anything; 0 for a missing or empty file.
Result<int> schema_version(const Options& options);

/// A database that nobody else sees and that is gone when it is closed, migrated already. Same
/// code and same semantics as a file: it is one, in memory and without a name. For tests and tools.
/// `open()` with the path `:memory:` gives the same, empty.
Result<std::unique_ptr<Database>> open_in_memory(const boost::asio::any_io_executor& executor,
                                                 const std::vector<Migration>& migrations,
                                                 Options options = {});

/// Held while a process serves on a data file; closing it (or the end of the process, however it
/// comes) releases it.
class FileLock {
  public:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FileLock();

  private:
    int descriptor_;
};
/// Locks `<path>.lock`, or fails with `already_served` and the other process's id. The command
/// line does not take it: it may work beside a server.
Result<FileLock> lock_data_file(const std::string& path);

/// Figures for metrics and the bench. Cheap, any thread.
struct Counters {
    std::uint64_t commits = 0;       ///< fsynced commits
    std::uint64_t transactions = 0;  ///< transactions that those commits carried
};
Counters counters(const Database& database);

}  // namespace cardea::db::sqlite
