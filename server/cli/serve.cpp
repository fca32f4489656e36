// cardea serve [--dev]
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cardea/base/encoding.hpp"
#include "cardea/base/log.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/engine/server.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"
#include "server/cli/port_holder.hpp"
#include "server/emulator/development_provider.hpp"

namespace cardea::cli {

namespace {

/// What is left in the background after the drain has had its time.
constexpr Milliseconds closing_limit = 1s;

/// What the development provider borrows.
struct Surroundings {
    SystemClock clock;
    crypto::SystemRandom random;
};

struct Serve {
    bool development = false;
    std::string data_folder = "data";
    std::string port;
    std::string host;
};

/// Development mode keeps everything in its data folder. `environment` is written where there is
/// none yet.
Result<void> prepare_data_folder(const std::string& folder,
                                 const std::optional<std::string>& environment) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(engine::database_unusable, folder + ": " + error.message());
    (void)chmod(folder.c_str(), S_IRWXU);
    if (!environment) return {};
    auto file = folder + "/.env";
    // The mode comes first: the key is never readable by others, not even for a moment.
    auto before = umask(S_IRWXG | S_IRWXO);
    std::ofstream stream(file, std::ios::binary);
    stream << *environment;
    stream.close();
    umask(before);
    if (!stream) return fail(engine::database_unusable, file + " cannot be written");
    return {};
}

std::vector<schema::SettingOverride> overrides_of(const Serve& serve) {
    std::vector<schema::SettingOverride> overrides;
    if (!serve.port.empty())
        overrides.push_back({"Server_configuration.port", serve.port, "--port"});
    if (!serve.host.empty())
        overrides.push_back({"Server_configuration.host", serve.host, "--host"});
    return overrides;
}

/// A free port, from the wanted one upwards, so that `serve --dev` works beside whatever runs
/// already.
std::uint16_t free_port(std::uint16_t wanted) {
    for (int port = wanted; port < wanted + 100 && port < 65536; ++port) {
        int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int on = 1;
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bool is_free = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        close(probe);
        if (is_free) return static_cast<std::uint16_t>(port);
        auto holder = holder_of_port(static_cast<std::uint16_t>(port));
        std::cerr << "Port " << port << " is taken by "
                  << (holder ? holder->text() : "another program") << "; trying the next one.\n";
    }
    return wanted;
}

/// The built-in provider as a row under [OAuth.providers.development].
schema::JsonObject row_of(const emulator::DevelopmentProvider& provider) {
    return {{"title", "Development provider"},
            {"issuer", provider.issuer()},
            {"client_id", provider.client_id()},
            {"client_secret", provider.client_secret().reveal()},
            {"scopes", schema::JsonArray{"openid", "email", "profile", "offline_access"}},
            {"profile", schema::JsonObject{{"email_trust", "claim"}}}};
}

/// Starts it on the port beside ours, where it was last time: its address is part of who people
/// are.
Result<std::unique_ptr<emulator::DevelopmentProvider>> start_provider(
    const asio::any_io_executor& executor, Surroundings& surroundings, engine::Settings& settings,
    const schema::Environment& environment) {
    emulator::DevelopmentProvider::Options options;
    options.port = static_cast<std::uint16_t>(settings.server.port + 1);
    auto key = environment.demand("SECRET_KEY");
    if (!key) return std::unexpected(key.error());
    auto digest = crypto::sha256("development provider\n" + key->reveal());
    options.secret = SecretText(to_base64url(digest));
    auto provider = emulator::DevelopmentProvider::start(executor, surroundings.clock,
                                                         surroundings.random, std::move(options));
    if (!provider) return provider;
    settings.oauth.providers["development"] = row_of(**provider);
    (*provider)->allow_redirect_uri(settings.server.public_url->origin() +
                                    "/auth/callback/development");
    return provider;
}

Task<void> serve_on(engine::Core& core) {
    engine::Server server(co_await asio::this_coro::executor, core);
    auto ready = [&core](std::uint16_t port) {
        auto url = core.public_url();
        log::info("server.listening", log::kv("port", port), log::kv("url", url));
        if (core.mode() == engine::Mode::production) return;
        std::cout << "\n  cardea is ready: open " << url << " in a browser. Ctrl-C stops it.\n"
                  << std::endl;
    };
    co_return co_await server.serve(std::move(ready));
}

Task<void> open_and_serve(engine::Settings settings, engine::CoreOptions options) {
    Surroundings surroundings;
    std::unique_ptr<emulator::DevelopmentProvider> provider;
    if (options.mode == engine::Mode::development) {
        auto executor = co_await asio::this_coro::executor;
        auto started = start_provider(executor, surroundings, settings, options.environment);
        if (!started) co_return std::unexpected(started.error());
        provider = std::move(*started);
    }
    auto core = co_await engine::Core::open(std::move(settings), std::move(options));
    if (!core) co_return std::unexpected(core.error());
    auto served = co_await serve_on(**core);
    auto closed = co_await (*core)->close(closing_limit);
    if (provider) (void)co_await provider->drain(1s);
    if (!served) co_return served;
    co_return closed;
}

/// What development mode decides: data in its folder, a free port, and without a public_url what it
/// listens on is what it is known as.
void settle_development(engine::Settings& settings, const Serve& serve,
                        const schema::SettingOrigins& origins) {
    auto& server = settings.server;
    bool has_database = origins.contains("Database.url");
    if (!has_database)
        settings.database.url = SecretText("sqlite:" + serve.data_folder + "/cardea.db");
    if (!origins.contains("Server_configuration.port")) server.port = free_port(server.port);
    if (server.public_url) return;
    auto url = http::Url::parse(fmt::format("http://{}:{}", server.host, server.port));
    if (url) server.public_url = *url;
}

/// A crash must not write keys and passwords to a file. The hard limit stays, so that whoever
/// hunts one may raise it again with prlimit(1).
void leave_no_core() {
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
}

/// Reads and checks; in development mode the data folder is made only when all is well.
std::optional<Loaded> load_to_serve(Invocation& invocation, const Serve& serve, engine::Mode mode) {
    LoadOptions options;
    options.overrides = overrides_of(serve);
    if (serve.development)
        options = for_development(invocation, serve.data_folder, std::move(options));
    auto environment = options.environment_text;
    auto loaded = load(invocation, std::move(options));
    loaded.check(mode);
    if (!loaded.problems.empty()) {
        print_problems(invocation, loaded.problems);
        return std::nullopt;
    }
    if (!serve.development) return loaded;
    auto prepared = prepare_data_folder(serve.data_folder, environment);
    if (prepared) return loaded;
    report(invocation, prepared.error());
    return std::nullopt;
}

void warn_of_weak_settings(const Loaded& loaded, engine::Mode mode) {
    for (const auto& weak : engine::weak_settings(*loaded.settings, loaded.context(mode))) {
        log::warn("settings.weak", log::kv("key", weak.key), log::kv("found", weak.found),
                  log::kv("better", weak.expected), log::kv("from", weak.source));
    }
}

/// Names the program in the way.
Error with_holder(const Error& error, std::uint16_t port) {
    if (!error.is(http::port_busy)) return error;
    auto holder = holder_of_port(port);
    return holder ? Error(http::port_busy, error.detail() + "; held by " + holder->text()) : error;
}

int run(Invocation invocation, Serve serve) {
    leave_no_core();
    auto mode = serve.development ? engine::Mode::development : engine::Mode::production;
    auto loaded = load_to_serve(invocation, serve, mode);
    if (!loaded) return failure;
    auto logging = log::open(engine::log_settings(*loaded->settings));
    if (!logging) return report(invocation, logging.error());
    warn_of_weak_settings(*loaded, mode);
    if (serve.development) settle_development(*loaded->settings, serve, loaded->origins);
    auto lock = db::sqlite::lock_data_file(engine::sqlite_path(loaded->settings->database.url));
    if (!lock) return report(invocation, lock.error());
    auto port = loaded->settings->server.port;
    asio::io_context io(1);
    std::optional<Result<void>> outcome;
    auto keep = [&outcome](std::exception_ptr thrown, Result<void> result) {
        if (thrown) std::rethrow_exception(thrown);
        outcome = std::move(result);
    };
    engine::CoreOptions options{mode, std::move(loaded->environment)};
    asio::co_spawn(io, open_and_serve(std::move(*loaded->settings), std::move(options)), keep);
    while (!outcome) io.run_one();
    log::flush();
    return *outcome ? success : report(invocation, with_holder(outcome->error(), port));
}

}  // namespace

void add_serve(CLI::App& app, Invocation& invocation) {
    auto serve = std::make_shared<Serve>();
    auto* command = app.add_subcommand(
        "serve",
        "Serve. Settings come from config.toml, .env and the environment; `cardea settings "
        "reference` explains them.\n  cardea serve --dev        try it on this machine\n"
        "  cardea settings check && cardea serve");
    command->add_flag(
        "--dev", serve->development,
        "Development mode: this machine only, data and a key in --data, a built-in provider");
    command->add_option("--data", serve->data_folder, "Folder for development mode's data")
        ->capture_default_str();
    command->add_option("--port", serve->port, "TCP port, over Server_configuration.port");
    command->add_option("--host", serve->host, "Address, over Server_configuration.host");
    command->callback([&invocation, serve] {
        invocation.action = [&invocation, serve] { return run(invocation, *serve); };
    });
}

}  // namespace cardea::cli
