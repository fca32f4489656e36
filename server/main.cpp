// The program `cardea`: parse, build, run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/schema/shape.hpp"
#include "server/cli/command.hpp"

namespace {

bool takes_a_value(const CLI::App& app, const std::string& word) {
    if (word.find('=') != word.npos) return false;
    const auto* option = app.get_option_no_throw(word);
    return option != nullptr && option->get_items_expected_max() > 0;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const auto* command : commands) names.push_back(command->get_name());
    return names;
}

/// CLI11 says that a command is missing where one is mistyped. Empty when none is.
std::string mistyped_command(const CLI::App& root, int argc, char** argv) {
    const CLI::App* app = &root;
    for (int i = 1; i < argc; ++i) {
        std::string word = argv[i];
        if (word.starts_with('-')) {
            if (takes_a_value(root, word)) ++i;
            continue;
        }
        if (app->get_require_subcommand_min() == 0) return {};
        auto commands = app->get_subcommands([](const CLI::App*) { return true; });
        auto command = std::ranges::find(commands, word, &CLI::App::get_name);
        if (command == commands.end()) {
            auto nearest = cardea::schema::nearest(word, names_of(commands));
            return "There is no command `" + word + "`" +
                   (nearest ? "; did you mean `" + *nearest + "`?" : ".");
        }
        app = *command;
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    using namespace cardea::cli;
    cardea::db::sqlite::keep_memory_simple();
    CLI::App app("cardea signs people in and keeps their provider tokens fresh.", "cardea");
    app.require_subcommand(1);
    app.footer(
        "`cardea COMMAND --help` explains a command with examples.\n"
        "Start here: cardea serve --dev");
    Invocation invocation;
    add_global_options(app, invocation);
    add_serve(app, invocation);
    add_migrate(app, invocation);
    add_account(app, invocation);
    add_provider(app, invocation);
    add_connection(app, invocation);
    add_key(app, invocation);
    add_job(app, invocation);
    add_password(app, invocation);
    add_password_filter(app, invocation);
    add_password_calibrate(app, invocation);
    add_settings(app, invocation);
    add_openapi(app, invocation);
    add_emulate(app, invocation);
    add_explain(app, invocation);
    add_version(app, invocation);
    try {
        app.parse(argc, argv);
        return invocation.action();
    } catch (const CLI::ParseError& e) {
        auto mistyped = mistyped_command(app, argc, argv);
        if (e.get_exit_code() != 0 && !mistyped.empty()) {
            std::fprintf(stderr, "cardea: %s\n`cardea --help` lists them all.\n", mistyped.c_str());
            return failure;
        }
        return app.exit(e) == 0 ? success : failure;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "cardea: %s\n", e.what());
        return failure;
    }
}
