// cardea migrate, hash, check, openapi, version
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/engine/server.hpp"
#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/bcrypt_side.hpp"
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
    auto loaded = load_for_work(invocation, engine::Mode::records);
    if (!loaded) return failure;
    auto options = engine::sqlite_options(*loaded->settings);
    auto migrated = db::sqlite::migrate(options, db::migrations());
    if (!migrated) return report(invocation, migrated.error());
    auto text = migrated->from == migrated->to
                    ? fmt::format("Nothing to do: the database is at migration {}.", migrated->to)
                    : fmt::format("Migrated from {} to {}.", migrated->from, migrated->to);
    print_done(invocation.json, text, {{"from", migrated->from}, {"to", migrated->to}});
    return success;
}

int hash(const Invocation& invocation) {
    auto loaded = load(invocation);
    if (!loaded.settings) {
        print_problems(invocation, loaded.problems);
        return failure;
    }
    auto typed = read_secret("Password");
    if (!typed) return report(invocation, Error(password::too_short, "nothing on standard input"));
    auto password = password::Password::parse(typed->reveal());
    if (!password) return report(invocation, password.error());
    const auto& settings = loaded.settings->password;
    bool refused = settings.long_passwords == password::LongPasswords::refuse;
    if (refused && password->secret().size() > password::longest_password)
        return report(invocation, Error(password::too_long));
    password::formats::AnyHasher hashes(settings, sign_in::bcrypt_side(settings));
    asio::io_context io(1);
    auto hashed = wait_for(io, hashes.hash(password->secret()));
    if (!hashed) return report(invocation, hashed.error());
    print_done(invocation.json, *hashed, {{"hash", *hashed}});
    return success;
}

int check(const Invocation& invocation, const std::string& stored) {
    auto loaded = load(invocation);
    if (!loaded.settings) {
        print_problems(invocation, loaded.problems);
        return failure;
    }
    auto typed = read_secret("Password");
    if (!typed) return failure;
    const auto& settings = loaded.settings->password;
    password::formats::AnyHasher hashes(settings, sign_in::bcrypt_side(settings));
    asio::io_context io(1);
    auto verdict = wait_for(io, hashes.check(*typed, stored));
    if (!verdict) return report(invocation, verdict.error());
    bool right = *verdict == password::Verdict::right;
    print_done(invocation.json, right ? "The password is right." : "The password is wrong.",
               {{"right", right}});
    return right ? success : failure;
}

int openapi(const Invocation& invocation) {
    asio::io_context io(1);
    auto document = wait_for(io, engine::describe_api());
    if (!document) return report(invocation, document.error());
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
        ->callback(
            [&invocation] { invocation.action = [&invocation] { return openapi(invocation); }; });
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
