// cardea emulate: real providers, played on this machine, for tests.
#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>

#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"
#include "server/emulator/emulator_server.hpp"

namespace cardea::cli {

namespace {

constexpr std::uint16_t usual_port = 8190;

struct Emulate {
    std::uint16_t port = usual_port;
    std::string public_url = "http://127.0.0.1:8080";
    std::vector<std::string> redirect_uris;
    std::int64_t token_lifetime = 0;
};

void say_ready(const Invocation& invocation, const std::string& url, std::size_t providers) {
    if (invocation.json) {
        print_json(schema::JsonObject{{"url", url}});
        std::cout.flush();
        return;
    }
    std::cout << "\n  " << providers << " providers are played on " << url << "\n\n"
              << "  config.toml of a server in development mode:\n"
              << "      [OAuth]\n      emulator = \"" << url << "\"\n"
              << "  its .env, for one of them:\n      curl -s '" << url
              << "/-/env?provider=google' >> .env\n\n"
              << "  What else it does: " << url << "/-/  Ctrl-C stops it.\n"
              << std::endl;
}

int run(const Invocation& invocation, const Emulate& emulate) {
    SystemClock clock;
    crypto::SystemRandom random;
    asio::io_context io(1);
    emulator::EmulatorServer::Options options;
    options.port = emulate.port;
    options.emulator.redirect_uris = emulate.redirect_uris;
    options.emulator.redirect_uris.push_back(emulate.public_url + "/auth/callback/{provider}");
    if (emulate.token_lifetime > 0)
        options.emulator.token_lifetime = Seconds(emulate.token_lifetime);
    auto server =
        emulator::EmulatorServer::start(io.get_executor(), clock, random, std::move(options));
    if (!server) return report(invocation, server.error());
    say_ready(invocation, (*server)->url(), (*server)->emulator().names().size());
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](boost::system::error_code, int) { io.stop(); });
    io.run();
    return success;
}

}  // namespace

void add_emulate(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "emulate",
        "Plays every provider of the catalogue on this machine, for tests of your own:\n"
        "  cardea emulate --public-url http://127.0.0.1:8080");
    auto emulate = std::make_shared<Emulate>();
    command->add_option("--port", emulate->port, "Where it listens; 0 = a free port")
        ->capture_default_str();
    command
        ->add_option("--public-url", emulate->public_url,
                     "Of the server under test; its callbacks are registered")
        ->capture_default_str();
    command->add_option("--redirect-uri", emulate->redirect_uris,
                        "Registered as well; {provider} stands for the name");
    command
        ->add_option("--token-lifetime", emulate->token_lifetime,
                     "Seconds that access tokens live, to watch renewals; each provider's own "
                     "unless told")
        ->check(CLI::Range(1, 1'000'000));
    command->callback([&invocation, emulate] {
        invocation.action = [&invocation, emulate] { return run(invocation, *emulate); };
    });
}

}  // namespace cardea::cli
