// OAuthAuthentication of the original document: sign-in with providers and their tokens, for a
// program that has a server of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/embed/configuration.hpp"
#include "cardea/oauth/profile.hpp"
#include "cardea/oauth/token.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/vault/connection.hpp"

namespace cardea {

namespace embed {
class EngineThread;
}

/// The settings cannot be used; the detail and Error::fields() have every problem with its place.
inline constexpr Reason oauth_settings_invalid{
    Code::invalid, "embed.settings_invalid",
    "The settings for signing in with providers have problems."};
/// The OAuthAuthentication is being destroyed, or is gone.
inline constexpr Reason oauth_stopped{Code::unavailable, "embed.stopped",
                                      "This is shutting down. Try again in a moment."};

/// Where the browser goes, and what it keeps meanwhile.
struct AuthorizationUrl {
    std::string url;  ///< For Location; properly encoded.
    /// 43 characters of base64url: put it into a cookie (`HttpOnly`, `Secure`, `SameSite=Lax`, ten
    /// minutes; `SameSite=None` for a provider with `form_post`) and hand it back with the code.
    SecretText binding;
};

/// A sign-in at a provider that is proven. The tokens are sealed in the vault as well.
struct ExchangedTokens {
    std::string connection;              ///< Its id: for link_connection() and fresh_token().
    std::optional<std::string> account;  ///< The account that it is linked to already.
    oauth::TokenSet tokens;  ///< A refresh token that the answer left out is the kept one.
    oauth::Profile profile;  ///< Who signed in, by the verified ID token where there is one.
};

/// cardea's OAuth client in a program of one's own: the same engine, tables and settings as the
/// server `cardea`, which may run on the same database at the same time.
///
/// Any thread may call; a call blocks until its answer is there, mostly for a request to the
/// provider, 15 seconds at most for each. Everything is done on one thread of the object's own.
/// The `async_` forms are for Asio's coroutines: they begin when they are awaited, and wait on the
/// caller's executor, which must outlive the wait. A wait that is cancelled ends at once with
/// `deadline.passed`; what was asked for is then done for nobody.
///
/// Errors carry Options::error as their status(). Any call may fail with `embed.stopped` or with
/// what the database says. Those that ask a provider: `provider.unknown` (no such provider, or it
/// is not fully configured), `provider.failed` and `provider.timeout` (it is down or in trouble:
/// try again), `oauth.discovery_refused`, `oauth.client_rejected` (client id or secret are wrong).
///
/// Destroying it ends calls that wait in other threads with `embed.stopped`; it waits for a renewal
/// that a provider has been asked for already, because the answer may be the only copy of a token.
class OAuthAuthentication {
  public:
    struct Options {
        int success = 0;     ///< Kept for the application's own exit status.
        int error = 84;      ///< Error::status() of what fails here.
        bool debug = false;  ///< Logs each call, never a token, code or state.
        /// Providers on http://127.0.0.1 and the like: for trying things out on one machine.
        bool insecure_allow_loopback = false;
    };

    /// With `config.toml` and `.env` of the current folder, where they are, and the environment of
    /// the process, as the server reads them (docs/guides/settings.md): `SECRET_KEY`,
    /// `DATABASE_URL`, `REDIRECT_URI` or `public_url`, client id and secret of each provider.
    /// Opens the database and brings it up to date. Throws std::runtime_error for what open()
    /// fails with.
    OAuthAuthentication() : OAuthAuthentication(Options()) {}
    explicit OAuthAuthentication(Options options);
    /// With a configuration that the application has loaded.
    OAuthAuthentication(const TomlConfiguration& toml, const Environment& environment,
                        Options options);
    /// The same for those who want a start that fails as a value: `embed.settings_invalid`,
    /// `configuration.unreadable`, `engine.key_mismatch`, `engine.database_unusable`, or what the
    /// migration says.
    static Result<std::unique_ptr<OAuthAuthentication>> open(const TomlConfiguration& toml,
                                                             const Environment& environment,
                                                             Options options);
    ~OAuthAuthentication();
    OAuthAuthentication(const OAuthAuthentication&) = delete;
    OAuthAuthentication& operator=(const OAuthAuthentication&) = delete;

    /// Begins a sign-in. The state (`<uuid>:<provider>`, stored as a hash) serves once, within ten
    /// minutes, and in the browser that keeps `binding`. PKCE (S256) is used unless the provider's
    /// row says `forbidden` or `app_setting`, a nonce wherever there is an ID token to carry it.
    /// `binding`: what this browser has from an earlier begin, if anything, so that two tabs can
    /// sign in side by side. Where the provider takes pushed requests (RFC 9126), it is asked
    /// first. Fails with `verification.full` while 10 000 are under way.
    Result<AuthorizationUrl> generate_oauth_authorization_url(std::string provider,
                                                              SecretText binding = {});
    Task<AuthorizationUrl> async_generate_oauth_authorization_url(std::string provider,
                                                                  SecretText binding = {});

    /// Ends a sign-in with what the provider sent the browser back with, percent-decoded. `iss` is
    /// the parameter of that name (RFC 9207): give it whenever it is there. The state is used up
    /// whatever comes of it. The connection of (issuer, subject) is created or updated, without an
    /// account until link_connection().
    ///
    /// Nothing is sent before these are checked: `oauth.callback_malformed` (something is missing
    /// or too long), `oauth.state_mismatch` (unknown, used, older than ten minutes, or of another
    /// provider), `sign_in.other_browser` (another binding), `oauth.issuer_mismatch`. Then:
    /// `oauth.code_refused`, `oauth.id_token_refused`, `oauth.profile_refused`,
    /// `oauth.token_refused`, and `oauth.token_not_bound` where the provider's row binds tokens to
    /// a key (docs/guides/providers.md), which TokenSet::dpop_key then has.
    Result<ExchangedTokens> exchange_code_for_token(std::string provider, SecretText code,
                                                    std::string state, SecretText binding,
                                                    std::string iss = {});
    Task<ExchangedTokens> async_exchange_code_for_token(std::string provider, SecretText code,
                                                        std::string state, SecretText binding,
                                                        std::string iss = {});
    /// The same from the query as it came (without `?`), or from the form of a `form_post`. Of the
    /// two the one to prefer: parameters that stand twice are refused, and a refusal at the
    /// provider is told as such: `oauth.denied` (the person said no), `oauth.provider_error`.
    Result<ExchangedTokens> exchange_callback(std::string provider, std::string query,
                                              SecretText binding);
    Task<ExchangedTokens> async_exchange_callback(std::string provider, std::string query,
                                                  SecretText binding);

    /// Trades a refresh token for new tokens and merges the answer: a refresh token that it leaves
    /// out is the one that was given. The token of a connection is renewed in the vault, once for
    /// all who ask at the same time; one that has just been renewed is not sent again, its
    /// successors are the answer. A token of elsewhere is traded and not kept; `dpop_key`: what
    /// came with it, where it is bound to a key.
    ///
    /// Fails with `vault.needs_consent` (of a connection) or `oauth.consent_withdrawn` when trying
    /// again will not help: the person must sign in with the provider once more.
    Result<oauth::TokenSet> refresh_oauth_token(std::string provider, SecretText refresh_token,
                                                std::optional<SecretText> dpop_key = std::nullopt);
    Task<oauth::TokenSet> async_refresh_oauth_token(
        std::string provider, SecretText refresh_token,
        std::optional<SecretText> dpop_key = std::nullopt);

    /// Who an access token belongs to, in one form for all providers. `dpop_key`: what came with
    /// the token, where it is bound to a key. Fails with `oauth.token_refused`, and with
    /// `oauth.profile_refused`, also for the few providers that tell who somebody is in the sign-in
    /// alone: see ExchangedTokens::profile.
    Result<oauth::Profile> get_user_info_from_provider(
        std::string provider, SecretText access_token,
        std::optional<SecretText> dpop_key = std::nullopt);
    Task<oauth::Profile> async_get_user_info_from_provider(
        std::string provider, SecretText access_token,
        std::optional<SecretText> dpop_key = std::nullopt);

    /// Renews every kept token that is about to expire, in the order in which they do, once across
    /// all processes; tells how many were renewed. One that fails is tried again later.
    Result<std::size_t> renew_oaths();
    Task<std::size_t> async_renew_oaths();

    /// Links a connection to an account of cardea. Fails with `vault.connection_missing`,
    /// `account.missing`, `account.disabled`, and with `vault.connection_taken` when it has another
    /// account.
    Result<void> link_connection(std::string connection, std::string account);
    Task<void> async_link_connection(std::string connection, std::string account);

    /// An access token that can be used now, renewed first when it is about to expire. Fails with
    /// `vault.connection_missing`, and with `vault.needs_consent` when the person must sign in with
    /// the provider again.
    Result<vault::AccessToken> fresh_token(std::string connection);
    Task<vault::AccessToken> async_fresh_token(std::string connection);
    /// A second token for another audience, by the name that the provider's row gives it
    /// (`[renewal.companions.NAME]`). Fails as fresh_token(), and with `provider.no_companion`.
    Result<vault::AccessToken> companion_token(std::string connection, std::string companion);
    Task<vault::AccessToken> async_companion_token(std::string connection, std::string companion);

    /// Crons of the original document: starts the jobs of `[Crons]` on the object's thread,
    /// `renew_oaths` and the clean-ups, each once across all processes. They end with the object.
    /// Not needed where a server `cardea` runs on the same database. A second call changes nothing.
    Result<void> inject_crons();

    const Options& options() const { return options_; }

  private:
    OAuthAuthentication(std::shared_ptr<embed::EngineThread> thread, Options options);

    Options options_;
    std::shared_ptr<embed::EngineThread> thread_;
};

}  // namespace cardea
