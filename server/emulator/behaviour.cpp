// Reading the emulator's tables.
#include "server/emulator/behaviour.hpp"

#include <span>
#include <string_view>

#include "cardea/schema/toml.hpp"

namespace cardea::emulator {

/// Written by the build from behaviours.toml.
std::span<const std::pair<std::string_view, std::string_view>> behaviour_files();

namespace {

using schema::Json;
using schema::JsonObject;

void replace_all(std::string& text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

void fill(Json& json, const Texts& values) {
    if (json.is_object())
        for (auto& member : json.get_object()) fill(member.value(), values);
    if (json.is_array())
        for (auto& element : json.get_array()) fill(element, values);
    if (!json.is_string()) return;
    std::string text(json.get_string());
    for (const auto& [name, value] : values) replace_all(text, '{' + name + '}', value);
    json = text;
}

Texts values_of(const JsonObject& table) {
    Texts values;
    for (const char* key : {"values", "own_values"}) {
        const Json* given = table.if_contains(key);
        if (given == nullptr || !given->is_object()) continue;
        for (const auto& [name, value] : given->get_object())
            values.emplace(name, std::string_view(value.get_string()));
    }
    return values;
}

std::string problem_in(std::string_view name, const Error& error) {
    std::string text(name);
    for (const auto& field : error.fields()) text += ": " + field.field + " " + field.text;
    return text;
}

Result<Behaviours> read_files() {
    Behaviours all;
    for (const auto& [file, text] : behaviour_files()) {
        auto tables = read_behaviours(text);
        if (!tables) return std::unexpected(tables.error());
        all.merge(*tables);
    }
    return all;
}

}  // namespace

Result<Behaviours> read_behaviours(std::string_view toml) {
    Behaviours tables;
    auto document = schema::parse_toml(toml);
    if (!document) return fail(internal, document.error().text);
    for (auto& [name, table] : document->root) {
        fill(table, values_of(table.get_object()));
        auto behaviour = schema::read<Behaviour>(table);
        if (!behaviour) return fail(internal, problem_in(name, behaviour.error()));
        // Where no document tells, discovery does.
        if (behaviour->is_openid() && behaviour->jwks_uri.empty())
            behaviour->jwks_uri = behaviour->issuer + "/emulated-keys";
        tables.emplace(name, std::move(*behaviour));
    }
    return tables;
}

const Result<Behaviours>& behaviours() {
    static const auto tables = read_files();
    return tables;
}

}  // namespace cardea::emulator
