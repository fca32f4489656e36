// One SQLite connection: prepared statements, values in, rows out, errors in our words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cardea/db/database.hpp"
#include "cardea/db/sqlite/wal_header.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cardea::db::sqlite {

struct Options;

/// One thread at a time; it may be another one each time.
class Connection {
  public:
    enum class Use { write, read };

    static Result<Connection> open(const Options& options, Use use);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// `conflict`, `unavailable` or `failed`; the detail names the statement, never a value.
    Result<Rows> run(const Statement& statement, const Values& values);
    /// One or more statements without values and without rows.
    Result<void> execute(std::string_view text);
    /// How long to wait for a lock that another connection holds; 0 fails at once.
    void wait_for_locks(Milliseconds limit);
    /// Whether the last call failed only because another connection holds a lock.
    bool was_busy() const;
    /// False when SQLite rolled back by itself (disk full, I/O error).
    bool in_transaction() const;
    /// See wal_header(); nothing once the connection is closed.
    std::optional<WalHeader> wal_header() const {
        return handle_ == nullptr ? std::nullopt : sqlite::wal_header(handle_);
    }

  private:
    struct Prepared;
    explicit Connection(sqlite3* handle);
    Result<Prepared*> prepare(const Statement& statement);
    Result<void> bind(const Prepared& prepared, const Statement& statement, const Values& values);
    Result<Rows> step(const Prepared& prepared, const Statement& statement);
    std::unexpected<Error> failure(std::string_view name) const;

    sqlite3* handle_ = nullptr;
    /// Finds a text without a copy of it.
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, std::unique_ptr<Prepared>, TextHash, std::equal_to<>> prepared_;
};

}  // namespace cardea::db::sqlite
