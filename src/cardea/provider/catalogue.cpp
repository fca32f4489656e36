// Reading the embedded files of providers/.
#include "cardea/provider/catalogue.hpp"

#include <span>
#include <string_view>
#include <utility>

#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json_schema.hpp"
#include "cardea/schema/toml.hpp"

namespace cardea::provider {

/// Written by the build from providers/*.toml: file name without its ending, and text.
std::span<const std::pair<std::string_view, std::string_view>> catalogue_files();

namespace {

Result<Rows> read_files() {
    Rows rows;
    for (const auto& [name, text] : catalogue_files()) {
        auto document = schema::parse_toml(text);
        if (!document) return fail(internal, std::string(name) + ": " + document.error().text);
        rows.emplace(name, std::move(document->root));
    }
    return rows;
}

}  // namespace

const Result<Rows>& read_catalogue() {
    static const Result<Rows> rows = read_files();
    return rows;
}

schema::JsonObject row_schema() {
    auto document = schema::json_schema<oauth::Provider>(schema::Unknown::refused);
    document.emplace("title", "A provider of cardea");
    return document;
}

}  // namespace cardea::provider
