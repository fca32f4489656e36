// The Database of the SQLite engine: writes to the Writer, reads inline or on reader threads.
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "cardea/db/sqlite/connection.hpp"
#include "cardea/db/sqlite/file.hpp"
#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/db/sqlite/writer.hpp"

namespace cardea::db::sqlite {

namespace {

constexpr Statement read_version{"db.data_version", "PRAGMA data_version"};
constexpr Statement read_anything{"db.ping", "SELECT 1 FROM sqlite_master LIMIT 1", Cost::lookup};

/// Connections that only read; as many as there are reader threads, so one is always free.
class Readers {
  public:
    explicit Readers(std::vector<Connection> connections)
        : connections_(std::move(connections)),
          pool_({.name = "db-reader", .threads = connections_.size()}) {}

    Task<Rows> run(Statement statement, Values values) {
        auto work = [this, statement, values = std::move(values)]() -> Result<Rows> {
            auto connection = take();
            auto rows = connection.run(statement, values);
            give_back(std::move(connection));
            return rows;
        };
        co_return co_await runtime::offload(pool_, std::move(work));
    }
    void close() {
        pool_.stop();
        connections_.clear();
    }

  private:
    Connection take() {
        std::lock_guard lock(mutex_);
        Connection connection = std::move(connections_.back());
        connections_.pop_back();
        return connection;
    }
    void give_back(Connection connection) {
        std::lock_guard lock(mutex_);
        connections_.push_back(std::move(connection));
    }

    std::mutex mutex_;
    std::vector<Connection> connections_;
    runtime::Pool pool_;
};

class OpenTransaction final : public Transaction {
  public:
    OpenTransaction(std::shared_ptr<Writer> writer, Writer::Ticket ticket)
        : writer_(std::move(writer)), ticket_(ticket) {}
    ~OpenTransaction() override { writer_->rollback(ticket_); }

    Task<Rows> run(Statement statement, Values values) override {
        co_return writer_->run(ticket_, statement, values);
    }
    Task<void> commit() override {
        Start start = [writer = writer_, ticket = ticket_](Done done) {
            writer->commit(ticket, std::move(done));
            return Cancel([] {});  // too late to take back: the outcome is awaited
        };
        auto committed = co_await hop(std::move(start));
        if (!committed) co_return std::unexpected(committed.error());
        co_return Result<void>();
    }

  private:
    std::shared_ptr<Writer> writer_;
    Writer::Ticket ticket_;
};

struct Connections {
    Connection writer;
    Connection lookups;
    std::vector<Connection> readers;
};

class SqliteDatabase final : public Database {
  public:
    SqliteDatabase(const asio::any_io_executor& executor, Connections connections,
                   const Options& options)
        : clock_(options.clock ? options.clock : &system_clock_),
          lookups_(std::move(connections.lookups)),
          readers_(std::move(connections.readers)),
          writer_(std::make_shared<Writer>(executor, std::move(connections.writer), options)) {
        lookups_.wait_for_locks(0ms);
    }
    ~SqliteDatabase() override { close_all(); }

    Task<Rows> run(Statement statement, Values values) override {
        if (!statement.reads()) co_return co_await write(statement, std::move(values));
        if (statement.cost == Cost::lookup) {
            auto rows = lookups_.run(statement, values);
            if (rows || !lookups_.was_busy()) co_return rows;
        }
        co_return co_await readers_.run(statement, std::move(values));
    }

    Task<std::unique_ptr<Transaction>> begin() override {
        auto ticket = writer_->try_begin();
        if (!ticket) {
            Start start = [writer = writer_](Done done) {
                return writer->wait_for_turn(std::move(done));
            };
            auto turn = co_await hop(std::move(start));
            if (!turn) co_return std::unexpected(turn.error());
            ticket = static_cast<Writer::Ticket>(turn->rows.at(0).at(0).as_integer());
        }
        std::unique_ptr<Transaction> open = std::make_unique<OpenTransaction>(writer_, *ticket);
        co_return open;
    }

    Task<Instant> server_now() override { co_return clock_->now(); }

    // The pragma takes and gives back a lock, two system calls. The header is read before it: a
    // commit in between makes the next caller ask again.
    std::optional<std::uint64_t> data_version() override {
        auto header = lookups_.wal_header();
        if (header && header == header_) return version_;
        header_.reset();
        auto rows = lookups_.run(read_version, {});
        if (!rows || rows->empty()) return std::nullopt;
        header_ = header;
        version_ = static_cast<std::uint64_t>(rows->rows[0][0].as_integer());
        return version_;
    }

    Task<void> ping() override {
        auto rows = co_await run(read_anything, {});
        if (!rows) co_return std::unexpected(rows.error());
        co_return Result<void>();
    }

    void close() override { close_all(); }

    Counters counters() const { return {writer_->commits, writer_->transactions}; }

  private:
    Task<Rows> write(Statement statement, Values values) {
        Start start = [writer = writer_, statement, values = std::move(values)](Done done) mutable {
            return writer->write(statement, std::move(values), std::move(done));
        };
        co_return co_await hop(std::move(start));
    }
    // The writer last: the last connection moves what is in the WAL into the file.
    void close_all() {
        readers_.close();
        {
            Connection closing(std::move(lookups_));
        }
        writer_->close();
    }

    SystemClock system_clock_;
    const Clock* clock_;
    Connection lookups_;
    std::optional<WalHeader> header_;  // of the WAL index when version_ was read
    std::uint64_t version_ = 0;
    Readers readers_;
    std::shared_ptr<Writer> writer_;
};

Result<std::unique_ptr<Database>> open_prepared(const asio::any_io_executor& executor,
                                                const Options& options) {
    auto writer = Connection::open(options, Connection::Use::write);
    if (!writer) return std::unexpected(writer.error());
    auto lookups = Connection::open(options, Connection::Use::read);
    if (!lookups) return std::unexpected(lookups.error());
    Connections connections{std::move(*writer), std::move(*lookups), {}};
    for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i) {
        auto reader = Connection::open(options, Connection::Use::read);
        if (!reader) return std::unexpected(reader.error());
        connections.readers.push_back(std::move(*reader));
    }
    // Every connection opens the file, its WAL and its shared memory now: a start that cannot work
    // fails here, and a file without a name can be used.
    auto touch = [](Connection& connection) { return connection.run(read_anything, {}); };
    if (auto read = touch(connections.writer); !read) return fail(cannot_open, read.error());
    if (auto read = touch(connections.lookups); !read) return fail(cannot_open, read.error());
    for (auto& reader : connections.readers) {
        if (auto read = touch(reader); !read) return fail(cannot_open, read.error());
    }
    return std::make_unique<SqliteDatabase>(executor, std::move(connections), options);
}

/// A folder in memory where there is one, gone with this object.
class ScratchFolder {
  public:
    static Result<ScratchFolder> make() {
        bool shared_memory = access("/dev/shm", W_OK) == 0;
        auto base = shared_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
        auto name = base + "/cardea-XXXXXX";
        if (!mkdtemp(name.data())) return fail(cannot_open, "no temporary folder in " + base);
        return ScratchFolder(name);
    }
    ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

  private:
    explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace

void keep_memory_simple() {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
}

Result<std::unique_ptr<Database>> open(const asio::any_io_executor& executor, Options options) {
    if (options.path == in_memory) return open_in_memory(executor, {}, options);
    if (auto ready = prepare_file(options.path); !ready) return std::unexpected(ready.error());
    return open_prepared(executor, options);
}

Result<std::unique_ptr<Database>> open_in_memory(const asio::any_io_executor& executor,
                                                 const std::vector<Migration>& migrations,
                                                 Options options) {
    auto folder = ScratchFolder::make();
    if (!folder) return std::unexpected(folder.error());
    options.path = folder->path() + "/data.db";
    options.synchronous = "OFF";
    if (auto done = migrate(options, migrations); !done) return std::unexpected(done.error());
    return open(executor, options);
}

Counters counters(const Database& database) {
    auto* sqlite = dynamic_cast<const SqliteDatabase*>(&database);
    return sqlite ? sqlite->counters() : Counters{};
}

}  // namespace cardea::db::sqlite
