// Example 7 of the original document: load the configuration.
//
// ENV is the process environment with `.env` below it, TOML_CONF is `config.toml`. Run it in a
// folder that has both; without a `config.toml` it shows the defaults.
#include <fmt/format.h>

#include <cstdio>

#include "cardea/embed/configuration.hpp"

namespace {

constexpr int error = 84;

int complain(const cardea::Error& problem) {
    fmt::print(stderr, "{} {}\n", problem.reason().text, problem.detail());
    return error;
}

cardea::Result<cardea::TomlConfiguration> load_toml() {
    if (std::filesystem::exists("config.toml")) return cardea::TomlConfiguration::load();
    return cardea::TomlConfiguration::parse("");
}

}  // namespace

int main() {
    auto environment = cardea::load_environment();
    if (!environment) return complain(environment.error());
    auto toml = load_toml();
    if (!toml) return complain(toml.error());

    auto database_url = cardea::get_environment_variable(*environment, "DATABASE_URL");
    if (!database_url) return complain(database_url.error());
    auto host = cardea::get_toml_variable(*toml, "Server_configuration", "host", "0.0.0.0");
    if (!host) return complain(host.error());
    auto port = cardea::get_toml_variable(*toml, "Server_configuration", "port", 5000);
    if (!port) return complain(port.error());
    auto debug =
        cardea::get_toml_variable(*toml, "Server_configuration.debug_mode", "debug", false);
    if (!debug) return complain(debug.error());

    // The URL may hold a password: say that it is there, not what it is.
    fmt::print("DATABASE_URL has {} characters\n", database_url->size());
    fmt::print("listening on {}:{}{}\n", *host, *port, *debug ? ", with debug" : "");
}
