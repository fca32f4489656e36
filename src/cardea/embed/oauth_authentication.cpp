#include "cardea/embed/oauth_authentication.hpp"

#include <stdexcept>

#include "cardea/embed/engine_thread.hpp"
#include "cardea/embed/oauth_calls.hpp"
#include "cardea/embed/oauth_settings.hpp"
#include "cardea/http/parameters.hpp"

namespace cardea {
namespace {

using embed::EngineThread;
using embed::Work;
using Thread = std::shared_ptr<EngineThread>;

Result<TomlConfiguration> load_toml() {
    std::error_code error;
    if (std::filesystem::exists("config.toml", error)) return TomlConfiguration::load();
    return TomlConfiguration::parse("");
}

Result<Thread> start(const TomlConfiguration& toml, const Environment& environment,
                     const OAuthAuthentication::Options& options) {
    auto read = embed::read_settings(toml, environment, options);
    if (!read) return std::unexpected(Error(read.error()).with_status(options.error));
    return EngineThread::start(std::move(read->settings), std::move(read->core), options);
}

Result<Thread> start(const OAuthAuthentication::Options& options) {
    auto environment = load_environment();
    if (!environment) return std::unexpected(environment.error());
    auto toml = load_toml();
    if (!toml) return std::unexpected(toml.error());
    return start(*toml, *environment, options);
}

Thread or_throw(Result<Thread> started) {
    if (started) return std::move(*started);
    const Error& error = started.error();
    throw std::runtime_error(fmt::format("{} {}", error.reason().text, error.detail()));
}

/// The query that the parameters came in.
SecretText query_of(const SecretText& code, const std::string& state, const std::string& iss) {
    http::Parameters query{{"code", code.reveal()}, {"state", state}};
    if (!iss.empty()) query.add("iss", iss);
    return SecretText(query.encode());
}

Work<AuthorizationUrl> begin(std::string provider, SecretText binding) {
    return [provider = std::move(provider), binding = std::move(binding)](engine::Core& core) {
        return embed::begin(core, provider, binding);
    };
}

Work<ExchangedTokens> exchange(std::string provider, SecretText query, SecretText binding) {
    return [provider = std::move(provider), query = std::move(query), binding = std::move(binding)](
               engine::Core& core) { return embed::exchange(core, provider, query, binding); };
}

Work<oauth::TokenSet> refresh(std::string provider, SecretText refresh_token,
                              std::optional<SecretText> dpop_key) {
    return [provider = std::move(provider), refresh_token = std::move(refresh_token),
            dpop_key = std::move(dpop_key)](engine::Core& core) {
        return embed::refresh(core, provider, refresh_token, dpop_key);
    };
}

Work<oauth::Profile> user_info(std::string provider, SecretText access_token,
                               std::optional<SecretText> dpop_key) {
    return [provider = std::move(provider), access_token = std::move(access_token),
            dpop_key = std::move(dpop_key)](engine::Core& core) {
        return embed::user_info(core, provider, access_token, dpop_key);
    };
}

Work<std::size_t> renew() {
    return [](engine::Core& core) { return core.vault().renew_due(); };
}

Work<void> link(std::string connection, std::string account) {
    return [connection = std::move(connection), account = std::move(account)](engine::Core& core) {
        return embed::link(core, connection, account);
    };
}

Work<vault::AccessToken> fresh(std::string connection) {
    return [connection = std::move(connection)](engine::Core& core) {
        return core.vault().fresh_token(connection);
    };
}

Work<vault::AccessToken> fresh_companion(std::string connection, std::string companion) {
    return [connection = std::move(connection), companion = std::move(companion)](
               engine::Core& core) { return core.vault().companion_token(connection, companion); };
}

/// Blocks; holds the thread's parts even when the object goes meanwhile.
template <class T>
Result<T> ask(Thread thread, std::string_view event, Work<T> work) {
    return thread->ask(event, std::move(work));
}

constexpr std::string_view url_event = "oauth.generate_oauth_authorization_url";
constexpr std::string_view exchange_event = "oauth.exchange_code_for_token";
constexpr std::string_view refresh_event = "oauth.refresh_oauth_token";
constexpr std::string_view user_info_event = "oauth.get_user_info_from_provider";
constexpr std::string_view renew_event = "oauth.renew_oaths";
constexpr std::string_view link_event = "oauth.link_connection";
constexpr std::string_view fresh_event = "oauth.fresh_token";
constexpr std::string_view companion_event = "oauth.companion_token";

}  // namespace

OAuthAuthentication::OAuthAuthentication(Options options)
    : OAuthAuthentication(or_throw(start(options)), options) {}

OAuthAuthentication::OAuthAuthentication(const TomlConfiguration& toml,
                                         const Environment& environment, Options options)
    : OAuthAuthentication(or_throw(start(toml, environment, options)), options) {}

OAuthAuthentication::OAuthAuthentication(std::shared_ptr<EngineThread> thread, Options options)
    : options_(options), thread_(std::move(thread)) {}

OAuthAuthentication::~OAuthAuthentication() {
    thread_->stop();
}

Result<std::unique_ptr<OAuthAuthentication>> OAuthAuthentication::open(
    const TomlConfiguration& toml, const Environment& environment, Options options) {
    auto thread = start(toml, environment, options);
    if (!thread) return std::unexpected(thread.error());
    return std::unique_ptr<OAuthAuthentication>(
        new OAuthAuthentication(std::move(*thread), options));
}

Result<AuthorizationUrl> OAuthAuthentication::generate_oauth_authorization_url(std::string provider,
                                                                               SecretText binding) {
    return ask(thread_, url_event, begin(std::move(provider), std::move(binding)));
}
Task<AuthorizationUrl> OAuthAuthentication::async_generate_oauth_authorization_url(
    std::string provider, SecretText binding) {
    return EngineThread::async(thread_, url_event, begin(std::move(provider), std::move(binding)));
}

Result<ExchangedTokens> OAuthAuthentication::exchange_code_for_token(
    std::string provider, SecretText code, std::string state, SecretText binding, std::string iss) {
    auto query = query_of(code, state, iss);
    return ask(thread_, exchange_event,
               exchange(std::move(provider), std::move(query), std::move(binding)));
}
Task<ExchangedTokens> OAuthAuthentication::async_exchange_code_for_token(
    std::string provider, SecretText code, std::string state, SecretText binding, std::string iss) {
    auto query = query_of(code, state, iss);
    return EngineThread::async(thread_, exchange_event,
                               exchange(std::move(provider), std::move(query), std::move(binding)));
}

Result<ExchangedTokens> OAuthAuthentication::exchange_callback(std::string provider,
                                                               std::string query,
                                                               SecretText binding) {
    SecretText secret(std::move(query));
    return ask(thread_, exchange_event,
               exchange(std::move(provider), std::move(secret), std::move(binding)));
}
Task<ExchangedTokens> OAuthAuthentication::async_exchange_callback(std::string provider,
                                                                   std::string query,
                                                                   SecretText binding) {
    SecretText secret(std::move(query));
    return EngineThread::async(
        thread_, exchange_event,
        exchange(std::move(provider), std::move(secret), std::move(binding)));
}

Result<oauth::TokenSet> OAuthAuthentication::refresh_oauth_token(
    std::string provider, SecretText refresh_token, std::optional<SecretText> dpop_key) {
    return ask(thread_, refresh_event,
               refresh(std::move(provider), std::move(refresh_token), std::move(dpop_key)));
}
Task<oauth::TokenSet> OAuthAuthentication::async_refresh_oauth_token(
    std::string provider, SecretText refresh_token, std::optional<SecretText> dpop_key) {
    return EngineThread::async(
        thread_, refresh_event,
        refresh(std::move(provider), std::move(refresh_token), std::move(dpop_key)));
}

Result<oauth::Profile> OAuthAuthentication::get_user_info_from_provider(
    std::string provider, SecretText access_token, std::optional<SecretText> dpop_key) {
    return ask(thread_, user_info_event,
               user_info(std::move(provider), std::move(access_token), std::move(dpop_key)));
}
Task<oauth::Profile> OAuthAuthentication::async_get_user_info_from_provider(
    std::string provider, SecretText access_token, std::optional<SecretText> dpop_key) {
    return EngineThread::async(
        thread_, user_info_event,
        user_info(std::move(provider), std::move(access_token), std::move(dpop_key)));
}

Result<std::size_t> OAuthAuthentication::renew_oaths() {
    return ask(thread_, renew_event, renew());
}
Task<std::size_t> OAuthAuthentication::async_renew_oaths() {
    return EngineThread::async(thread_, renew_event, renew());
}

Result<void> OAuthAuthentication::link_connection(std::string connection, std::string account) {
    return ask(thread_, link_event, link(std::move(connection), std::move(account)));
}
Task<void> OAuthAuthentication::async_link_connection(std::string connection, std::string account) {
    return EngineThread::async(thread_, link_event,
                               link(std::move(connection), std::move(account)));
}

Result<vault::AccessToken> OAuthAuthentication::fresh_token(std::string connection) {
    return ask(thread_, fresh_event, fresh(std::move(connection)));
}
Task<vault::AccessToken> OAuthAuthentication::async_fresh_token(std::string connection) {
    return EngineThread::async(thread_, fresh_event, fresh(std::move(connection)));
}

Result<vault::AccessToken> OAuthAuthentication::companion_token(std::string connection,
                                                                std::string companion) {
    return ask(thread_, companion_event,
               fresh_companion(std::move(connection), std::move(companion)));
}
Task<vault::AccessToken> OAuthAuthentication::async_companion_token(std::string connection,
                                                                    std::string companion) {
    return EngineThread::async(thread_, companion_event,
                               fresh_companion(std::move(connection), std::move(companion)));
}

Result<void> OAuthAuthentication::inject_crons() {
    Thread thread = thread_;
    return thread->start_jobs();
}

}  // namespace cardea
