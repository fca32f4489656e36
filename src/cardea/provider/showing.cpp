#include "cardea/provider/showing.hpp"

namespace cardea::provider {

namespace {

const schema::Json* value_at(const schema::JsonObject& row, std::string_view path) {
    auto dot = path.find('.');
    const schema::Json* value = row.if_contains(path.substr(0, dot));
    if (dot == std::string_view::npos || value == nullptr || !value->is_object()) return value;
    return value_at(value->get_object(), path.substr(dot + 1));
}

bool has_secret(const Merged& merged, std::string_view key) {
    auto secret = merged.secrets.find(key);
    return secret != merged.secrets.end() && !secret->second.empty();
}

std::vector<ShownValue> shown_values(const Merged& merged) {
    std::vector<ShownValue> values;
    values.reserve(merged.origins.size());
    for (const auto& [key, origin] : merged.origins) {
        const schema::Json* value = value_at(merged.row, key);
        values.push_back(
            {key, value == nullptr ? "\"********\"" : schema::write_json(*value), origin});
    }
    return values;
}

}  // namespace

Listed listed(const std::string& name, const Entry& entry) {
    return {name,          entry.title,      entry.problem.empty(),
            entry.problem, entry.configured, entry.stored};
}

Shown shown(const std::string& name, const Entry& entry, const Options& options) {
    // Who has not configured it yet wants to know what to register.
    oauth::Provider unread;
    unread.name = name;
    Shown result;
    result.name = name;
    result.title = entry.title;
    result.enabled = entry.problem.empty();
    result.problem = entry.problem;
    result.redirect_uri = redirect_uri(options, entry.provider ? *entry.provider : unread);
    result.has_client_secret = has_secret(entry.merged, "client_secret");
    result.has_client_secret_previous = has_secret(entry.merged, "client_secret_previous");
    result.values = shown_values(entry.merged);
    return result;
}

}  // namespace cardea::provider
