// Merging layers key by key, and reading the outcome.
#include "cardea/provider/layers.hpp"

#include "cardea/oauth/template.hpp"

namespace cardea::provider {

namespace {

using schema::Json;
using schema::JsonObject;

void forget_origins_below(const std::string& path, std::map<std::string, Origin>& origins) {
    auto at = origins.lower_bound(path + '.');
    while (at != origins.end() && at->first.starts_with(path + '.')) at = origins.erase(at);
}

void lay_over(JsonObject& target, const JsonObject& source, Origin origin,
              const std::string& prefix, std::map<std::string, Origin>& origins) {
    for (const auto& [key, value] : source) {
        std::string path = prefix + std::string(key);
        Json& slot = target[key];
        if (!value.is_object()) {
            slot = value;
            forget_origins_below(path, origins);
            origins[path] = origin;
            continue;
        }
        if (!slot.is_object()) slot = JsonObject();
        lay_over(slot.get_object(), value.get_object(), origin, path + '.', origins);
    }
}

Error invalid_row(const std::string& name, const Error& cause) {
    Error error(oauth::provider_invalid, cause);
    auto fields = cause.fields();
    if (fields.empty()) fields.push_back({name, "not_usable", std::string(cause.reason().text)});
    return std::move(error).with_fields(std::move(fields));
}

Error not_a_text(std::string_view key) {
    std::string name(key);
    Error error(schema::invalid, name + " is not a text");
    std::vector<FieldError> fields{{std::move(name), "wrong_type", "Expected a text."}};
    return std::move(error).with_fields(std::move(fields));
}

Error renamed(const std::string& name) {
    Error error(oauth::provider_invalid, "a row that names another provider");
    std::vector<FieldError> fields{{"name", "not_usable", "This is the row of " + name + "."}};
    return std::move(error).with_fields(std::move(fields));
}

}  // namespace

Result<Layer> make_layer(Origin origin, JsonObject row) {
    Layer layer;
    layer.origin = origin;
    for (std::string_view key : secret_keys) {
        const Json* secret = row.if_contains(key);
        if (secret == nullptr) continue;
        if (!secret->is_string() && !secret->is_null()) return std::unexpected(not_a_text(key));
        if (secret->is_string())
            layer.secrets.emplace(key, SecretText(std::string(secret->get_string())));
        row.erase(key);
    }
    layer.row = std::move(row);
    return layer;
}

Merged merge(const std::vector<Layer>& layers) {
    Merged merged;
    for (const Layer& layer : layers) {
        lay_over(merged.row, layer.row, layer.origin, "", merged.origins);
        for (const auto& [key, secret] : layer.secrets) {
            merged.secrets[key] = secret;
            merged.origins[key] = layer.origin;
        }
    }
    return merged;
}

Result<oauth::Provider> read_provider(const std::string& name, const Merged& merged,
                                      oauth::Loopback loopback) {
    // Not From::settings: there the word `none` means "not set", and here it is a value.
    auto provider = schema::read<oauth::Provider>(Json(merged.row));
    if (!provider) return std::unexpected(invalid_row(name, provider.error()));
    if (!provider->name.empty() && provider->name != name) return std::unexpected(renamed(name));
    provider->name = name;
    if (provider->title.empty()) provider->title = name;
    if (provider->scopes.empty() && provider->protocol == oauth::Protocol::oidc)
        provider->scopes = {"openid", "email", "profile"};
    auto secret_of = [&merged](std::string_view key) {
        auto at = merged.secrets.find(key);
        return at == merged.secrets.end() ? SecretText() : at->second;
    };
    provider->client_secret = secret_of("client_secret");
    provider->client_secret_previous = secret_of("client_secret_previous");
    if (auto filled = oauth::fill_variables(*provider); !filled)
        return std::unexpected(filled.error());
    if (auto checked = oauth::check(*provider, loopback); !checked)
        return std::unexpected(checked.error());
    return provider;
}

}  // namespace cardea::provider
