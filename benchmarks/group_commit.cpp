#include "benchmarks/group_commit.hpp"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::bench {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t clients = 64;
constexpr auto round_time = 1500ms;

// What a sign-up writes: the shape of the real tables, without what they mean.
const std::vector<db::Migration> tables{{1, "0001_store", R"(
    CREATE TABLE accounts (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, password TEXT,
                           created_at BIGINT NOT NULL);
    CREATE TABLE sessions (id TEXT PRIMARY KEY, token_hash BYTEA NOT NULL UNIQUE,
                           account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
                           expires_at BIGINT NOT NULL);
    CREATE INDEX sessions_account ON sessions (account_id);
    CREATE TABLE events (id TEXT PRIMARY KEY, account_id TEXT, name TEXT NOT NULL,
                         at BIGINT NOT NULL);
    CREATE INDEX events_account ON events (account_id, at);)"}};

constexpr db::Statement find_account{"bench.find_account",
                                     "SELECT id FROM accounts WHERE email = $1"};
constexpr db::Statement add_account{
    "bench.add_account",
    "INSERT INTO accounts (id, email, password, created_at) VALUES ($1, $2, $3, $4)"};
constexpr db::Statement add_session{
    "bench.add_session",
    "INSERT INTO sessions (id, token_hash, account_id, expires_at) VALUES ($1, $2, $3, $4)"};
constexpr db::Statement add_event{
    "bench.add_event", "INSERT INTO events (id, account_id, name, at) VALUES ($1, $2, $3, $4)"};

struct Round {
    db::Database& database;
    Steady::time_point end;
    std::size_t signed_up = 0;
    std::size_t running = 0;
    std::string failure;
};

// Ids that sort by time, as the product's do.
std::string make_id(std::uint64_t number) {
    return fmt::format("018f0000-0000-7000-8000-{:012x}", number);
}

// Unique, and in the order of no index.
std::string make_email(std::uint64_t number) {
    return fmt::format("person{}@example.com", number * 7919 % 1'000'003);
}

Bytes make_token(std::uint64_t number) {
    Bytes token(32, static_cast<std::byte>(number * 31));
    std::memcpy(token.data(), &number, sizeof number);
    return token;
}

Task<void> sign_up(db::Database& database, std::uint64_t number) {
    auto transaction = co_await database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto& open = **transaction;
    std::string hash = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    auto id = make_id(number);
    auto email = make_email(number);
    db::Values which{email};
    db::Values account{id, email, hash, 1};
    db::Values session{id, make_token(number), id, 2};
    db::Values event{id, id, "account.created", 3};
    auto done = co_await open.run(find_account, std::move(which));
    if (done) done = co_await open.run(add_account, std::move(account));
    if (done) done = co_await open.run(add_session, std::move(session));
    if (done) done = co_await open.run(add_event, std::move(event));
    if (!done) co_return std::unexpected(done.error());
    co_return co_await open.commit();
}

Task<void> client(Round& round, std::uint64_t& next) {
    while (Steady::now() < round.end) {
        auto done = co_await sign_up(round.database, next++);
        if (!done) round.failure = done.error().describe();
        if (!done) break;
        ++round.signed_up;
    }
    --round.running;
    co_return Result<void>();
}

void demand(const Result<db::sqlite::Migrated>& migrated) {
    if (!migrated) throw std::runtime_error(migrated.error().describe());
}

}  // namespace

struct GroupCommit::State {
    asio::io_context io{1};
    std::unique_ptr<db::Database> database;
    std::uint64_t next = 1;
};

GroupCommit::GroupCommit(const std::string& path, std::size_t group_limit)
    : state_(std::make_unique<State>()) {
    db::sqlite::Options options;
    options.path = path;
    options.group_limit = group_limit;
    demand(db::sqlite::migrate(options, tables));
    auto opened = db::sqlite::open(state_->io.get_executor(), options);
    if (!opened) throw std::runtime_error(opened.error().describe());
    state_->database = std::move(*opened);
}

GroupCommit::~GroupCommit() {
    state_->database->close();
}

double GroupCommit::sign_ups_a_second() {
    auto start = Steady::now();
    Round round{*state_->database, start + round_time, 0, clients, {}};
    for (std::size_t i = 0; i < clients; ++i) {
        asio::co_spawn(state_->io, client(round, state_->next), asio::detached);
    }
    state_->io.restart();
    while (round.running > 0) state_->io.run_one();
    if (!round.failure.empty()) throw std::runtime_error(round.failure);
    std::chrono::duration<double> took = Steady::now() - start;
    return static_cast<double>(round.signed_up) / took.count();
}

double GroupCommit::transactions_a_commit() const {
    auto counters = db::sqlite::counters(*state_->database);
    return static_cast<double>(counters.transactions) / static_cast<double>(counters.commits);
}

}  // namespace cardea::bench
