// Durable sign-ups a second at db::, 64 at a time: many in one commit against one each.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace {

using namespace cardea;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t clients = 64;
constexpr int rounds = 5;
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
    SteadyClock::time_point end;
    std::size_t signed_up = 0;
    std::size_t running = 0;
    std::string failure;
};

// Ids that sort by time, as the product's do.
std::string make_id(std::uint64_t number) {
    return fmt::format("018f0000-0000-7000-8000-{:012x}", number);
}

Task<void> sign_up(db::Database& database, std::uint64_t number) {
    auto transaction = co_await database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto& open = **transaction;
    auto email = fmt::format("person{}@example.com", number * 7919 % 1'000'003);
    std::string hash = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    Bytes token(32, static_cast<std::byte>(number * 31));
    std::memcpy(token.data(), &number, sizeof number);
    auto id = make_id(number);
    db::Values which{email};
    db::Values account{id, email, hash, 1};
    db::Values session{id, token, id, 2};
    db::Values event{id, id, "account.created", 3};
    auto found = co_await open.run(find_account, std::move(which));
    if (!found) co_return std::unexpected(found.error());
    auto added = co_await open.run(add_account, std::move(account));
    if (added) added = co_await open.run(add_session, std::move(session));
    if (added) added = co_await open.run(add_event, std::move(event));
    if (!added) co_return std::unexpected(added.error());
    co_return co_await open.commit();
}

Task<void> client(Round& round, std::uint64_t& next) {
    while (SteadyClock::now() < round.end) {
        auto done = co_await sign_up(round.database, next++);
        if (!done) round.failure = done.error().describe();
        if (!done) break;
        ++round.signed_up;
    }
    --round.running;
    co_return Result<void>();
}

double per_second(asio::io_context& io, db::Database& database, std::uint64_t& next) {
    Round round{database, SteadyClock::now() + round_time, 0, clients, {}};
    auto start = SteadyClock::now();
    for (std::size_t i = 0; i < clients; ++i) {
        asio::co_spawn(io, client(round, next), asio::detached);
    }
    io.restart();
    while (round.running > 0) io.run_one();
    if (!round.failure.empty()) {
        std::cerr << round.failure << "\n";
        std::exit(1);
    }
    std::chrono::duration<double> took = SteadyClock::now() - start;
    return static_cast<double>(round.signed_up) / took.count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Microseconds that fdatasync takes after a 4 KiB write here.
double median_sync(const std::string& folder) {
    auto name = folder + "/sync";
    int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    std::vector<char> page(4096, 'x');
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
        if (pwrite(file, page.data(), page.size(), i * 4096) < 0) break;
        auto start = SteadyClock::now();
        fdatasync(file);
        times.push_back(
            std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count());
    }
    ::close(file);
    return median(times);
}

struct Measured {
    std::unique_ptr<db::Database> database;
    std::uint64_t next = 1;
    std::vector<double> rates;
};

Measured open(asio::io_context& io, const std::string& path, std::size_t group_limit) {
    db::sqlite::Options options;
    options.path = path;
    options.group_limit = group_limit;
    auto migrated = db::sqlite::migrate(options, tables);
    auto opened = db::sqlite::open(io.get_executor(), options);
    if (!migrated || !opened) {
        std::cerr << (migrated ? opened.error() : migrated.error()).describe() << "\n";
        std::exit(1);
    }
    return {std::move(*opened), 1, {}};
}

}  // namespace

int main(int count, char** words) {
    // A folder on the disk that is to be measured; /tmp is memory on many machines.
    std::string folder = std::string(count > 1 ? words[1] : ".") + "/store-XXXXXX";
    if (!mkdtemp(folder.data())) {
        std::cerr << "no folder can be made at " << folder << "\n";
        return 1;
    }
    auto sync = median_sync(folder);
    asio::io_context io(1);
    auto grouped = open(io, folder + "/grouped.db", 64);
    auto single = open(io, folder + "/single.db", 1);
    // In turn, so that whatever else the machine does meets both.
    for (int i = 0; i < rounds; ++i) {
        grouped.rates.push_back(per_second(io, *grouped.database, grouped.next));
        single.rates.push_back(per_second(io, *single.database, single.next));
    }
    auto counters = db::sqlite::counters(*grouped.database);
    auto share = static_cast<double>(counters.transactions) / static_cast<double>(counters.commits);
    grouped.database->close();
    single.database->close();
    std::filesystem::remove_all(folder);

    auto rate = median(grouped.rates);
    auto baseline = median(single.rates);
    bool measurable = sync >= 100;
    fmt::print(R"({{"bench":"store","case":"fdatasync","value":{:.0f},"unit":"us"}})"
               "\n",
               sync);
    fmt::print(R"({{"bench":"store","case":"transactions per commit","value":{:.1f},"unit":"1"}})"
               "\n",
               share);
    fmt::print(R"({{"bench":"store","case":"db","value":{:.0f},"unit":"1/s","baseline":{:.0f},)"
               R"("ratio":{:.2f}{}}})"
               "\n",
               rate, baseline, rate / baseline,
               measurable ? "" : R"(,"note":"not measurable here")");
}
