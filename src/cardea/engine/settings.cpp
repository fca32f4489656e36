#include "cardea/engine/settings.hpp"

#include "cardea/crypto/keyring.hpp"

namespace cardea::engine {

namespace {

using Problems = std::vector<schema::SettingProblem>;

/// Collects problems, each with the place that set its key.
class Findings {
  public:
    explicit Findings(const StartContext& context) : context_(context) {}

    void add(std::string key, std::string found, std::string expected) {
        auto origin = schema::origin_of(context_.origins, key);
        if (origin.empty()) origin = context_.config_file;
        problems_.push_back(
            {std::move(origin), std::move(key), std::move(found), std::move(expected), ""});
    }
    Problems take() { return std::move(problems_); }

  private:
    const StartContext& context_;
    Problems problems_;
};

void need_public_url(const Settings& settings, Findings& findings) {
    const std::string key = "Server_configuration.public_url";
    const auto& url = settings.server.public_url;
    if (!url) {
        findings.add(key, "nothing",
                     "the origin that people and providers see, such as https://login.example.com");
        return;
    }
    bool plain = !url->is_https() && !url->is_loopback();
    if (plain && !settings.server.insecure_plain_http) {
        findings.add(key, url->text(),
                     "an https address (or insecure_plain_http = true, which lets anyone on the "
                     "way read passwords and sessions)");
    }
    if (url->path() != "/" || url->has_query() || url->has_fragment())
        findings.add(key, url->text(), "an origin alone: scheme, host and port, without a path");
}

void need_protected_listener(const Settings& settings, Mode mode, Findings& findings) {
    const auto& server = settings.server;
    bool loopback = http::is_loopback_host(server.host) || server.host == "::1";
    if (mode == Mode::development && !loopback) {
        findings.add("Server_configuration.host", server.host,
                     "127.0.0.1: development mode serves this machine alone");
    }
    if (server.certificate_file.empty() != server.key_file.empty()) {
        findings.add("Server_configuration.certificate_file", "one of the two",
                     "certificate_file and key_file together");
    }
    bool plain = server.certificate_file.empty();
    if (mode == Mode::production && !loopback && plain && !server.insecure_plain_http) {
        findings.add("Server_configuration.host", server.host,
                     "a loopback address, or certificate_file and key_file, or "
                     "insecure_plain_http = true when a proxy on the same network speaks TLS");
    }
}

void need_key(const StartContext& context, Problems& problems) {
    auto key = context.environment.take("SECRET_KEY");
    if (!key) {
        problems.push_back(
            {"environment", "SECRET_KEY", key.error().detail(), "a usable variable", ""});
        return;
    }
    std::string advice =
        "the line that `cardea settings new-secret` prints, in .env or the environment; or, where "
        "data is stored already, the key that it was made with";
    if (!*key) {
        problems.push_back({"environment", "SECRET_KEY",
                            "nothing, and nothing in " + context.environment_file, advice, ""});
        return;
    }
    if (auto weak = crypto::weakness((*key)->value.reveal())) {
        problems.push_back({(*key)->origin, "SECRET_KEY", "a weak key: " + *weak, advice, ""});
    }
}

void check_previous_key(const StartContext& context, Problems& problems) {
    auto key = context.environment.take("SECRET_KEY_PREVIOUS");
    if (!key) {
        problems.push_back(
            {"environment", "SECRET_KEY_PREVIOUS", key.error().detail(), "a usable variable", ""});
        return;
    }
    if (!*key) return;
    if (auto weak = crypto::weakness((*key)->value.reveal())) {
        problems.push_back({(*key)->origin, "SECRET_KEY_PREVIOUS", "a weak key: " + *weak,
                            "the SECRET_KEY that was there before", ""});
    }
}

void check_providers(const Settings& settings, Mode mode, Findings& findings) {
    bool strict = mode == Mode::production;
    auto loopback = strict ? oauth::Loopback::refused : oauth::Loopback::allowed;
    auto checked = provider::check_settings(settings.oauth, loopback);
    if (checked) return;
    for (const auto& field : checked.error().fields())
        findings.add(field.field, field.reason, field.text);
}

/// What OWASP asks of bcrypt.
constexpr int least_cost = 10;

void need_policy(const Settings& settings, Findings& findings) {
    auto policy = open_policy(settings);
    if (policy) return;
    for (const auto& field : policy.error().fields())
        findings.add(field.field, field.reason, field.text);
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

Problems check_start(const Settings& settings, const StartContext& context) {
    Findings findings(context);
    if (context.mode == Mode::production) need_public_url(settings, findings);
    if (context.mode != Mode::records) need_protected_listener(settings, context.mode, findings);
    need_policy(settings, findings);
    if (sqlite_path(settings.database.url).empty()) {
        findings.add("Database.url", "another kind of address",
                     "sqlite: and the path of a file, such as sqlite:data/cardea.db");
    }
    check_providers(settings, context.mode, findings);
    return findings.take();
}

Problems check_environment(const StartContext& context) {
    Problems problems;
    need_key(context, problems);
    check_previous_key(context, problems);
    return problems;
}

Problems weak_settings(const Settings& settings, const StartContext& context) {
    Findings findings(context);
    if (settings.server.insecure_plain_http) {
        findings.add("Server_configuration.insecure_plain_http", "true",
                     "false: without TLS anyone on the way reads passwords and sessions");
    }
    if (settings.password.cost < least_cost) {
        findings.add("password.cost", std::to_string(settings.password.cost),
                     fmt::format("{} or more: stolen hashes are guessed too fast", least_cost));
    }
    if (!settings.throttle.enabled) {
        findings.add("throttle.enabled", "false", "true: without it passwords can be guessed");
    }
    return findings.take();
}

}  // namespace cardea::engine
