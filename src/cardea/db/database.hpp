// The seam to a database: Executor, Transaction, Database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "cardea/base/clock.hpp"
#include "cardea/db/statement.hpp"
#include "cardea/db/value.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::db {

/// A unique or foreign key forbids it. Stores translate it into their own reason.
inline constexpr Reason conflict{Code::conflict, "db.conflict", "That already exists."};
/// Locked by another process, full, read-only or gone: nothing was stored.
inline constexpr Reason unavailable{
    Code::unavailable, "db.unavailable",
    "The database cannot be reached just now. Try again in a moment."};
/// A statement failed in a way that is a bug. The detail names it.
inline constexpr Reason failed{Code::internal, "internal", "Something went wrong on our side."};

/// Runs statements: a Database (each on its own) or a Transaction (all or nothing).
class Executor {
  public:
    virtual ~Executor() = default;
    /// A write has been committed durably when this returns on a Database; on a Transaction it has
    /// been when commit() returned.
    virtual Task<Rows> run(Statement statement, Values values) = 0;
};

/// Uncommitted work; destroying it without commit() rolls back. Keep it short: on SQLite one
/// transaction is written at a time, so nothing may wait for the network inside. Taken away after
/// `transaction_limit`: calls then fail with `unavailable`. After a statement has failed,
/// everything else in the transaction does too, as on PostgreSQL: where a conflict is expected and
/// the work goes on, write ON CONFLICT. A coroutine that holds a Transaction and writes through the
/// Database waits for itself.
class Transaction : public Executor {
  public:
    /// Durable when it returns success: synced to disk, survives kill -9 and power loss.
    virtual Task<void> commit() = 0;
};

/// A database of one of the engines. Calls come from the I/O thread; answers resume there.
class Database : public Executor {
  public:
    /// Waits for its turn; cancelling ends that wait with `deadline.passed`.
    virtual Task<std::unique_ptr<Transaction>> begin() = 0;
    /// The database's own time: leases go by it (SQLite: this host's clock; PostgreSQL: the
    /// server's).
    virtual Task<Instant> server_now() = 0;
    /// A number that is different after any commit by anyone, this process or another; cheap (far
    /// below a microsecond). Empty when the engine cannot tell: then nothing may be cached.
    virtual std::optional<std::uint64_t> data_version() = 0;
    /// Whether a read works now; for /health.
    virtual Task<void> ping() = 0;
    /// Finishes what was accepted and closes. No call may follow.
    virtual void close() = 0;
};

}  // namespace cardea::db
