// ENV and TOML_CONF of the original document: an application's own configuration, in two calls.
#pragma once

#include <chrono>
#include <concepts>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/schema/environment.hpp"

namespace cardea {

/// The variables of the process with those of an `.env` file below them: the process wins.
using Environment = schema::Environment;

/// A configuration file that cannot be read, or is not what its name says; the detail says where
/// and why.
inline constexpr Reason configuration_unreadable{Code::invalid, "configuration.unreadable",
                                                 "The configuration cannot be read."};
/// The key is not there, or "none", and no default was given; the detail names it.
inline constexpr Reason configuration_missing{Code::not_found, "configuration.missing",
                                              "A key of the configuration is not set."};
/// The key holds something else than what was asked for; the detail says where and what is
/// expected.
inline constexpr Reason configuration_wrong{Code::invalid, "configuration.wrong",
                                            "A key of the configuration has a wrong value."};

/// The environment of this process and of the file, which need not be there. Fails with
/// `configuration_unreadable`, naming every wrong line.
Result<Environment> load_environment(const std::filesystem::path& file = ".env");

/// The variable, or the content of the file that NAME_FILE names. Fails with
/// `schema::variable_missing`, which names it, when it is not set or empty.
Result<std::string> get_environment_variable(const Environment& environment, std::string_view name);

/// The content of a `config.toml`. Cheap to copy; may be read from several threads.
class TomlConfiguration {
  public:
    /// Fails with `configuration_unreadable`: no such file, or a text that is not TOML (line,
    /// column).
    static Result<TomlConfiguration> load(const std::filesystem::path& file = "config.toml");
    /// The same from a text; `name` stands in messages.
    static Result<TomlConfiguration> parse(std::string_view text, std::string name = "config.toml");

    /// What the file says, and what it is called in messages.
    const std::string& text() const;
    const std::string& name() const;

    struct Content;
    const Content& content() const { return *content_; }

  private:
    explicit TomlConfiguration(std::shared_ptr<const Content> content)
        : content_(std::move(content)) {}
    std::shared_ptr<const Content> content_;
};

/// What a key can be asked for as. Durations are written as `"30s"`, `"10m"`, `"1h"` or in seconds.
template <class T>
concept TomlValue =
    std::same_as<T, bool> || std::same_as<T, int> || std::same_as<T, std::int64_t> ||
    std::same_as<T, double> || std::same_as<T, std::string> ||
    std::same_as<T, std::vector<std::string>> || std::same_as<T, std::chrono::seconds> ||
    std::same_as<T, std::chrono::milliseconds>;

/// The key of a section, which may be dotted: `"Server_configuration.debug_mode"`; `""` is the top.
/// Fails with `configuration_missing` or `configuration_wrong`.
template <TomlValue T>
Result<T> get_toml_variable(const TomlConfiguration& toml, std::string_view section,
                            std::string_view key);

/// The same; a key that is not there, or is the text `"none"`, gives the default.
template <TomlValue T>
Result<T> get_toml_variable(const TomlConfiguration& toml, std::string_view section,
                            std::string_view key, T otherwise) {
    auto value = get_toml_variable<T>(toml, section, key);
    if (value || !value.error().is(configuration_missing)) return value;
    return otherwise;
}
inline Result<std::string> get_toml_variable(const TomlConfiguration& toml,
                                             std::string_view section, std::string_view key,
                                             const char* otherwise) {
    return get_toml_variable<std::string>(toml, section, key, otherwise);
}

}  // namespace cardea
