// cardea migrate, hash, check, openapi, version
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/engine/server.hpp"
#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

template <class T>
Result<T> wait_for(asio::io_context& io, Task<T> task) {
    std::optional<Result<T>> result;
    auto keep = [&result](std::exception_ptr thrown, Result<T> value) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
    };
    asio::co_spawn(io, std::move(task), keep);
    io.run();
    return std::move(*result);
}

int migrate(const Invocation& invocation) {
    auto loaded = load_for_work(invocation, engine::Mode::development);
    if (!loaded) return failure;
    auto options = engine::sqlite_options(*loaded->settings);
    auto migrated = db::sqlite::migrate(options, db::migrations());
    if (!migrated) return report(migrated.error());
    if (migrated->from == migrated->to) {
        std::cout << "Nothing to do: the database is at migration " << migrated->to << ".\n";
    } else {
        std::cout << "Migrated from " << migrated->from << " to " << migrated->to << ".\n";
    }
    return success;
}

int hash(const Invocation& invocation) {
    auto loaded = load(invocation);
    if (!loaded.settings) {
        print_problems(loaded.problems);
        return failure;
    }
    auto typed = read_secret("Password");
    if (!typed) return report(Error(password::too_short, "nothing on standard input"));
    auto password = password::Password::parse(typed->reveal());
    if (!password) return report(password.error());
    password::formats::AnyHasher hasher(loaded.settings->password);
    asio::io_context io(1);
    auto hashed = wait_for(io, hasher.hash(password->secret()));
    if (!hashed) return report(hashed.error());
    std::cout << *hashed << "\n";
    return success;
}

int check(const Invocation& invocation, const std::string& stored) {
    auto loaded = load(invocation);
    if (!loaded.settings) {
        print_problems(loaded.problems);
        return failure;
    }
    auto typed = read_secret("Password");
    if (!typed) return failure;
    password::formats::AnyHasher hasher(loaded.settings->password);
    asio::io_context io(1);
    auto verdict = wait_for(io, hasher.check(*typed, stored));
    if (!verdict) return report(verdict.error());
    bool right = *verdict == password::Verdict::right;
    std::cout << (right ? "The password is right.\n" : "The password is wrong.\n");
    return right ? success : failure;
}

int openapi() {
    asio::io_context io(1);
    auto document = wait_for(io, engine::describe_api());
    if (!document) return report(document.error());
    std::cout << *document << "\n";
    return success;
}

}  // namespace

void add_migrate(CLI::App& app, Invocation& invocation) {
    app.add_subcommand("migrate",
                       "Bring the database up to date; `serve` does the same at its start")
        ->callback(
            [&invocation] { invocation.action = [&invocation] { return migrate(invocation); }; });
}

void add_password(CLI::App& app, Invocation& invocation) {
    app.add_subcommand(
           "hash",
           "Hash a password as password.scheme says. It is read from the terminal or from "
           "standard input, never from an argument:\n  cardea hash < password.txt")
        ->callback(
            [&invocation] { invocation.action = [&invocation] { return hash(invocation); }; });
    auto* check_command = app.add_subcommand("check",
                                             "Check a password against a hash of any known format; "
                                             "exit code 0 when it is right, 84 when not:\n"
                                             "  cardea check '$2b$10$…' < password.txt");
    auto stored = std::make_shared<std::string>();
    check_command->add_option("HASH", *stored, "The stored hash, in single quotes")->required();
    check_command->callback([&invocation, stored] {
        invocation.action = [&invocation, stored] { return check(invocation, *stored); };
    });
}

void add_openapi(CLI::App& app, Invocation& invocation) {
    app.add_subcommand("openapi", "Print the OpenAPI 3.1 description of the HTTP interface")
        ->callback([&invocation] { invocation.action = openapi; });
}

void add_version(CLI::App& app, Invocation& invocation) {
    app.add_subcommand("version", "Print the version")->callback([&invocation] {
        invocation.action = [&invocation] {
            if (invocation.json) {
                print_json(schema::JsonObject{{"version", CARDEA_VERSION}});
            } else {
                std::cout << "cardea " CARDEA_VERSION "\n";
            }
            return success;
        };
    });
}

}  // namespace cardea::cli
