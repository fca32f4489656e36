// The program `cardea`: parse, build, run.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "server/cli/command.hpp"

int main(int argc, char** argv) {
    using namespace cardea::cli;
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
    add_password_calibrate(app, invocation);
    add_settings(app, invocation);
    add_openapi(app, invocation);
    add_version(app, invocation);
    try {
        app.parse(argc, argv);
        return invocation.action();
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? success : failure;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "cardea: %s\n", e.what());
        return failure;
    }
}
