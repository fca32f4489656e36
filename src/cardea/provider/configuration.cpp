// Laying the four sources together, and writing the one that is ours to write.
#include "cardea/provider/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "cardea/base/log.hpp"
#include "cardea/http/url.hpp"
#include "cardea/oauth/template.hpp"
#include "cardea/provider/emulated.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

namespace {

using schema::Json;
using schema::JsonObject;

constexpr std::string_view table_name = "oauth_providers";
// What another process writes counts that much later: a sign-in asks for its provider several
// times, and each commit anywhere would have the rows read again.
constexpr Milliseconds rows_good_for = 5ms;

/// Where the table keeps each secret. The key is part of what the seal binds.
struct SecretColumn {
    std::string_view key;
    std::optional<Bytes> StoredProvider::* column;
};
constexpr std::array<SecretColumn, secret_keys.size()> secret_columns{
    {{secret_keys[0], &StoredProvider::client_secret},
     {secret_keys[1], &StoredProvider::client_secret_previous}}};

/// In config.toml the text "none" says "not set"; these keys have it as a value.
bool has_none_as_value(std::string_view key) {
    static constexpr std::array<std::string_view, 3> keys{"token_endpoint_auth_method",
                                                          "email_trust", "auth"};
    return std::ranges::find(keys, key) != keys.end();
}

void take_out_unset(JsonObject& row) {
    std::vector<std::string> unset_keys;
    for (auto& [key, value] : row) {
        if (value.is_object()) take_out_unset(value.get_object());
        bool is_none = value.is_string() && value.get_string() == "none";
        if (value.is_null() || (is_none && !has_none_as_value(key))) unset_keys.emplace_back(key);
    }
    for (const auto& key : unset_keys) row.erase(key);
}

Result<Layer> config_layer(const Json& table) {
    if (!table.is_object()) return fail(oauth::provider_invalid, "not a table");
    JsonObject row = table.get_object();
    take_out_unset(row);
    return make_layer(Origin::config, std::move(row));
}

/// RFC 7396: null takes a key out, tables are merged, everything else replaces.
void apply_changes(JsonObject& row, const JsonObject& changes) {
    for (const auto& [key, value] : changes) {
        if (value.is_null()) {
            row.erase(key);
        } else if (value.is_object()) {
            Json& slot = row[key];
            if (!slot.is_object()) slot = JsonObject();
            apply_changes(slot.get_object(), value.get_object());
        } else {
            row[key] = value;
        }
    }
}

std::string missing_credentials(const oauth::Provider& provider) {
    if (!provider.enabled) return "switched off (enabled = false)";
    if (auto missing = oauth::missing_values(provider); !missing.empty())
        return "no " + missing.front() + ": set " + variable_of(provider.name, missing.front());
    if (provider.client_id.empty())
        return "no client id: set " + variable_of(provider.name, "client_id");
    bool needs_none = oauth::is_public_client(provider) && !oauth::sends_secret(provider);
    if (provider.client_secret.empty() && !needs_none)
        return "no client secret: set " + variable_of(provider.name, "client_secret");
    return {};
}

std::string explain(const Error& error) {
    std::string text;
    for (const auto& field : error.fields())
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", field.field, field.text);
    return text.empty() ? std::string(error.reason().text) : text;
}

std::string title_of(const std::string& name, const JsonObject& row) {
    const Json* title = row.if_contains("title");
    return title != nullptr && title->is_string() ? std::string(title->get_string()) : name;
}

/// Whether all that is known of a provider comes from the catalogue.
bool is_untouched(const Merged& merged) {
    return std::ranges::all_of(merged.origins,
                               [](const auto& one) { return one.second == Origin::catalogue; });
}

std::set<std::string> variables_of(const std::vector<Layer>& layers) {
    std::set<std::string> names;
    for (const auto& layer : layers) {
        const Json* variables = layer.row.if_contains("variables");
        if (variables == nullptr || !variables->is_object()) continue;
        for (const auto& [name, variable] : variables->get_object()) names.emplace(name);
    }
    return names;
}

std::string write_object(const JsonObject& row) {
    return schema::write_json(Json(row));
}

/// Client secrets go there: it must be this machine, and nobody's production.
std::optional<FieldError> emulator_problem(const std::string& emulator, oauth::Loopback loopback) {
    if (emulator.empty()) return std::nullopt;
    auto refuse = [](std::string text) {
        return FieldError{"OAuth.emulator", "not_usable", std::move(text)};
    };
    if (loopback == oauth::Loopback::refused)
        return refuse("nothing here: only development mode has an emulator");
    auto url = http::Url::parse(emulator);
    bool fits = url && !url->is_https() && url->is_loopback() && url->origin() == emulator;
    if (fits) return std::nullopt;
    return refuse("http:// and a loopback address with its port, without a path");
}

}  // namespace

Result<void> check_settings(const Settings& settings, oauth::Loopback loopback) {
    if (auto problem = emulator_problem(settings.emulator, loopback)) {
        Error error(oauth::provider_invalid, "[OAuth] in config.toml");
        return std::unexpected(std::move(error).with_fields({std::move(*problem)}));
    }
    if (settings.providers.empty()) return {};  // the catalogue is read when it is needed
    const auto& catalogue = read_catalogue();
    if (!catalogue) return std::unexpected(catalogue.error());
    std::vector<FieldError> problems;
    for (const auto& [name, table] : settings.providers) {
        std::vector<Layer> layers;
        if (auto row = catalogue->find(name); row != catalogue->end())
            layers.push_back({Origin::catalogue, row->second});
        auto layer = config_layer(table);
        if (layer) layers.push_back(std::move(*layer));
        auto read = layer ? read_provider(name, merge(layers), loopback)
                          : Result<oauth::Provider>(std::unexpected(layer.error()));
        if (read) continue;
        std::string path = "OAuth.providers." + name;
        if (read.error().fields().empty())
            problems.push_back({path, "wrong_type", "Expected a table."});
        for (auto field : read.error().fields()) {
            field.field = fmt::format("{}.{}", path, field.field);
            problems.push_back(std::move(field));
        }
    }
    if (problems.empty()) return {};
    Error error(oauth::provider_invalid, "[OAuth] in config.toml");
    return std::unexpected(std::move(error).with_fields(std::move(problems)));
}

std::string variable_of(const std::string& provider, std::string_view key) {
    std::string name = provider + '_' + std::string(key);
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == '-') c = '_';
    }
    return name;
}

std::string redirect_uri(const Options& options, const oauth::Provider& provider) {
    static constexpr std::string_view placeholder = "{provider}";
    std::string uri = options.public_url + "/auth/callback/{provider}";
    if (!options.redirect_uri.empty()) uri = options.redirect_uri;
    if (!provider.redirect_uri.empty()) uri = provider.redirect_uri;
    if (auto at = uri.find(placeholder); at != std::string::npos)
        uri.replace(at, placeholder.size(), provider.name);
    return uri;
}

Configuration::Configuration(Providers::Parts parts, Options options)
    : parts_(parts), options_(std::move(options)) {}

Task<std::shared_ptr<const Entries>> Configuration::entries() {
    if (rows_are_good()) co_return entries_;
    auto asked_at = parts_.clock.now();
    auto changes = own_changes_;
    auto version = parts_.database.data_version();
    if (entries_ && version && version == version_) {
        asked_at_ = asked_at;
        co_return entries_;
    }
    auto rows = co_await store_.list(parts_.database);
    if (!rows) co_return std::unexpected(rows.error());
    if (!entries_ || *rows != rows_) {
        auto laid = lay_together(*rows);
        if (!laid) co_return std::unexpected(laid.error());
        rows_ = std::move(*rows);
    }
    // The version from before the read: what was written meanwhile is seen next time.
    version_ = version;
    asked_at_ = changes == own_changes_ ? std::optional(asked_at) : std::nullopt;
    co_return entries_;
}

bool Configuration::rows_are_good() const {
    if (!entries_ || !asked_at_) return false;
    auto age = parts_.clock.now() - *asked_at_;
    return age >= 0ms && age < rows_good_for;
}

// Whoever changed something here finds it so.
void Configuration::note_own_change() {
    ++own_changes_;
    asked_at_.reset();
}

Result<void> Configuration::load_catalogue() {
    if (catalogue_) return {};
    const auto& rows = read_catalogue();
    if (!rows) return std::unexpected(rows.error());
    catalogue_ = &*rows;
    return {};
}

Result<void> Configuration::lay_together(const std::vector<StoredProvider>& rows) {
    if (auto loaded = load_catalogue(); !loaded) return loaded;
    std::map<std::string, const StoredProvider*> stored;
    for (const auto& row : rows) stored[row.name] = &row;
    std::set<std::string> names;
    for (const auto& [name, row] : *catalogue_) names.insert(name);
    for (const auto& [name, table] : options_.settings.providers) names.insert(name);
    for (const auto& [name, row] : stored) names.insert(name);

    auto laid = std::make_shared<Entries>();
    for (const auto& name : names) {
        auto row = stored.find(name);
        Entry entry = make_entry(name, row == stored.end() ? nullptr : row->second);
        // What did not change keeps its pointer, and with it its discovery document.
        const Entry* before = entries_ && entries_->contains(name) ? &entries_->at(name) : nullptr;
        if (before != nullptr && before->provider && entry.provider &&
            *before->provider == *entry.provider)
            entry.provider = before->provider;
        laid->emplace(name, std::move(entry));
    }
    entries_ = std::move(laid);
    return {};
}

Entry Configuration::make_entry(const std::string& name, const StoredProvider* row) const {
    Entry entry;
    entry.stored = row != nullptr;
    entry.configured = true;
    entry.title = name;
    auto layers = layers_below_table(name);
    Result<Layer> table = row != nullptr ? table_layer(*row) : Result<Layer>(Layer());
    if (!layers || !table) {
        entry.problem = explain(layers ? table.error() : layers.error());
        log::warn("provider.unusable", log::kv("provider", name),
                  log::kv("problem", entry.problem));
        return entry;
    }
    if (row != nullptr) layers->push_back(std::move(*table));
    layers->push_back(environment_layer(name, *layers));
    entry.merged = merge(*layers);
    entry.title = title_of(name, entry.merged.row);
    // Of the catalogue's hundred rows a server uses a few: the others are not read at all.
    if (is_untouched(entry.merged)) {
        entry.configured = false;
        entry.problem = "no client id: set " + variable_of(name, "client_id");
        return entry;
    }
    auto provider = read_provider(name, entry.merged, options_.loopback);
    if (!provider) {
        entry.problem = explain(provider.error());
        log::warn("provider.unusable", log::kv("provider", name),
                  log::kv("problem", entry.problem));
        return entry;
    }
    entry.problem = missing_credentials(*provider);
    provider->redirect_uri = redirect_uri(options_, *provider);
    provider->authorization_endpoint =
        emulated(std::move(provider->authorization_endpoint), options_.settings.emulator);
    entry.provider = std::make_shared<const oauth::Provider>(std::move(*provider));
    return entry;
}

Result<std::vector<Layer>> Configuration::layers_below_table(const std::string& name) const {
    std::vector<Layer> layers;
    if (auto row = catalogue_->find(name); row != catalogue_->end())
        layers.push_back({Origin::catalogue, row->second});
    auto configured = options_.settings.providers.find(name);
    if (configured == options_.settings.providers.end()) return layers;
    auto layer = config_layer(configured->second);
    if (!layer) return std::unexpected(layer.error());
    layers.push_back(std::move(*layer));
    return layers;
}

Layer Configuration::environment_layer(const std::string& name,
                                       const std::vector<Layer>& below) const {
    Layer layer;
    layer.origin = Origin::environment;
    if (!options_.environment) return layer;
    auto id = options_.environment(variable_of(name, "client_id"));
    if (id && !id->empty()) layer.row["client_id"] = id->reveal();
    for (std::string_view key : secret_keys) {
        auto secret = options_.environment(variable_of(name, key));
        if (secret && !secret->empty()) layer.secrets.emplace(key, std::move(*secret));
    }
    JsonObject values;
    for (const auto& variable : variables_of(below)) {
        auto value = options_.environment(variable_of(name, variable));
        if (value && !value->empty()) values[variable] = value->reveal();
    }
    if (!values.empty()) layer.row["values"] = std::move(values);
    return layer;
}

Result<Layer> Configuration::table_layer(const StoredProvider& row) const {
    auto config = schema::parse_json(row.config);
    if (!config) return fail(oauth::provider_invalid, config.error());
    if (!config->is_object()) return fail(oauth::provider_invalid, "not a JSON object");
    auto layer = make_layer(Origin::table, std::move(config->get_object()));
    if (!layer) return layer;
    auto secrets = open_secrets(row, {});
    if (!secrets) return std::unexpected(secrets.error());
    layer->secrets = std::move(*secrets);
    return layer;
}

Result<Secrets> Configuration::open_secrets(const StoredProvider& row,
                                            const JsonObject& except) const {
    Secrets secrets;
    for (const auto& [key, column] : secret_columns) {
        const auto& sealed = row.*column;
        if (!sealed || except.contains(key)) continue;
        auto secret = parts_.keyring.open({table_name, key, row.name}, *sealed);
        if (!secret) return std::unexpected(secret.error());
        secrets.emplace(key, SecretText(to_text(secret->reveal())));
    }
    return secrets;
}

Result<void> Configuration::check_row(const std::string& name, Layer table) const {
    auto layers = layers_below_table(name);
    if (!layers) return std::unexpected(layers.error());
    layers->push_back(std::move(table));
    layers->push_back(environment_layer(name, *layers));
    auto provider = read_provider(name, merge(*layers), options_.loopback);
    if (!provider) return std::unexpected(provider.error());
    return {};
}

Result<StoredProvider> Configuration::seal(const std::string& name, const Layer& layer) const {
    if (auto checked = check_row(name, layer); !checked) return std::unexpected(checked.error());
    StoredProvider row;
    row.name = name;
    row.config = write_object(layer.row);
    row.created_at = row.updated_at = parts_.clock.now();
    for (const auto& [key, column] : secret_columns) {
        auto secret = layer.secrets.find(key);
        if (secret == layer.secrets.end() || secret->second.empty()) continue;
        crypto::SealContext context{table_name, key, row.name};
        row.*column = parts_.keyring.seal(context, as_bytes(secret->second.reveal()));
    }
    return row;
}

Task<void> Configuration::add(std::string name, JsonObject row) {
    if (auto loaded = load_catalogue(); !loaded) co_return std::unexpected(loaded.error());
    take_out_unset(row);
    auto layer = make_layer(Origin::table, std::move(row));
    if (!layer) co_return std::unexpected(layer.error());
    auto sealed = seal(name, *layer);
    if (!sealed) co_return std::unexpected(sealed.error());
    auto inserted = co_await store_.insert(parts_.database, std::move(*sealed));
    if (!inserted && inserted.error().is(db::conflict)) co_return fail(exists, inserted.error());
    if (inserted) note_own_change();
    co_return inserted;
}

Task<void> Configuration::write(StoredProvider before, Layer layer) {
    auto sealed = seal(before.name, layer);
    if (!sealed) co_return std::unexpected(sealed.error());
    auto written = co_await store_.update(parts_.database, std::move(*sealed));
    if (!written) co_return std::unexpected(written.error());
    note_own_change();
    if (!*written) co_return fail(unknown, "removed meanwhile");
    co_return Result<void>();
}

Task<void> Configuration::replace(std::string name, JsonObject row) {
    if (auto loaded = load_catalogue(); !loaded) co_return std::unexpected(loaded.error());
    auto before = co_await store_.find(parts_.database, name);
    if (!before) co_return std::unexpected(before.error());
    if (!*before) co_return fail(unknown, "no row of that name");
    auto kept = open_secrets(**before, row);
    if (!kept) co_return std::unexpected(kept.error());
    take_out_unset(row);
    auto layer = make_layer(Origin::table, std::move(row));
    if (!layer) co_return std::unexpected(layer.error());
    layer->secrets.merge(*kept);
    co_return co_await write(std::move(**before), std::move(*layer));
}

Task<void> Configuration::update(std::string name, JsonObject changes) {
    if (auto loaded = load_catalogue(); !loaded) co_return std::unexpected(loaded.error());
    auto before = co_await store_.find(parts_.database, name);
    if (!before) co_return std::unexpected(before.error());
    if (!*before) co_return fail(unknown, "no row of that name");
    auto layer = table_layer(**before);
    if (!layer) co_return std::unexpected(layer.error());
    for (std::string_view key : secret_keys)
        if (changes.contains(key)) layer->secrets.erase(std::string(key));
    auto changed = make_layer(Origin::table, std::move(changes));
    if (!changed) co_return std::unexpected(changed.error());
    apply_changes(layer->row, changed->row);
    layer->secrets.merge(changed->secrets);
    co_return co_await write(std::move(**before), std::move(*layer));
}

Task<void> Configuration::remove(std::string name) {
    auto removed = co_await store_.remove(parts_.database, std::move(name));
    if (!removed) co_return std::unexpected(removed.error());
    note_own_change();
    if (!*removed) co_return fail(unknown, "no row of that name");
    co_return Result<void>();
}

}  // namespace cardea::provider
