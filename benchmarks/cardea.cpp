#include "benchmarks/cardea.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "cardea/account/accounts.hpp"
#include "cardea/base/encoding.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/session/sessions.hpp"

namespace cardea::bench {

namespace {

constexpr int accounts_a_transaction = 5000;
constexpr const char* some_hash = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The stores, on a file of their own.
struct Stores {
    Stores(asio::io_context& io, std::unique_ptr<db::Database> opened)
        : database(std::move(opened)),
          background(io.get_executor()),
          accounts(clock, random),
          sessions(*database, clock, random, background, {}) {}

    SystemClock clock;
    crypto::SystemRandom random;
    std::unique_ptr<db::Database> database;
    runtime::TaskGroup background;
    account::Accounts accounts;
    session::Sessions sessions;
};

// Of the same length for everybody, so that every answer is.
account::NewAccount person(int number) {
    account::NewAccount wish;
    wish.email = account::Email::parse(fmt::format("person{:06}@example.com", number)).value();
    wish.email_verified = true;
    wish.name = fmt::format("Person {:06}", number);
    wish.password_hash = SecretText(std::string(some_hash));
    return wish;
}

Task<std::string> add_one(Stores& stores, db::Executor& executor, int number) {
    auto wish = person(number);
    auto account = co_await stores.accounts.create(executor, std::move(wish));
    if (!account) co_return std::unexpected(account.error());
    session::NewSession session{account->id, "password", "bench", "127.0.0.1"};
    auto opened = co_await stores.sessions.open(executor, std::move(session));
    if (!opened) co_return std::unexpected(opened.error());
    co_return opened->token.reveal();
}

Task<std::vector<std::string>> add_some(Stores& stores, int first, int count) {
    std::vector<std::string> tokens;
    auto transaction = co_await stores.database->begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    for (int number = first; number < first + count; ++number) {
        auto token = co_await add_one(stores, **transaction, number);
        if (!token) co_return std::unexpected(token.error());
        tokens.push_back(std::move(*token));
    }
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return tokens;
}

template <class T>
T value_of(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().describe());
    return std::move(*result);
}

template <class T>
T run(asio::io_context& io, Task<T> task) {
    std::optional<Result<T>> result;
    auto keep = [&result](std::exception_ptr thrown, Result<T> ended) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(ended);
    };
    asio::co_spawn(io, std::move(task), keep);
    io.restart();
    while (!result) io.run_one();
    return value_of(std::move(*result));
}

std::unique_ptr<db::Database> open_new(asio::io_context& io, const Site& site) {
    db::sqlite::Options options;
    options.path = site.database();
    (void)value_of(db::sqlite::migrate(options, db::migrations()));
    return value_of(db::sqlite::open(io.get_executor(), options));
}

}  // namespace

Site make_site(const WorkFolder& work, const std::string& name) {
    crypto::SystemRandom random;
    return {work.make(name), to_base64url(random.bytes(32)), free_port(), {}};
}

std::unique_ptr<Process> serve(const Site& site, const std::string& program, Mode mode) {
    Command command;
    command.folder = site.folder;
    command.words = {program, "serve", "--port", std::to_string(site.port)};
    if (mode == Mode::development) command.words.emplace_back("--dev");
    command.environment = site.settings;
    command.environment.push_back("SECRET_KEY=" + site.key);
    command.environment.push_back("DATABASE_URL=sqlite:" + site.database());
    command.environment.push_back(fmt::format("PUBLIC_URL=http://127.0.0.1:{}", site.port));
    auto process = std::make_unique<Process>(command);
    process->wait_until_healthy(site.port);
    return process;
}

std::vector<std::string> seed_sessions(const Site& site, int count) {
    asio::io_context io(1);
    Stores stores(io, open_new(io, site));
    std::vector<std::string> tokens;
    for (int first = 0; first < count; first += accounts_a_transaction) {
        auto size = std::min(accounts_a_transaction, count - first);
        for (auto& token : run(io, add_some(stores, first, size))) tokens.push_back(token);
    }
    stores.database->close();
    // In the order of their making they would stand side by side in the file.
    std::ranges::shuffle(tokens, std::mt19937_64(std::random_device{}()));
    return tokens;
}

}  // namespace cardea::bench
