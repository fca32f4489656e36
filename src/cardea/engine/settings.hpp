// Every setting of the program: one struct composed of every module's.
#pragma once

#include <string>
#include <vector>

#include "cardea/base/log.hpp"
#include "cardea/http/gates.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/jobs/settings.hpp"
#include "cardea/lifecycle/settings.hpp"
#include "cardea/password/policy/policy.hpp"
#include "cardea/password/settings.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/schema/environment.hpp"
#include "cardea/schema/settings.hpp"
#include "cardea/session/settings.hpp"
#include "cardea/sign_in/settings.hpp"
#include "cardea/throttle/throttle.hpp"
#include "cardea/vault/settings.hpp"

namespace cardea::log {
BOOST_DESCRIBE_ENUM(Level, debug, info, warn, error)
}  // namespace cardea::log

namespace cardea::engine {

struct DebugMode {
    bool debug = false;
};
DESCRIBED(DebugMode, (debug, "Log at level debug, whatever [log] says."))

struct ServerConfiguration {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::optional<http::Url> public_url;
    std::vector<http::Url> return_origins;
    std::string certificate_file;
    std::string key_file;
    bool insecure_plain_http = false;
    DebugMode debug_mode;
};
DESCRIBED(
    ServerConfiguration, (host, "Address to listen on: an IPv4 or IPv6 address."),
    (port, "TCP port; 0 takes a free one."),
    (public_url,
     "The origin that people and providers see, such as https://login.example.com. Needed outside "
     "development mode.",
     schema::environment("PUBLIC_URL")),
    (return_origins, "Other origins that a sign-in may return to.", schema::may_be_missing()),
    (certificate_file, "PEM file with the certificate chain; with key_file, TLS is spoken."),
    (key_file, "PEM file with the certificate's private key."),
    (insecure_plain_http,
     "Listen beyond loopback without TLS, because a proxy in front of this server speaks it."),
    (debug_mode, "Debug flags."))

struct Database {
    SecretText url{"sqlite:data/cardea.db"};
    std::int64_t group_limit = 64;
    Seconds busy_timeout = 5s;
};
DESCRIBED(Database,
          (url, "Where data is kept: sqlite: and a path. The folder must exist.",
           schema::environment("DATABASE_URL")),
          (group_limit, "Transactions that share one commit at most.", schema::between(1, 1024)),
          (busy_timeout, "How long to wait for another process's lock.", schema::between(0s, 600s)))

enum class LogFormat { text, json };
BOOST_DESCRIBE_ENUM(LogFormat, text, json)

/// Section `[log]`.
struct Log {
    log::Level level = log::Level::info;
    std::string file;
    LogFormat format = LogFormat::text;
};
DESCRIBED(Log, (level, "The least level that is written."),
          (file, "Path of the log file; empty: standard error."),
          (format, "text is key=value, one event a line."))

/// The sections of the original document keep their names; every other module has a lower-case one.
struct Settings {
    ServerConfiguration server;
    Database database;
    jobs::Settings crons;
    provider::Settings oauth;
    http::ServerSettings http;
    http::GateSettings gates;
    http::CorsSettings cors;
    session::Settings session;
    sign_in::Settings sign_in;
    password::Settings password;
    throttle::Settings throttle;
    vault::Settings vault;
    lifecycle::Settings lifecycle;
    Log log;
};
DESCRIBED(Settings,
          (server, "Where the server listens and what it is called.",
           schema::named("Server_configuration")),
          (database, "Where data is kept.", schema::named("Database")),
          (crons, "Work that is done again and again.", schema::named("Crons")),
          (oauth, "Providers; each [OAuth.providers.NAME] lies over the catalogue.",
           schema::named("OAuth")),
          (http, "What a connection may cost."), (gates, "Which hosts and proxies are trusted."),
          (cors, "Which other origins' pages may call."), (session, "How long a sign-in lasts."),
          (sign_in, "Who may open an account, and how."), (password, "Password hashing."),
          (throttle, "How often one may try."), (vault, "The providers' tokens."),
          (lifecycle, "How the server stops."), (log, "The log."))

/// Development mode serves loopback alone, makes its own key and has a provider built in. `records`
/// is for commands that work on what is stored: they do not listen, so the rules for the listener
/// and its origin do not matter to them.
enum class Mode { production, development, records };

/// What a start is checked against besides the settings themselves.
struct StartContext {
    Mode mode = Mode::production;
    const schema::Environment& environment;
    const schema::SettingOrigins& origins;
    /// Named for a setting that nothing set, and for a variable that is missing.
    std::string config_file = "config.toml";
    std::string environment_file = ".env";
};

/// What no single setting can say: rules between settings. All at once; empty when the server may
/// start.
std::vector<schema::SettingProblem> check_start(const Settings& settings,
                                                const StartContext& context);
/// The rules for the environment alone: a key of real strength.
std::vector<schema::SettingProblem> check_environment(const StartContext& context);
/// What is allowed and still weakens the server: worth a warning at every start.
std::vector<schema::SettingProblem> weak_settings(const Settings& settings,
                                                  const StartContext& context);

/// What the log is opened with, at the start and again on SIGHUP.
log::Settings log_settings(const Settings& settings);

/// What a new password must be, with the words that everybody knows of this service: `cardea` and
/// the host of public_url. Fails with `password.policy_unusable`.
Result<password::Policy> open_policy(const Settings& settings);

/// The path of `sqlite:path` (also `sqlite://path`); empty for anything else.
std::string sqlite_path(const SecretText& url);

}  // namespace cardea::engine
