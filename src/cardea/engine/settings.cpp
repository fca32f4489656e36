#include "cardea/engine/settings.hpp"

#include "cardea/crypto/keyring.hpp"

namespace cardea::engine {

namespace {

using Problems = std::vector<schema::SettingProblem>;

void need_public_url(const Settings& settings, Problems& problems) {
    const auto& url = settings.server.public_url;
    if (!url) {
        problems.push_back({"config.toml", "Server_configuration.public_url", "nothing",
                            "the origin that people and providers see, such as "
                            "https://login.example.com",
                            ""});
        return;
    }
    bool plain = !url->is_https() && !url->is_loopback();
    if (plain && !settings.server.insecure_plain_http) {
        problems.push_back(
            {"config.toml", "Server_configuration.public_url", url->text(),
             "an https address (or insecure_plain_http = true, which lets anyone on the "
             "way read passwords and sessions)",
             ""});
    }
    if (url->path() != "/" || url->has_query() || url->has_fragment()) {
        problems.push_back({"config.toml", "Server_configuration.public_url", url->text(),
                            "an origin alone: scheme, host and port, without a path", ""});
    }
}

void need_protected_listener(const Settings& settings, Mode mode, Problems& problems) {
    const auto& server = settings.server;
    bool loopback = http::is_loopback_host(server.host) || server.host == "::1";
    if (mode == Mode::development && !loopback) {
        problems.push_back({"config.toml", "Server_configuration.host", server.host,
                            "127.0.0.1: development mode serves this machine alone", ""});
    }
    if (server.certificate_file.empty() != server.key_file.empty()) {
        problems.push_back({"config.toml", "Server_configuration.certificate_file",
                            "one of the two", "certificate_file and key_file together", ""});
    }
    bool plain = server.certificate_file.empty();
    if (mode == Mode::production && !loopback && plain && !server.insecure_plain_http) {
        problems.push_back(
            {"config.toml", "Server_configuration.host", server.host,
             "a loopback address, or certificate_file and key_file, or "
             "insecure_plain_http = true when a proxy on the same network speaks TLS",
             ""});
    }
}

void need_key(const schema::Environment& environment, Problems& problems) {
    auto key = environment.take("SECRET_KEY");
    if (!key) {
        problems.push_back(
            {"environment", "SECRET_KEY", key.error().detail(), "a usable variable", ""});
        return;
    }
    std::string advice =
        "the line that `cardea settings new-secret` prints, in .env or the environment";
    if (!*key) {
        problems.push_back({"environment", "SECRET_KEY", "nothing", advice, ""});
        return;
    }
    crypto::SystemRandom random;
    auto ring = crypto::Keyring::from_secrets({(*key)->value}, random);
    if (!ring) {
        problems.push_back(
            {(*key)->origin, "SECRET_KEY", "a weak key: " + ring.error().detail(), advice, ""});
    }
}

void need_policy(const Settings& settings, Problems& problems) {
    auto policy = open_policy(settings);
    if (policy) return;
    for (const auto& field : policy.error().fields())
        problems.push_back({"config.toml", field.field, field.reason, field.text, ""});
}

}  // namespace

log::Settings log_settings(const Settings& settings) {
    log::Settings log;
    log.level = settings.server.debug_mode.debug ? log::Level::debug : settings.log.level;
    log.file = settings.log.file;
    log.format = settings.log.format == LogFormat::json ? "json" : "text";
    return log;
}

Result<password::Policy> open_policy(const Settings& settings) {
    std::vector<std::string> service{"cardea"};
    if (settings.server.public_url) service.emplace_back(settings.server.public_url->host());
    return password::Policy::open(settings.password, service);
}

std::string sqlite_path(const SecretText& url) {
    std::string_view text = url.reveal();
    constexpr std::string_view scheme = "sqlite:";
    if (!text.starts_with(scheme)) return {};
    text.remove_prefix(scheme.size());
    if (text.starts_with("//")) text.remove_prefix(2);
    return std::string(text);
}

Problems check_start(const Settings& settings, const schema::Environment& environment, Mode mode) {
    Problems problems;
    if (mode == Mode::production) need_public_url(settings, problems);
    need_protected_listener(settings, mode, problems);
    need_key(environment, problems);
    need_policy(settings, problems);
    if (sqlite_path(settings.database.url).empty()) {
        problems.push_back({"config.toml", "Database.url", "another kind of address",
                            "sqlite: and the path of a file, such as sqlite:data/cardea.db", ""});
    }
    auto loopback = mode == Mode::development ? oauth::Loopback::allowed : oauth::Loopback::refused;
    auto providers = provider::check_settings(settings.oauth, loopback);
    if (!providers) {
        for (const auto& field : providers.error().fields()) {
            problems.push_back({"config.toml", field.field, field.reason, field.text, ""});
        }
    }
    return problems;
}

}  // namespace cardea::engine
