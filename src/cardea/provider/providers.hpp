// Providers: which providers there are, and the conversation with them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/keyring.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/id_token.hpp"
#include "cardea/oauth/profile.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/oauth/token.hpp"
#include "cardea/provider/layers.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::provider {

/// No provider of that name, or it is switched off, has no credentials or a broken row.
inline constexpr Reason unknown{Code::not_found, "provider.unknown",
                                "Signing in with that provider is not offered here."};
/// The provider's row has no companion token of that name.
inline constexpr Reason no_companion{Code::not_found, "provider.no_companion",
                                     "The provider has no token of that name."};
/// The table has a row of that name already.
inline constexpr Reason exists{Code::conflict, "provider.exists",
                               "A provider of that name is configured already."};
/// Unreachable, an error status, or nonsense: trying again may help.
inline constexpr Reason failed{Code::peer_failed, "provider.failed",
                               "The provider is in trouble. Try again in a moment."};
/// The provider did not answer in time: trying again may help.
inline constexpr Reason timeout{Code::peer_timeout, "provider.timeout",
                                "The provider did not answer in time. Try again in a moment."};
/// The provider does not take the code: used already, or too old.
inline constexpr Reason code_refused{
    Code::invalid, "oauth.code_refused",
    "This sign-in was used already or took too long. Start again."};

/// The section `[OAuth]` of config.toml.
struct Settings {
    std::string emulator;
    std::map<std::string, schema::Json> providers;
};
DESCRIBED(
    Settings,
    (emulator,
     "Where `cardea emulate` plays the providers, such as http://127.0.0.1:8190; nothing goes "
     "to the real ones then. Development mode only."),
    (providers,
     "One table a provider, [OAuth.providers.NAME]; the keys are those of "
     "docs/formats/provider.md and lie over the catalogue."))

/// Whether `[OAuth]` can be used: unknown keys and wrong values, all at once, with paths such as
/// `OAuth.providers.google.pkce`. For the start and for `cardea settings check`.
Result<void> check_settings(const Settings& settings, oauth::Loopback loopback);

struct Options {
    std::string public_url;  ///< Our own origin, without a slash at the end.
    std::string
        redirect_uri;  ///< REDIRECT_URI; empty = `public_url` + `/auth/callback/{provider}`.
    oauth::Loopback loopback = oauth::Loopback::refused;
    Settings settings;
    /// A variable of the environment by its name, or the content of the file that its `_FILE` twin
    /// names. Asked for `GOOGLE_CLIENT_ID`, `GOOGLE_CLIENT_SECRET`, for variables such as
    /// `OKTA_DOMAIN` and the like.
    std::function<std::optional<SecretText>(const std::string& name)> environment;
    http::Limits limits;
};

/// One line of `cardea provider list`.
struct Listed {
    std::string name;
    std::string title;
    bool enabled = false;
    std::string problem;      ///< Why it is not enabled; empty when it is.
    bool configured = false;  ///< Whether anybody said more of it than the catalogue does.
    bool stored = false;      ///< Whether the table has a row.
};
DESCRIBED(Listed, (name, "Its name in URLs."), (title, "What people read."),
          (enabled, "Whether people can sign in with it."),
          (problem, "Why they cannot; empty when they can."),
          (configured, "Whether anybody said more of it than the catalogue does."),
          (stored, "Whether the table oauth_providers has a row for it."))

struct ShownValue {
    std::string key;
    std::string value;  ///< As JSON; a secret as `"********"`.
    Origin origin = Origin::catalogue;
};
DESCRIBED(ShownValue, (key, "Dotted, such as profile.email_trust."),
          (value, "As JSON; secrets are masked."),
          (origin, "catalogue, config, table or environment."))

/// `cardea provider show NAME`: everything that is set, and by whom.
struct Shown {
    std::string name;
    std::string title;
    bool enabled = false;
    std::string problem;
    std::string redirect_uri;  ///< What to register at the provider.
    bool has_client_secret = false;
    bool has_client_secret_previous = false;
    std::vector<ShownValue> values;
};
DESCRIBED(Shown, (name, "Its name in URLs."), (title, "What people read."),
          (enabled, "Whether people can sign in with it."),
          (problem, "Why they cannot; empty when they can."),
          (redirect_uri, "What to register at the provider."),
          (has_client_secret, "The secret itself is never shown."),
          (has_client_secret_previous, "The one before it, while both may be good."),
          (values, "Every value and where it comes from."))

/// Of the client secrets that a provider's row has.
enum class ClientSecret { current, previous };
BOOST_DESCRIBE_ENUM(ClientSecret, current, previous)

/// How something that was tried turned out. unclear: the provider does not let one tell.
enum class Outcome { works, fails, unclear };
BOOST_DESCRIBE_ENUM(Outcome, works, fails, unclear)

/// One thing that was tried with a provider.
struct Tried {
    std::string what;  ///< `configuration`, `discovery`, or the key of the row that it is about.
    std::string url;   ///< What was asked; may be empty.
    Outcome outcome = Outcome::works;
    std::string problem;  ///< Empty when it works.
    std::string advice;   ///< What to do about it, and where.
};
DESCRIBED(Tried, (what, "configuration, discovery, or the key that it is about."),
          (url, "What was asked; empty where nothing was."), (outcome, "works, fails or unclear."),
          (problem, "What is wrong, or cannot be told; empty when it works."),
          (advice, "What to do about it, and where."))

/// What `cardea provider check NAME` found out.
struct CheckReport {
    bool works = false;
    std::string redirect_uri;  ///< What to register at the provider.
    ClientSecret secret_in_use = ClientSecret::current;
    std::vector<Tried> items;
};
DESCRIBED(CheckReport, (works, "Whether people can sign in, as far as it could be tried."),
          (redirect_uri, "What to register at the provider."),
          (secret_in_use, "current, or previous while the provider refuses client_secret."),
          (items, "What was tried, in order; it stops at what the rest builds upon."))

/// The answer to a code exchange, ID token verified.
struct Exchanged {
    oauth::TokenSet tokens;
    std::optional<oauth::IdClaims> id{};  ///< Of OpenID providers.
    oauth::Texts callback{};              ///< What came with the code: names may stand there.
};

using ProviderPtr = std::shared_ptr<const oauth::Provider>;

/// The providers of this instance. Configuration is laid together on first use and again whenever
/// the table changed, whoever wrote it; discovery documents (1 h) and keys are fetched when first
/// needed, kept, and go on being used while the provider cannot be reached. I/O thread only.
class Providers {
  public:
    /// The references must outlive the object. Nothing is read or sent before the first call.
    struct Parts {
        db::Database& database;
        http::Client& client;
        const crypto::Keyring& keyring;
        const Clock& clock;
        crypto::Random& random;
    };
    Providers(Parts parts, Options options);
    ~Providers();

    // For people who sign in.

    /// Those that can be used, by name.
    Task<std::vector<ProviderPtr>> enabled();
    /// The provider as configured. Fails with `provider.unknown`.
    Task<ProviderPtr> find(std::string name);
    /// The provider with what discovery adds: ready for oauth::begin(). Fails with
    /// `provider.unknown`, `provider.failed`, `provider.timeout`, `oauth.discovery_refused`.
    Task<ProviderPtr> ready(std::string name);
    /// The provider's `renewal.margin`, as the configuration was when it was last asked for.
    std::optional<Seconds> renewal_margin(const std::string& name) const;
    /// What oauth::begin() is given and the provider has registered.
    std::string redirect_uri(const oauth::Provider& provider) const;

    /// The authorization as the provider takes it: pushed to it where it has an endpoint for that
    /// (RFC 9126), so that the URL says nothing but where it lies; else as it was. Where tokens are
    /// to be bound, the code is so already: its key is in Pending. Besides those of ready():
    /// `oauth.client_rejected`.
    Task<oauth::Authorization> push(ProviderPtr provider, oauth::Authorization authorization);
    /// Trades the code for tokens and verifies the ID token. Besides those of ready():
    /// `oauth.code_refused`, `oauth.client_rejected`, `oauth.id_token_refused`. Where the row says
    /// that tokens are bound to a key (RFC 9449), they are to `dpop_key`, which push() made, or to
    /// a new one; fails with `oauth.token_not_bound` when they come without.
    Task<Exchanged> exchange(oauth::AuthorizationCode code,
                             std::optional<SecretText> dpop_key = std::nullopt);
    /// Who the tokens belong to. `exchanged` is what exchange() gave, or (for a later look) tokens
    /// alone: then the profile call alone counts. Besides those of ready():
    /// `oauth.profile_refused`, `oauth.token_refused`.
    Task<oauth::Profile> profile(std::string name, Exchanged exchanged);
    /// One answer to a refresh of `kept`, which has a refresh token, to be merged (oauth::merged)
    /// by the caller. Fails with `oauth.consent_withdrawn` when trying again will not help;
    /// anything else is worth a retry. What was bound to a key stays so, whatever the row says now;
    /// without one as exchange().
    Task<oauth::TokenSet> renew(std::string name, oauth::TokenSet kept);
    /// SHA-256 of the parameters that the row has a companion asked for with, in base64url: what
    /// was got with others is got anew. Fails with `provider.unknown` and `provider.no_companion`.
    Task<std::string> companion_hash(std::string name, std::string companion);
    /// The token of a companion that the row names, got with the refresh token of `kept`: for
    /// oauth::with_companion(). Fails as renew(), and with `provider.no_companion`.
    Task<oauth::TokenSet> companion(std::string name, oauth::TokenSet kept, std::string companion);
    /// Asks the provider to forget the tokens, its companions' too. Success too when it has no way
    /// to. All are tried; fails as the first that failed.
    Task<void> revoke(std::string name, oauth::TokenSet tokens);

    // For operators.

    Task<std::vector<Listed>> list();
    Task<Shown> show(std::string name);
    /// Tries the provider without a user: its row, its discovery document, its endpoints, and the
    /// client's credentials (with a code that is none). Asks anew, whatever is kept; takes about a
    /// minute where nobody answers. Fails with `provider.unknown`.
    Task<CheckReport> check(std::string name);
    /// `row` has the keys of docs/formats/provider.md, the secrets among them. Fails with
    /// `provider.exists`, or with what is wrong in the row.
    Task<void> add(std::string name, schema::JsonObject row);
    /// Replaces the table's row; secrets that `row` leaves out stay.
    Task<void> replace(std::string name, schema::JsonObject row);
    /// Lays `changes` over the table's row; null takes a key out.
    Task<void> update(std::string name, schema::JsonObject changes);
    /// Removes the table's row; a provider of the catalogue is then as before. Fails with
    /// `provider.unknown` when there is no row.
    Task<void> remove(std::string name);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea::provider
