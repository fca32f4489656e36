#include "cardea/engine/core.hpp"

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::engine {

namespace {

constexpr db::Statement keyring_rows{"keyring.list", "SELECT check_value FROM keyring"};
constexpr db::Statement keep_key{
    "keyring.keep",
    "INSERT INTO keyring (key_id, check_value, created_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (key_id) DO NOTHING"};

/// SECRET_KEY, and the one before it while values sealed with that are still stored.
Result<crypto::Keyring> open_keyring(const schema::Environment& environment,
                                     crypto::Random& random) {
    std::vector<SecretText> secrets;
    for (const char* name : {"SECRET_KEY", "SECRET_KEY_PREVIOUS"}) {
        auto variable = environment.take(name);
        if (!variable) return std::unexpected(variable.error());
        if (*variable) secrets.push_back((*variable)->value);
    }
    return crypto::Keyring::from_secrets(secrets, random);
}

Task<void> check_key(db::Database& database, crypto::Keyring& keyring) {
    auto rows = co_await database.run(keyring_rows, {});
    if (!rows) co_return std::unexpected(rows.error());
    for (const auto& row : rows->rows) {
        if (!keyring.accepts(row[0].as_bytes())) {
            co_return fail(key_mismatch, "the keyring's first key is " + keyring.key_id());
        }
    }
    co_return Result<void>();
}

Task<void> remember_key(db::Database& database, crypto::Keyring& keyring, Instant now) {
    db::Values values{keyring.key_id(), keyring.check_value(), now};
    auto kept = co_await database.run(keep_key, std::move(values));
    if (!kept) co_return std::unexpected(kept.error());
    co_return Result<void>();
}

/// Looks whether the key fits before the migrations write anything.
Task<void> check_stored_key(db::sqlite::Options options, crypto::Keyring& keyring) {
    auto version = db::sqlite::schema_version(options);
    if (!version) co_return std::unexpected(version.error());
    if (*version < 9) co_return Result<void>();
    auto executor = co_await asio::this_coro::executor;
    auto database = db::sqlite::open(executor, options);
    if (!database) co_return std::unexpected(database.error());
    auto checked = co_await check_key(**database, keyring);
    (*database)->close();
    co_return checked;
}

/// The file, checked against the key and migrated; or the path's database in memory.
Task<std::unique_ptr<db::Database>> open_database(db::sqlite::Options options,
                                                  crypto::Keyring& keyring) {
    auto executor = co_await asio::this_coro::executor;
    if (options.path == db::sqlite::in_memory)
        co_return db::sqlite::open_in_memory(executor, db::migrations(), options);
    auto fits = co_await check_stored_key(options, keyring);
    if (!fits) co_return std::unexpected(fits.error());
    auto migrated = db::sqlite::migrate(options, db::migrations());
    if (!migrated) co_return std::unexpected(migrated.error());
    if (migrated->from != migrated->to) {
        log::info("database.migrated", log::kv("from", migrated->from),
                  log::kv("to", migrated->to));
    }
    co_return db::sqlite::open(executor, options);
}

/// A provider that has been asked may have rotated already: its answer is waited for, as long as
/// the HTTP client does.
Task<void> settle(runtime::TaskGroup& renewals) {
    auto waited = renewals.wait_until_empty();
    auto settled = co_await runtime::within(http::Limits().total, std::move(waited));
    if (settled) co_return settled;
    renewals.cancel();
    (void)co_await renewals.wait_until_empty();
    co_return settled;
}

}  // namespace

struct Core::Parts {
    Parts(const asio::any_io_executor& executor, Settings all, CoreOptions chosen,
          std::unique_ptr<crypto::SystemRandom> generator, crypto::Keyring ring,
          std::unique_ptr<db::Database> opened, password::Policy rules)
        : settings(std::move(all)),
          options(std::move(chosen)),
          generator_owner(std::move(generator)),
          system_random(*generator_owner),
          keyring(std::move(ring)),
          database(std::move(opened)),
          policy(std::move(rules)),
          background(executor),
          renewals(executor),
          client(http::make_client(executor, client_options())),
          trail(system_clock, system_random),
          accounts(system_clock, system_random),
          verifications(keyring, system_clock),
          sessions(*database, system_clock, system_random, background, settings.session),
          keys(*database, system_clock, system_random, background),
          providers({*database, *client, keyring, system_clock, system_random}, provider_options()),
          vault({*database, keyring, system_clock, system_random, trail, renewer(), renewals,
                 [this](const std::string& name) { return providers.renewal_margin(name); },
                 companion_renewer(), companion_hash()},
                settings.vault) {}

    vault::Renewer renewer() {
        return [this](std::string provider, oauth::TokenSet kept) {
            return providers.renew(std::move(provider), std::move(kept));
        };
    }

    vault::CompanionRenewer companion_renewer() {
        return [this](std::string provider, oauth::TokenSet kept, std::string companion) {
            return providers.companion(std::move(provider), std::move(kept), std::move(companion));
        };
    }

    vault::CompanionHash companion_hash() {
        return [this](std::string provider, std::string companion) {
            return providers.companion_hash(std::move(provider), std::move(companion));
        };
    }

    http::ClientOptions client_options() const {
        http::ClientOptions result;
        result.insecure_allow_loopback = options.mode == Mode::development;
        return result;
    }

    provider::Options provider_options() const {
        provider::Options result;
        result.public_url = public_url();
        auto redirect_uri = options.environment.take("REDIRECT_URI");
        if (redirect_uri && *redirect_uri) result.redirect_uri = (*redirect_uri)->value.reveal();
        bool development = options.mode == Mode::development;
        result.loopback = development ? oauth::Loopback::allowed : oauth::Loopback::refused;
        result.settings = settings.oauth;
        // The secrets of a real installation never go there, whichever command reads its settings.
        if (!development) result.settings.emulator.clear();
        result.environment = [this](const std::string& name) -> std::optional<SecretText> {
            auto variable = options.environment.take(name);
            if (!variable || !*variable) return std::nullopt;
            return (*variable)->value;
        };
        return result;
    }

    std::string public_url() const {
        if (settings.server.public_url) return settings.server.public_url->origin();
        return fmt::format("http://{}:{}", settings.server.host, settings.server.port);
    }

    Settings settings;
    CoreOptions options;
    SystemClock system_clock;
    std::unique_ptr<crypto::SystemRandom> generator_owner;
    crypto::SystemRandom& system_random;
    crypto::Keyring keyring;
    std::unique_ptr<db::Database> database;
    password::Policy policy;
    runtime::TaskGroup background;
    runtime::TaskGroup renewals;
    std::unique_ptr<http::Client> client;
    audit::Trail trail;
    account::Accounts accounts;
    account::Verifications verifications;
    session::Sessions sessions;
    api_key::ApiKeys keys;
    provider::Providers providers;
    vault::Vault vault;
};

db::sqlite::Options sqlite_options(const Settings& settings) {
    db::sqlite::Options options;
    options.path = sqlite_path(settings.database.url);
    options.group_limit = static_cast<std::size_t>(settings.database.group_limit);
    options.busy_timeout = settings.database.busy_timeout;
    return options;
}

Task<std::unique_ptr<Core>> Core::open(Settings settings, CoreOptions options) {
    // The keyring goes on using it: it moves into the parts with it.
    auto random = std::make_unique<crypto::SystemRandom>();
    auto keyring = open_keyring(options.environment, *random);
    if (!keyring) co_return std::unexpected(keyring.error());
    auto policy = open_policy(settings);
    if (!policy) co_return std::unexpected(policy.error());
    auto database = co_await open_database(sqlite_options(settings), *keyring);
    if (!database) co_return std::unexpected(database.error());
    auto remembered = co_await remember_key(**database, *keyring, SystemClock().now());
    if (!remembered) co_return std::unexpected(remembered.error());
    auto executor = co_await asio::this_coro::executor;
    auto parts = std::make_unique<Parts>(executor, std::move(settings), std::move(options),
                                         std::move(random), std::move(*keyring),
                                         std::move(*database), std::move(*policy));
    co_return std::unique_ptr<Core>(new Core(std::move(parts)));
}

Core::Core(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Core::~Core() = default;

const Settings& Core::settings() const {
    return parts_->settings;
}
Mode Core::mode() const {
    return parts_->options.mode;
}
const Clock& Core::clock() const {
    return parts_->system_clock;
}
crypto::Random& Core::random() {
    return parts_->system_random;
}
const crypto::Keyring& Core::keyring() const {
    return parts_->keyring;
}
db::Database& Core::database() {
    return *parts_->database;
}
http::Client& Core::client() {
    return *parts_->client;
}
runtime::TaskGroup& Core::background() {
    return parts_->background;
}
audit::Trail& Core::trail() {
    return parts_->trail;
}
account::Accounts& Core::accounts() {
    return parts_->accounts;
}
account::Verifications& Core::verifications() {
    return parts_->verifications;
}
session::Sessions& Core::sessions() {
    return parts_->sessions;
}
api_key::ApiKeys& Core::keys() {
    return parts_->keys;
}
provider::Providers& Core::providers() {
    return parts_->providers;
}
vault::Vault& Core::vault() {
    return parts_->vault;
}
const password::Policy& Core::password_policy() const {
    return parts_->policy;
}
std::string Core::public_url() const {
    return parts_->public_url();
}

Task<void> Core::close(Milliseconds limit) {
    auto renewed = co_await settle(parts_->renewals);
    if (!renewed) log::error("stop.renewals_lost", log::kv("error", renewed.error().describe()));
    auto end = parts_->background.wait_until_empty();
    auto settled = co_await runtime::within(limit, std::move(end));
    if (!settled) {
        auto left = parts_->background.size();
        log::warn("stop.background_cancelled", log::kv("tasks", left));
        parts_->background.cancel();
        settled = co_await parts_->background.wait_until_empty();
    }
    parts_->database->close();
    co_return settled;
}

}  // namespace cardea::engine
