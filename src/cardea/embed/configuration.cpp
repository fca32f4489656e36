#include "cardea/embed/configuration.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "cardea/base/text.hpp"
#include "cardea/schema/json.hpp"
#include "cardea/schema/toml.hpp"

namespace cardea {

struct TomlConfiguration::Content {
    std::string name;
    std::string text;
    schema::TomlDocument document;
};

namespace {

Result<std::string> read_file(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return fail(configuration_unreadable, fmt::format("{}: no such file", path.string()));
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    if (!file)
        return fail(configuration_unreadable, fmt::format("{}: cannot be read", path.string()));
    return std::move(text).str();
}

std::string dotted(std::string_view section, std::string_view key) {
    return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

/// The value at a dotted name; nothing when any part of it is not there.
const schema::Json* find(const schema::JsonObject& root, std::string_view name) {
    const schema::JsonObject* table = &root;
    const schema::Json* value = nullptr;
    for (auto part : split(name, '.')) {
        if (table == nullptr) return nullptr;
        value = table->if_contains(part);
        if (value == nullptr) return nullptr;
        table = value->if_object();
    }
    return value;
}

bool is_none(const schema::Json& value) {
    return value.is_string() && value.get_string() == "none";
}

std::string place_of(const TomlConfiguration::Content& content, std::string_view name) {
    auto place = content.document.places.find(name);
    if (place == content.document.places.end()) return content.name;
    return fmt::format("{}:{}:{}", content.name, place->second.line, place->second.column);
}

}  // namespace

Result<Environment> load_environment(const std::filesystem::path& file) {
    Environment environment(Environment::of_process());
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return environment;
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    std::vector<std::string> problems;
    for (const auto& problem : environment.add_dotenv(*text, file.string()))
        problems.push_back(problem.text());
    if (!problems.empty()) return fail(configuration_unreadable, join(problems, "; "));
    return environment;
}

Result<std::string> get_environment_variable(const Environment& environment,
                                             std::string_view name) {
    auto value = environment.demand(name);
    if (!value) return std::unexpected(value.error());
    return value->reveal();
}

Result<TomlConfiguration> TomlConfiguration::load(const std::filesystem::path& file) {
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    return parse(*text, file.string());
}

Result<TomlConfiguration> TomlConfiguration::parse(std::string_view text, std::string name) {
    auto document = schema::parse_toml(text);
    if (!document) {
        const auto& [place, why] = document.error();
        return fail(configuration_unreadable,
                    fmt::format("{}:{}:{}: {}", name, place.line, place.column, why));
    }
    Content content{std::move(name), std::string(text), std::move(*document)};
    return TomlConfiguration(std::make_shared<const Content>(std::move(content)));
}

const std::string& TomlConfiguration::text() const {
    return content_->text;
}
const std::string& TomlConfiguration::name() const {
    return content_->name;
}

template <TomlValue T>
Result<T> get_toml_variable(const TomlConfiguration& toml, std::string_view section,
                            std::string_view key) {
    const auto& content = toml.content();
    std::string name = dotted(section, key);
    const schema::Json* value = find(content.document.root, name);
    if (value == nullptr || is_none(*value)) return fail(configuration_missing, name);
    auto read = schema::read<T>(*value, schema::From::settings);
    if (read) return std::move(*read);
    return fail(configuration_wrong,
                fmt::format("{}: {}: expected {}", place_of(content, name), name,
                            schema::expected(schema::shape_of<T>(), {}, schema::From::settings)));
}

template Result<bool> get_toml_variable(const TomlConfiguration&, std::string_view,
                                        std::string_view);
template Result<int> get_toml_variable(const TomlConfiguration&, std::string_view,
                                       std::string_view);
template Result<std::int64_t> get_toml_variable(const TomlConfiguration&, std::string_view,
                                                std::string_view);
template Result<double> get_toml_variable(const TomlConfiguration&, std::string_view,
                                          std::string_view);
template Result<std::string> get_toml_variable(const TomlConfiguration&, std::string_view,
                                               std::string_view);
template Result<std::vector<std::string>> get_toml_variable(const TomlConfiguration&,
                                                            std::string_view, std::string_view);
template Result<std::chrono::seconds> get_toml_variable(const TomlConfiguration&, std::string_view,
                                                        std::string_view);
template Result<std::chrono::milliseconds> get_toml_variable(const TomlConfiguration&,
                                                             std::string_view, std::string_view);

}  // namespace cardea
