// Settings: one described struct from config.toml, the environment and the command line, with every
// problem at once and with where each value came from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/schema/environment.hpp"
#include "cardea/schema/field.hpp"

namespace cardea::schema {

/// A value from the command line: `{"Server_configuration.port", "8080", "--port"}`.
struct SettingOverride {
    std::string key;
    std::string value;
    std::string origin;
};

/// Where settings come from; later wins: defaults < toml < environment < overrides.
struct SettingSources {
    std::string toml;                       ///< The text of config.toml; empty when there is none.
    std::string toml_name = "config.toml";  ///< For messages.
    Environment environment;
    std::vector<SettingOverride> overrides;
    /// CARDEA_ names that mean something else and are no misspelt settings.
    std::vector<std::string> other_names;
};

/// By key: `config.toml:12:1`, `.env:3`, `environment`, `SECRET_KEY_FILE`, `--port`. No entry: the
/// default.
using SettingOrigins = std::map<std::string, std::string, std::less<>>;

template <class T>
struct LoadedSettings {
    std::optional<T> value;  ///< Only when there was no problem.
    /// The same without what is wrong, for checks of everything else; nothing when the file is no
    /// TOML at all.
    std::optional<T> readable;
    std::vector<SettingProblem> problems;
    SettingOrigins origins;
};

/// Where the value at a key stands, or the nearest section around it; empty when nothing set
/// either.
std::string origin_of(const SettingOrigins& origins, std::string_view key);

/// One line of `settings show`.
struct ShownSetting {
    std::string key;
    Json value;          ///< Null: not set. A secret is `"********"`.
    std::string origin;  ///< `default` when nothing set it.
};
DESCRIBED(ShownSetting, (key, "The key with its section."),
          (value, "Its value; secrets are masked."), (origin, "Where the value comes from."))

namespace detail {
/// One source, read by the shape of the root but not yet into it.
struct SettingLayer {
    JsonObject tree;
    SettingOrigins origins;
    std::vector<SettingProblem> problems;
    bool is_broken = false;  ///< No TOML: it may have said anything.
};
/// Takes the values that the errors are about out of the tree.
void prune(JsonObject& tree, const std::vector<FieldError>& errors);
/// Lowest first.
std::vector<SettingLayer> read_layers(const Shape& root, const SettingSources& sources);
void add_problems(const Shape& root, const SettingLayer& layer, std::vector<FieldError> errors,
                  std::vector<SettingProblem>& problems);
/// One tree of all layers, and where each value came from.
SettingLayer merge(const Shape& root, std::vector<SettingLayer> layers);
/// Calls `f(key, secret)` for every secret that holds something.
template <Described T, class F>
void for_each_secret(const T& value, const std::string& path, F&& f) {
    for_each_member<T>([&]<std::size_t I>(Member<T, I>) {
        using M = Member<T, I>;
        const auto& member = value.*M::pointer;
        std::string key = path.empty() ? std::string(M::name) : path + '.' + std::string(M::name);
        if constexpr (std::is_same_v<typename M::Type, SecretText>) {
            if (!member.empty()) f(key, member);
        } else if constexpr (std::is_same_v<typename M::Type, std::optional<SecretText>>) {
            if (member && !member->empty()) f(key, *member);
        } else if constexpr (Described<typename M::Type>) {
            for_each_secret(member, key, f);
        }
    });
}

/// What stands in place of secrets, by key: a mask, or the default that the struct gives.
using SecretTexts = std::map<std::string, std::string, std::less<>>;

std::vector<ShownSetting> show(const Shape& root, const Json& values, const SecretTexts& secrets,
                               const SettingOrigins& origins);
std::string reference(const Shape& root, const Json& defaults, const SecretTexts& secrets);
}  // namespace detail

/// Each layer is checked by itself, so that a wrong line is reported even when a later one wins.
template <class T>
LoadedSettings<T> load_settings(const SettingSources& sources) {
    const Shape& root = shape_of<T>();
    LoadedSettings<T> loaded;
    auto layers = detail::read_layers(root, sources);
    for (const auto& layer : layers) {
        Reading reading(From::settings);
        (void)Field<T>::read(layer.tree, reading);
        detail::add_problems(root, layer, reading.take_problems(), loaded.problems);
    }
    auto merged = detail::merge(root, std::move(layers));
    Reading reading(From::settings);
    auto value = Field<T>::read(merged.tree, reading);
    if (!value && !merged.is_broken) {
        detail::prune(merged.tree, reading.take_problems());
        Reading again(From::settings);
        loaded.readable = Field<T>::read(merged.tree, again);
    } else if (!merged.is_broken) {
        loaded.readable = value;
    }
    if (loaded.problems.empty()) loaded.value = std::move(value);
    loaded.origins = std::move(merged.origins);
    return loaded;
}

/// Every setting in order, with where it comes from; secrets are masked.
template <class T>
std::vector<ShownSetting> settings_show(const T& settings, const SettingOrigins& origins) {
    detail::SecretTexts masks;
    detail::for_each_secret(settings, "", [&](const std::string& key, const SecretText&) {
        masks.emplace(key, "********");
    });
    return detail::show(shape_of<T>(), Field<T>::json(settings), masks, origins);
}
/// The same as aligned lines `key = value  # origin`.
std::string settings_text(const std::vector<ShownSetting>& settings);

/// The commented config.toml with every section, key, default and bound of T.
template <class T>
std::string settings_reference() {
    T defaults{};
    // What stands in the source is no secret.
    detail::SecretTexts texts;
    detail::for_each_secret(defaults, "", [&](const std::string& key, const SecretText& secret) {
        texts.emplace(key, secret.reveal());
    });
    return detail::reference(shape_of<T>(), Field<T>::json(defaults), texts);
}

/// CARDEA_<SECTION>_<KEY> of a key such as `Server_configuration.debug_mode.debug`.
std::string environment_name(std::string_view key);

}  // namespace cardea::schema
