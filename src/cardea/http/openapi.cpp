#include "cardea/http/openapi.hpp"

#include <algorithm>
#include <set>

#include "cardea/base/text.hpp"
#include "cardea/http/status.hpp"
#include "cardea/schema/json.hpp"
#include "cardea/schema/json_schema.hpp"

namespace cardea::http {

namespace {

using schema::Json;
using schema::JsonArray;
using schema::JsonObject;

bool takes_body(Method method) {
    return method == Method::post || method == Method::put || method == Method::patch;
}

bool is_in_path(std::string_view pattern, std::string_view name) {
    return pattern.find('{' + std::string(name) + '}') != pattern.npos;
}

/// `list_sessions` style ids made of what cannot change: method and pattern.
std::string operation_id(const Route& route) {
    std::string id = ascii_lower(to_string(route.method()));
    for (char c : route.pattern()) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain) {
            id += c;
        } else if (!id.ends_with('_')) {
            id += '_';
        }
    }
    return std::string(trim(id, "_"));
}

JsonObject content(std::string_view type, Json schema) {
    JsonObject media;
    media["schema"] = std::move(schema);
    JsonObject result;
    result[type] = std::move(media);
    return result;
}

class Document {
  public:
    explicit Document(const OpenApiInfo& info) : info_(info) {}

    void add(const Route& route) {
        if (route.is_hidden()) return;
        JsonObject operation;
        operation["operationId"] = operation_id(route);
        operation["summary"] = route.summary();
        if (auto security = security_of(route.access())) operation["security"] = *security;
        if (route.access().kind == Access::Kind::recent_session) {
            operation["description"] = "Needs a recent sign-in.";
        }
        auto parameters = parameters_of(route);
        if (!parameters.empty()) operation["parameters"] = std::move(parameters);
        if (auto body = body_of(route)) operation["requestBody"] = *body;
        operation["responses"] = responses_of(route);
        paths_[route.pattern()][ascii_lower(to_string(route.method()))] = std::move(operation);
    }

    std::string text() {
        JsonObject info;
        info["title"] = info_.title;
        info["version"] = info_.version;
        if (!info_.description.empty()) info["description"] = info_.description;
        JsonObject document;
        document["openapi"] = "3.1.0";
        document["info"] = std::move(info);
        JsonObject paths;
        for (auto& [pattern, operations] : paths_) paths[pattern] = std::move(operations);
        document["paths"] = std::move(paths);
        JsonObject components;
        components["schemas"] = components_.schemas();
        components["securitySchemes"] = security_schemes();
        document["components"] = std::move(components);
        return schema::write_json(Json(std::move(document)));
    }

  private:
    static std::optional<JsonArray> security_of(const Access& access) {
        if (access.kind == Access::Kind::anyone) return std::nullopt;
        JsonArray alternatives;
        auto add = [&alternatives](std::string_view scheme, JsonArray scopes) {
            JsonObject one;
            one[scheme] = std::move(scopes);
            alternatives.push_back(std::move(one));
        };
        if (access.kind != Access::Kind::api_key) {
            add("session_cookie", {});
            add("session_token", {});
        }
        JsonArray scopes;
        if (access.kind == Access::Kind::admin) scopes.push_back("admin");
        if (access.kind == Access::Kind::api_key) scopes.push_back(Json(access.scope));
        if (!scopes.empty()) add("api_key", std::move(scopes));
        return alternatives;
    }

    static JsonObject security_schemes() {
        auto bearer = [](std::string_view description) {
            JsonObject scheme;
            scheme["type"] = "http";
            scheme["scheme"] = "bearer";
            scheme["description"] = description;
            return scheme;
        };
        JsonObject cookie;
        cookie["type"] = "apiKey";
        cookie["in"] = "cookie";
        cookie["name"] = "__Host-cardea_session";
        JsonObject schemes;
        schemes["session_cookie"] = std::move(cookie);
        schemes["session_token"] = bearer("A session's token, cas_….");
        schemes["api_key"] = bearer("An API key, cak_…, with the scope named beside the route.");
        return schemes;
    }

    JsonArray parameters_of(const Route& route) {
        JsonArray parameters;
        std::set<std::string, std::less<>> described;
        if (route.input() != nullptr) {
            for (const auto& member : route.input()->members()) {
                bool in_path = is_in_path(route.pattern(), member.name);
                if (!in_path && takes_body(route.method())) continue;
                JsonObject parameter;
                parameter["name"] = member.name;
                parameter["in"] = in_path ? "path" : "query";
                parameter["required"] = in_path || member.required;
                parameter["schema"] = components_.add(member);
                parameters.push_back(std::move(parameter));
                described.emplace(member.name);
            }
        }
        for (auto segment : split(route.pattern(), '/')) {
            if (!segment.starts_with('{')) continue;
            auto name = trim(segment, "{}");
            if (described.contains(name)) continue;
            JsonObject schema;
            schema["type"] = "string";
            JsonObject parameter;
            parameter["name"] = name;
            parameter["in"] = "path";
            parameter["required"] = true;
            parameter["schema"] = std::move(schema);
            parameters.push_back(std::move(parameter));
        }
        return parameters;
    }

    /// The members of In that do not stand in the path. All of them: the struct by its name.
    std::optional<JsonObject> body_of(const Route& route) {
        const auto* input = route.input();
        if (input == nullptr || !takes_body(route.method())) return std::nullopt;
        auto in_path = [&route](const schema::MemberShape& member) {
            return is_in_path(route.pattern(), member.name);
        };
        auto members = input->members();
        Json body_schema;
        if (std::ranges::none_of(members, in_path)) {
            body_schema = components_.add(*input);
        } else {
            JsonObject properties;
            JsonArray required;
            for (const auto& member : members) {
                if (in_path(member)) continue;
                properties[member.name] = components_.add(member);
                if (member.required) required.push_back(Json(member.name));
            }
            if (properties.empty()) return std::nullopt;
            JsonObject object;
            object["type"] = "object";
            object["properties"] = std::move(properties);
            if (!required.empty()) object["required"] = std::move(required);
            object["additionalProperties"] = false;
            body_schema = std::move(object);
        }
        JsonObject body;
        body["required"] = true;
        body["content"] =
            content(route.takes_a_form() ? "application/x-www-form-urlencoded" : "application/json",
                    std::move(body_schema));
        return body;
    }

    JsonObject responses_of(const Route& route) {
        std::map<std::string, JsonObject> responses;
        int success = route.success_status() == 0 ? 200 : route.success_status();
        auto& good = responses[std::to_string(success)];
        good["description"] = status::phrase(success);
        if (route.output() != nullptr) {
            good["content"] = content("application/json", components_.add(*route.output()));
        }
        std::map<std::string, std::set<std::string>> slugs;
        for (const Reason* reason : reasons_of(route)) {
            slugs[std::to_string(facts_of(reason->code).status)].emplace(reason->slug);
        }
        for (const auto& [code, list] : slugs) {
            std::string description;
            for (const auto& slug : list) description += (description.empty() ? "" : ", ") + slug;
            auto& problem = responses[code];
            problem["description"] = description;
            problem["content"] = content("application/problem+json", components_.add<Problem>());
        }
        JsonObject result;
        for (auto& [code, response] : responses) result[code] = std::move(response);
        return result;
    }

    static std::vector<const Reason*> reasons_of(const Route& route) {
        auto reasons = route.reasons();
        if (route.input() != nullptr) reasons.push_back(&schema::invalid);
        if (route.input() != nullptr && takes_body(route.method())) {
            reasons.push_back(route.takes_a_form() ? &form_type_wrong : &content_type_wrong);
        }
        return reasons;
    }

    const OpenApiInfo& info_;
    schema::Components components_;
    std::map<std::string, JsonObject> paths_;
};

}  // namespace

std::string openapi_document(const Router& router, const OpenApiInfo& info) {
    Document document(info);
    for (const auto& route : router.routes()) document.add(*route);
    return document.text();
}

}  // namespace cardea::http
