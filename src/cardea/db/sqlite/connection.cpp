// The only place where sqlite3's functions for statements are called.
#include "cardea/db/sqlite/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>

#include "cardea/base/text.hpp"
#include "cardea/db/sqlite/sqlite.hpp"

namespace cardea::db::sqlite {

namespace {

// Texts are constants of the program, so the cache fills once; the limit is for tools.
constexpr std::size_t cached_statements = 512;

constexpr std::string_view pragmas =
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA temp_store = MEMORY;";

const Reason& reason_of(int code) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return conflict;
        default:
            break;
    }
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM:
            return unavailable;
        default:
            return failed;
    }
}

int bind_value(sqlite3_stmt* handle, int position, const Value& value) {
    // The values outlive the step, so SQLite need not copy them.
    const auto& variant = value.variant();
    if (auto* number = std::get_if<std::int64_t>(&variant)) {
        return sqlite3_bind_int64(handle, position, *number);
    }
    if (auto* text = std::get_if<std::string>(&variant)) {
        return sqlite3_bind_text64(handle, position, text->data(), text->size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    if (auto* bytes = std::get_if<Bytes>(&variant)) {
        // A null pointer would bind NULL; an empty byte string is not NULL.
        const void* data = bytes->empty() ? static_cast<const void*>("") : bytes->data();
        return sqlite3_bind_blob64(handle, position, data, bytes->size(), SQLITE_STATIC);
    }
    return sqlite3_bind_null(handle, position);
}

Value read_value(sqlite3_stmt* handle, int column) {
    switch (sqlite3_column_type(handle, column)) {
        case SQLITE_NULL:
            return {};
        case SQLITE_TEXT: {
            auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle, column));
            return std::string(text,
                               static_cast<std::size_t>(sqlite3_column_bytes(handle, column)));
        }
        case SQLITE_BLOB: {
            auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle, column));
            return Bytes(data, data + sqlite3_column_bytes(handle, column));
        }
        default:
            return static_cast<std::int64_t>(sqlite3_column_int64(handle, column));
    }
}

}  // namespace

/// A statement as SQLite compiled it, with what never changes about it.
struct Connection::Prepared {
    sqlite3_stmt* handle = nullptr;
    std::vector<std::size_t> numbers;  ///< numbers[i] is n where parameter i + 1 is `$n`
    std::size_t highest = 0;
    std::shared_ptr<const std::vector<std::string>> columns;
    bool reads = false;

    Prepared() = default;
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    ~Prepared() { sqlite3_finalize(handle); }
};

Connection::Connection(sqlite3* handle) : handle_(handle) {}

Connection::Connection(Connection&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), prepared_(std::move(other.prepared_)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(prepared_, other.prepared_);
    return *this;
}

Connection::~Connection() {
    prepared_.clear();
    sqlite3_close_v2(handle_);
}

Result<Connection> Connection::open(const Options& options, Use use) {
    sqlite3* handle = nullptr;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const char* vfs = options.vfs.empty() ? nullptr : options.vfs.c_str();
    int code = sqlite3_open_v2(options.path.c_str(), &handle, flags, vfs);
    Connection connection(handle);
    if (code != SQLITE_OK) {
        return fail(cannot_open, fmt::format("{}: {}", options.path, sqlite3_errstr(code)));
    }
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    connection.wait_for_locks(options.busy_timeout);
    std::string text(pragmas);
    if (use == Use::read) text += "PRAGMA query_only = ON;";
    if (use == Use::write) {
        text += "PRAGMA journal_mode = WAL; PRAGMA secure_delete = FAST;";
        // Pages that are written again and again go from the WAL (32 MiB) into the file less often,
        // and a busy moment's stay in memory (8 MiB, once used).
        text += "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8000;";
        text += "PRAGMA cache_size = -8192;";
        text += fmt::format("PRAGMA synchronous = {};", options.synchronous);
    }
    if (auto done = connection.execute(text); !done) {
        return fail(cannot_open, Error(unavailable, options.path + ": " + done.error().detail()));
    }
    return connection;
}

std::unexpected<Error> Connection::failure(std::string_view name) const {
    int code = sqlite3_extended_errcode(handle_);
    return fail(reason_of(code), fmt::format("{}: {} ({})", name, sqlite3_errmsg(handle_), code));
}

Result<Connection::Prepared*> Connection::prepare(const Statement& statement) {
    auto found = prepared_.find(statement.text);
    if (found != prepared_.end()) return found->second.get();
    std::string key(statement.text);
    if (prepared_.size() >= cached_statements) prepared_.clear();
    auto prepared = std::make_unique<Prepared>();
    const char* rest = nullptr;
    int code = sqlite3_prepare_v3(handle_, key.data(), static_cast<int>(key.size() + 1),
                                  SQLITE_PREPARE_PERSISTENT, &prepared->handle, &rest);
    if (code != SQLITE_OK) return failure(statement.name);
    if (!prepared->handle || !trim(rest).empty()) {
        return fail(failed, fmt::format("{}: not exactly one statement", statement.name));
    }
    for (int i = 1; i <= sqlite3_bind_parameter_count(prepared->handle); ++i) {
        const char* name = sqlite3_bind_parameter_name(prepared->handle, i);
        std::string_view digits = name ? std::string_view(name).substr(1) : "";
        std::size_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (number == 0) {
            return fail(failed, fmt::format("{}: parameters are $1, $2, …", statement.name));
        }
        prepared->numbers.push_back(number);
        prepared->highest = std::max(prepared->highest, number);
    }
    int column_count = sqlite3_column_count(prepared->handle);
    std::vector<std::string> columns;
    columns.reserve(static_cast<std::size_t>(column_count));
    for (int i = 0; i < column_count; ++i) {
        columns.emplace_back(sqlite3_column_name(prepared->handle, i));
    }
    prepared->columns = std::make_shared<const std::vector<std::string>>(std::move(columns));
    prepared->reads = sqlite3_stmt_readonly(prepared->handle) != 0;
    return prepared_.emplace(std::move(key), std::move(prepared)).first->second.get();
}

Result<void> Connection::bind(const Prepared& prepared, const Statement& statement,
                              const Values& values) {
    if (values.size() != prepared.highest) {
        return fail(failed, fmt::format("{}: has {} values, wants {}", statement.name,
                                        values.size(), prepared.highest));
    }
    for (std::size_t i = 0; i < prepared.numbers.size(); ++i) {
        const Value& value = values[prepared.numbers[i] - 1];
        if (bind_value(prepared.handle, static_cast<int>(i + 1), value) != SQLITE_OK) {
            return failure(statement.name);
        }
    }
    return {};
}

Result<Rows> Connection::step(const Prepared& prepared, const Statement& statement) {
    Rows rows;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(prepared.handle)) == SQLITE_ROW) {
        Row row;
        row.reserve(prepared.columns->size());
        for (int i = 0; i < static_cast<int>(prepared.columns->size()); ++i) {
            row.push_back(read_value(prepared.handle, i));
        }
        rows.rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) return failure(statement.name);
    rows.columns = prepared.columns;
    if (!prepared.reads) rows.changes = sqlite3_changes64(handle_);
    return rows;
}

Result<Rows> Connection::run(const Statement& statement, const Values& values) {
    auto prepared = prepare(statement);
    if (!prepared) return std::unexpected(prepared.error());
    auto bound = bind(**prepared, statement, values);
    Result<Rows> rows = bound ? step(**prepared, statement) : std::unexpected(bound.error());
    // The error is read by now; reset repeats it and the bindings must not outlive the values.
    sqlite3_reset((*prepared)->handle);
    sqlite3_clear_bindings((*prepared)->handle);
    return rows;
}

Result<void> Connection::execute(std::string_view text) {
    std::string copy(text);
    if (sqlite3_exec(handle_, copy.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return failure("db.execute");
    }
    return {};
}

void Connection::wait_for_locks(Milliseconds limit) {
    sqlite3_busy_timeout(handle_, static_cast<int>(limit.count()));
}

bool Connection::was_busy() const {
    int code = sqlite3_errcode(handle_) & 0xff;
    return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

}  // namespace cardea::db::sqlite
