#include "cardea/embed/oauth_settings.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/url.hpp"
#include "cardea/schema/settings.hpp"

namespace cardea::embed {
namespace {

using Problems = std::vector<schema::SettingProblem>;
using Loaded = schema::LoadedSettings<engine::Settings>;

bool is_safe(const http::Url& url) {
    return url.is_https() || url.is_loopback();
}

/// REDIRECT_URI as it is for some provider; empty when it is not set.
Result<std::string> redirect_uri(const Environment& environment) {
    auto given = environment.take("REDIRECT_URI");
    if (!given) return std::unexpected(given.error());
    std::string text = *given ? (*given)->value.reveal() : std::string();
    constexpr std::string_view placeholder = "{provider}";
    if (auto at = text.find(placeholder); at != text.npos)
        text.replace(at, placeholder.size(), "provider");
    return text;
}

/// Providers send people back to it: without TLS anyone on the way reads the code.
void need_redirect_uri(const engine::Settings& settings, const Environment& environment,
                       Problems& problems) {
    constexpr const char* advice =
        "where providers send people back to, such as https://login.example.com/auth/callback";
    const auto& origin = settings.server.public_url;
    auto given = redirect_uri(environment);
    if (!given) {
        problems.push_back({"environment", "REDIRECT_URI", given.error().detail(), advice, ""});
    } else if (!given->empty()) {
        auto url = http::Url::parse(*given);
        if (!url || !is_safe(*url))
            problems.push_back({"environment", "REDIRECT_URI", "no https URL", advice, ""});
    } else if (!origin || !is_safe(*origin)) {
        problems.push_back({"settings", "Server_configuration.public_url", "no https URL",
                            "the origin that people see; or REDIRECT_URI, " + std::string(advice),
                            ""});
    }
}

void check_providers(const engine::Settings& settings, oauth::Loopback loopback,
                     Problems& problems) {
    auto checked = provider::check_settings(settings.oauth, loopback);
    if (checked) return;
    for (const auto& field : checked.error().fields())
        problems.push_back({"settings", field.field, field.reason, field.text, ""});
}

void add(Problems more, Problems& problems) {
    for (auto& problem : more) {
        auto is_same = [&problem](const auto& known) { return known.key == problem.key; };
        // A value that could not be read is not missing as well.
        if (std::ranges::none_of(problems, is_same)) problems.push_back(std::move(problem));
    }
}

Problems problems_of(const Loaded& loaded, const TomlConfiguration& toml,
                     const Environment& environment, oauth::Loopback loopback) {
    Problems problems = loaded.problems;
    engine::StartContext context{engine::Mode::records, environment, loaded.origins, toml.name()};
    add(engine::check_environment(context), problems);
    if (!loaded.readable) return problems;
    add(engine::check_start(*loaded.readable, context), problems);
    Problems ours;
    need_redirect_uri(*loaded.readable, environment, ours);
    check_providers(*loaded.readable, loopback, ours);
    add(std::move(ours), problems);
    return problems;
}

Error invalid(const Problems& problems) {
    std::vector<std::string> lines;
    std::vector<FieldError> fields;
    lines.reserve(problems.size());
    fields.reserve(problems.size());
    for (const auto& problem : problems) {
        lines.push_back(problem.text());
        fields.push_back({problem.key, "setting", problem.text()});
    }
    return Error(oauth_settings_invalid, join(lines, "; ")).with_fields(std::move(fields));
}

}  // namespace

Result<OAuthSettings> read_settings(const TomlConfiguration& toml, const Environment& environment,
                                    const OAuthAuthentication::Options& options) {
    schema::SettingSources sources;
    sources.toml = toml.text();
    sources.toml_name = toml.name();
    sources.environment = environment;
    auto loaded = schema::load_settings<engine::Settings>(sources);
    bool loopback = options.insecure_allow_loopback;
    auto problems = problems_of(loaded, toml, environment,
                                loopback ? oauth::Loopback::allowed : oauth::Loopback::refused);
    if (!problems.empty()) return std::unexpected(invalid(problems));
    engine::CoreOptions core;
    core.mode = loopback ? engine::Mode::development : engine::Mode::production;
    core.environment = environment;
    return OAuthSettings{std::move(*loaded.value), std::move(core)};
}

}  // namespace cardea::embed
