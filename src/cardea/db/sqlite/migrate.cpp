// Migrations on SQLite: all that are missing in one transaction.
#include <fmt/format.h>

#include <map>

#include "cardea/base/encoding.hpp"
#include "cardea/base/log.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/db/sqlite/connection.hpp"
#include "cardea/db/sqlite/file.hpp"
#include "cardea/db/sqlite/sqlite.hpp"

namespace cardea::db::sqlite {

namespace {

constexpr Statement count_tables{
    "migration.count_tables",
    "SELECT count(*), sum(name = 'schema_migrations') FROM sqlite_master WHERE type = 'table'"};
constexpr Statement list_applied{"migration.list_applied",
                                 "SELECT number, name, checksum FROM schema_migrations"};
constexpr Statement make_table{
    "migration.make_table",
    "CREATE TABLE schema_migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL,"
    " checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)"};
constexpr Statement keep_applied{
    "migration.keep_applied",
    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"};
constexpr Statement check_references{"migration.check_references", "PRAGMA foreign_key_check"};

struct Applied {
    std::string name;
    std::string checksum;
};
using AppliedMigrations = std::map<int, Applied>;

std::string checksum_of(const Migration& migration) {
    return to_hex(crypto::sha256(migration.text));
}

Result<AppliedMigrations> read_applied(Connection& connection) {
    auto tables = connection.run(count_tables, {});
    if (!tables) return fail(cannot_open, tables.error());
    const Row& counts = tables->rows.at(0);
    if (counts[0].as_integer() == 0) return AppliedMigrations{};
    if (counts[1].as_integer() == 0) {
        return fail(migration_mismatch,
                    "the file holds tables of another program and none of cardea's");
    }
    auto rows = connection.run(list_applied, {});
    if (!rows) return fail(cannot_open, rows.error());
    AppliedMigrations applied;
    for (const auto& row : rows->rows) {
        applied[static_cast<int>(row[0].as_integer())] = {row[1].as_text(), row[2].as_text()};
    }
    return applied;
}

Result<void> compare(const AppliedMigrations& applied, const std::vector<Migration>& known) {
    std::map<int, const Migration*> by_number;
    for (const auto& migration : known) by_number[migration.number] = &migration;
    for (const auto& [number, there] : applied) {
        auto found = by_number.find(number);
        if (found == by_number.end()) {
            return fail(migration_mismatch,
                        fmt::format("the file has migration {}, which this version does not know: "
                                    "it was written by a newer cardea",
                                    there.name));
        }
        if (checksum_of(*found->second) != there.checksum) {
            return fail(
                migration_mismatch,
                fmt::format("migration {} was changed after it had run on this file", there.name));
        }
    }
    return {};
}

Result<void> apply(Connection& connection, const Migration& migration, Instant now) {
    if (auto done = connection.execute(migration.text); !done) {
        return fail(migration_failed, fmt::format("{}: {}", migration.name, done.error().detail()));
    }
    Values values{migration.number, migration.name, checksum_of(migration), now};
    auto kept = connection.run(keep_applied, values);
    if (!kept) return fail(migration_failed, kept.error());
    return {};
}

// Inside BEGIN IMMEDIATE: what was read before may have been done by another process meanwhile.
Result<Migrated> apply_missing(Connection& connection, const std::vector<Migration>& migrations,
                               Instant now) {
    auto applied = read_applied(connection);
    if (!applied) return std::unexpected(applied.error());
    if (auto same = compare(*applied, migrations); !same) return std::unexpected(same.error());
    Migrated migrated;
    if (!applied->empty()) migrated.from = applied->rbegin()->first;
    migrated.to = migrated.from;
    if (applied->empty()) {
        if (auto made = connection.run(make_table, {}); !made) {
            return fail(migration_failed, made.error());
        }
    }
    for (const auto& migration : migrations) {
        if (applied->contains(migration.number)) continue;
        if (auto done = apply(connection, migration, now); !done) {
            return std::unexpected(done.error());
        }
        migrated.to = std::max(migrated.to, migration.number);
    }
    auto dangling = connection.run(check_references, {});
    if (!dangling) return fail(migration_failed, dangling.error());
    if (!dangling->empty()) {
        return fail(migration_failed, "a row refers to another one that is not there: table " +
                                          dangling->rows[0][0].as_text());
    }
    return migrated;
}

bool complete(const AppliedMigrations& applied, const std::vector<Migration>& migrations) {
    return std::ranges::all_of(migrations,
                               [&](const auto& one) { return applied.contains(one.number); });
}

}  // namespace

Result<Migrated> migrate(const Options& options, const std::vector<Migration>& migrations) {
    if (auto ready = prepare_file(options.path); !ready) return std::unexpected(ready.error());
    auto connection = Connection::open(options, Connection::Use::write);
    if (!connection) return std::unexpected(connection.error());
    auto applied = read_applied(*connection);
    if (!applied) return std::unexpected(applied.error());
    if (auto same = compare(*applied, migrations); !same) return std::unexpected(same.error());
    if (!applied->empty() && complete(*applied, migrations)) {
        int last = applied->rbegin()->first;
        return Migrated{last, last};
    }

    SystemClock system;
    auto now = options.clock ? options.clock->now() : system.now();
    if (auto begun = connection->execute("BEGIN IMMEDIATE"); !begun) {
        return fail(migration_failed, begun.error());
    }
    auto migrated = apply_missing(*connection, migrations, now);
    if (!migrated) return migrated;  // closing the connection rolls back
    if (auto done = connection->execute("COMMIT"); !done) {
        return fail(migration_failed, done.error());
    }
    log::info("db.migrated", log::kv("from", migrated->from), log::kv("to", migrated->to));
    return migrated;
}

Result<int> schema_version(const Options& options) {
    if (auto ready = prepare_file(options.path); !ready) return std::unexpected(ready.error());
    auto connection = Connection::open(options, Connection::Use::read);
    if (!connection) return std::unexpected(connection.error());
    auto applied = read_applied(*connection);
    if (!applied) return std::unexpected(applied.error());
    return applied->empty() ? 0 : applied->rbegin()->first;
}

}  // namespace cardea::db::sqlite
