// cardea settings check | show | reference | new-secret
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/base/encoding.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

/// Both lists as one document; the problems decide.
void print_verdict(const std::vector<schema::SettingProblem>& problems,
                   const std::vector<schema::SettingProblem>& warnings) {
    print_json(schema::JsonObject{{"fine", problems.empty()},
                                  {"problems", json_of(problems)},
                                  {"warnings", json_of(warnings)}});
}

int check(Invocation invocation, engine::Mode mode) {
    LoadOptions options;
    if (mode == engine::Mode::development) options = for_development(invocation, "data");
    auto loaded = load(invocation, std::move(options));
    loaded.check(mode);
    std::vector<schema::SettingProblem> warnings;
    if (loaded.readable) warnings = engine::weak_settings(*loaded.readable, loaded.context(mode));
    bool fine = loaded.problems.empty();
    if (invocation.json) {
        print_verdict(loaded.problems, warnings);
        return fine ? success : failure;
    }
    print_problems(invocation, loaded.problems);
    for (const auto& warning : warnings) std::cerr << "cardea: warning: " << warning.text() << "\n";
    if (fine) std::cout << "The settings are fine.\n";
    return fine ? success : failure;
}

int show(const Invocation& invocation) {
    auto loaded = load(invocation);
    if (!loaded.settings) {
        print_problems(invocation, loaded.problems);
        return failure;
    }
    auto shown = schema::settings_show(*loaded.settings, loaded.origins);
    if (invocation.json) {
        print_json(schema::to_json(shown));
    } else {
        std::cout << schema::settings_text(shown);
    }
    return success;
}

int new_secret() {
    crypto::SystemRandom random;
    std::cout << "SECRET_KEY=" << to_base64url(random.bytes(32)) << "\n";
    return success;
}

}  // namespace

void add_settings(CLI::App& app, Invocation& invocation) {
    auto* settings = app.add_subcommand("settings", "Check and explain the settings");
    settings->require_subcommand(1);
    auto* check_command =
        settings->add_subcommand("check", "Say everything that keeps the server from starting");
    auto development = std::make_shared<bool>(false);
    check_command->add_flag("--dev", *development, "Check for development mode");
    check_command->callback([&invocation, development] {
        auto mode = *development ? engine::Mode::development : engine::Mode::production;
        invocation.action = [&invocation, mode] { return check(invocation, mode); };
    });
    settings
        ->add_subcommand("show", "Print every value and where it comes from; secrets are masked")
        ->callback(
            [&invocation] { invocation.action = [&invocation] { return show(invocation); }; });
    settings->add_subcommand("reference", "Print a config.toml with every setting explained")
        ->callback([&invocation] {
            invocation.action = [] {
                std::cout << schema::settings_reference<engine::Settings>();
                return success;
            };
        });
    settings
        ->add_subcommand(
            "new-secret",
            "Print a fresh SECRET_KEY line, for .env:\n  cardea settings new-secret >> .env")
        ->callback([&invocation] { invocation.action = new_secret; });
}

}  // namespace cardea::cli
