#include "cardea/schema/json_schema.hpp"

#include <fmt/format.h>

namespace cardea::schema {

namespace {

JsonObject typed(std::string_view type) {
    JsonObject schema;
    schema.emplace("type", type);
    return schema;
}

JsonObject formatted(std::string_view format) {
    JsonObject schema = typed("string");
    schema.emplace("format", format);
    return schema;
}

JsonObject integer_schema(const Shape& shape) {
    JsonObject schema = typed("integer");
    constexpr auto widest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (shape.high >= widest) {
        if (shape.low == 0) schema.emplace("minimum", 0);
    } else {
        schema.emplace("minimum", shape.low);
        schema.emplace("maximum", shape.high);
    }
    return schema;
}

JsonObject text_schema(const TextRule& rule) {
    JsonObject schema = typed("string");
    if (!rule.format.empty()) schema.emplace("format", rule.format);
    if (rule.min_length > 0) schema.emplace("minLength", rule.min_length);
    if (rule.max_length > 0) schema.emplace("maxLength", rule.max_length);
    if (!rule.pattern.empty()) schema.emplace("pattern", rule.pattern);
    if (!rule.example.empty()) schema.emplace("examples", JsonArray{Json(rule.example)});
    return schema;
}

JsonObject secret_schema(const TextRule& rule) {
    JsonObject schema = text_schema(rule);
    schema.emplace("writeOnly", true);
    return schema;
}

JsonObject choice_schema(const Shape& shape) {
    JsonObject schema = typed("string");
    JsonArray choices;
    for (auto choice : shape.choices) choices.push_back(Json(choice));
    schema.emplace("enum", std::move(choices));
    return schema;
}

JsonObject duration_schema() {
    JsonObject schema = typed("number");
    schema.emplace("minimum", 0);
    return schema;
}

void set(JsonObject& schema, std::string_view low_name, Json low, std::string_view high_name,
         Json high) {
    schema.insert_or_assign(low_name, std::move(low));
    schema.insert_or_assign(high_name, std::move(high));
}

Json seconds(std::int64_t milliseconds) {
    if (milliseconds % 1000 == 0) return milliseconds / 1000;
    return static_cast<double>(milliseconds) / 1000;
}

void apply(const Bounds& bounds, Kind kind, JsonObject& schema) {
    switch (bounds.of) {
        case Bounds::Of::nothing:
            return;
        case Bounds::Of::number:
            return set(schema, "minimum", bounds.low, "maximum", bounds.high);
        case Bounds::Of::duration:
            return set(schema, "minimum", seconds(bounds.low), "maximum", seconds(bounds.high));
        case Bounds::Of::length:
            if (kind == Kind::list)
                return set(schema, "minItems", bounds.low, "maxItems", bounds.high);
            return set(schema, "minLength", bounds.low, "maxLength", bounds.high);
    }
}

}  // namespace

Json Components::add(const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            return typed("boolean");
        case Kind::integer:
            return integer_schema(shape);
        case Kind::number:
            return typed("number");
        case Kind::text:
            return text_schema(shape.rule);
        case Kind::secret:
            return secret_schema(shape.rule);
        case Kind::instant:
            return formatted("date-time");
        case Kind::duration:
            return duration_schema();
        case Kind::choice:
            return choice_schema(shape);
        case Kind::list: {
            JsonObject schema = typed("array");
            schema.emplace("items", add(shape.element()));
            return schema;
        }
        case Kind::map: {
            JsonObject schema = typed("object");
            schema.emplace("additionalProperties", add(shape.element()));
            return schema;
        }
        case Kind::object: {
            JsonObject schema;
            schema.emplace("$ref", reference_to(shape));
            return schema;
        }
        case Kind::any:
            return JsonObject();
    }
    return JsonObject();
}

Json Components::add(const MemberShape& member) {
    const Shape& shape = member.shape();
    Json schema = add(shape);
    apply(member.note.bounds, shape.kind, schema.get_object());
    if (!member.note.text.empty()) schema.get_object().emplace("description", member.note.text);
    return schema;
}

JsonObject Components::schemas() const {
    JsonObject result;
    for (const auto& [name, schema] : schemas_) result.emplace(name, schema);
    return result;
}

// Editors look for keys at the top: a struct stands there itself, not as a reference.
JsonObject Components::top(const Shape& shape) {
    top_ = shape.identity;
    return (shape.kind == Kind::object ? object_schema(shape) : add(shape)).get_object();
}

std::string Components::reference_to(const Shape& shape) {
    return shape.identity == top_ ? "#" : std::string(place_) + name_for(shape);
}

std::string Components::name_for(const Shape& shape) {
    auto known = names_.find(shape.identity);
    if (known != names_.end()) return known->second;
    // Two structs of one name in different namespaces are told apart by a number.
    std::string name(shape.name);
    for (int n = 2; schemas_.contains(name); ++n) name = fmt::format("{}{}", shape.name, n);
    names_.emplace(shape.identity, name);
    schemas_.emplace(name, nullptr);  // taken before its members are looked at: they may mention it
    schemas_[name] = object_schema(shape);
    return name;
}

Json Components::object_schema(const Shape& shape) {
    JsonObject properties;
    JsonArray required;
    for (const MemberShape& member : shape.members()) {
        properties.emplace(member.name, add(member));
        if (member.required) required.push_back(Json(member.name));
    }
    JsonObject schema = typed("object");
    schema.emplace("properties", std::move(properties));
    if (!required.empty()) schema.emplace("required", std::move(required));
    if (unknown_ == Unknown::refused) schema.emplace("additionalProperties", false);
    return schema;
}

JsonObject json_schema(const Shape& shape, Unknown unknown) {
    Components components("#/$defs/", unknown);
    JsonObject document{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
    JsonObject schema = components.top(shape);
    for (auto& [key, value] : schema) document.emplace(key, std::move(value));
    JsonObject definitions = components.schemas();
    if (!definitions.empty()) document.emplace("$defs", std::move(definitions));
    return document;
}

}  // namespace cardea::schema
