#include "cardea/schema/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <set>

#include "cardea/base/text.hpp"
#include "cardea/schema/setting_text.hpp"
#include "cardea/schema/toml.hpp"

namespace cardea::schema {

namespace {

constexpr std::string_view prefix = "CARDEA_";

std::string joined(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

/// Puts the value at a dotted key; what stands in the way gives way.
void put(JsonObject& tree, std::string_view key, Json value) {
    auto dot = key.find('.');
    if (dot == key.npos) {
        tree.insert_or_assign(key, std::move(value));
        return;
    }
    Json& section = tree[key.substr(0, dot)];
    if (!section.is_object()) section = JsonObject();
    put(section.get_object(), key.substr(dot + 1), std::move(value));
}

const MemberShape* find_member(const Shape& shape, std::string_view name) {
    if (shape.kind != Kind::object) return nullptr;
    auto members = shape.members();
    auto found = std::ranges::find(members, name, &MemberShape::name);
    return found == members.end() ? nullptr : &*found;
}

/// The member at a dotted key; nothing below lists, maps and unknown names.
const MemberShape* find_setting(const Shape& root, std::string_view key) {
    const Shape* shape = &root;
    const MemberShape* member = nullptr;
    for (auto part : split(key, '.')) {
        member = find_member(*shape, part);
        if (member == nullptr) return nullptr;
        shape = &member->shape();
    }
    return member;
}

const Json* find_value(const JsonObject& tree, std::string_view key) {
    const JsonObject* object = &tree;
    const Json* value = nullptr;
    for (auto part : split(key, '.')) {
        if (object == nullptr) return nullptr;
        value = object->if_contains(part);
        if (value == nullptr) return nullptr;
        object = value->if_object();
    }
    return value;
}

/// Calls `f(key, member)` for everything that is no section.
template <class F>
void for_each_setting(const Shape& shape, const std::string& path, F&& f) {
    for (const MemberShape& member : shape.members()) {
        std::string key = joined(path, member.name);
        if (member.shape().kind == Kind::object) {
            for_each_setting(member.shape(), key, f);
        } else {
            f(key, member);
        }
    }
}

// TOML

detail::SettingLayer toml_layer(const SettingSources& sources) {
    auto at = [&](TextPlace place) {
        return fmt::format("{}:{}:{}", sources.toml_name, place.line, place.column);
    };
    auto document = parse_toml(sources.toml);
    detail::SettingLayer layer;
    if (!document) {
        layer.problems.push_back(
            {at(document.error().place), "", document.error().text, "TOML 1.0", ""});
        layer.is_broken = true;
        return layer;
    }
    layer.tree = std::move(document->root);
    for (const auto& [key, place] : document->places) layer.origins.emplace(key, at(place));
    return layer;
}

// Environment

class EnvironmentLayer {
  public:
    explicit EnvironmentLayer(const SettingSources& sources) : sources_(sources) {}

    detail::SettingLayer read(const Shape& root) {
        for_each_setting(root, "", [this](const std::string& key, const MemberShape& member) {
            read_setting(key, member);
        });
        for (const auto& [name, variable] : sources_.environment.all()) {
            if (!is_known(name)) refuse_unknown(name, variable);
        }
        return std::move(layer_);
    }

  private:
    void read_setting(const std::string& key, const MemberShape& member) {
        std::string general = environment_name(key);
        if (is_open(member.shape().kind)) open_names_.push_back(general + '_');
        bool has_twin = member.shape().kind == Kind::secret || !member.note.environment.empty();
        std::string set_by;
        for (const std::string& name : {std::string(member.note.environment), general}) {
            if (name.empty()) continue;
            known_.insert(name);
            if (has_twin) known_.insert(name + "_FILE");
            auto variable = find(name, key, has_twin);
            if (!variable) continue;
            if (!set_by.empty())
                layer_.problems.push_back({"environment", key,
                                           fmt::format("both {} and {}", set_by, name),
                                           "one of them", ""});
            set_by = name;
            keep(key, member, name, *variable);
        }
    }

    /// An empty variable counts as not set: containers pass on what is not there as empty.
    std::optional<Variable> find(const std::string& name, const std::string& key, bool has_twin) {
        if (!has_twin) {
            const Variable* variable = sources_.environment.find(name);
            if (variable == nullptr || variable->value.empty()) return std::nullopt;
            return *variable;
        }
        auto variable = sources_.environment.take(name);
        if (!variable) {
            layer_.problems.push_back(
                {"environment", key, variable.error().detail(),
                 fmt::format("either {0} or {0}_FILE, a file of mode 600", name), ""});
            return std::nullopt;
        }
        return *variable && !(*variable)->value.empty() ? std::move(*variable) : std::nullopt;
    }

    void keep(const std::string& key, const MemberShape& member, const std::string& name,
              const Variable& variable) {
        put(layer_.tree, key, from_text(member.shape(), variable.value.reveal()));
        bool plain = variable.origin == "environment";
        layer_.origins.insert_or_assign(key, plain ? "environment " + name : variable.origin);
    }

    static bool is_open(Kind kind) { return kind == Kind::map || kind == Kind::any; }

    // An orchestrator announces a service named cardea with names like these.
    static bool is_announcement(std::string_view name) {
        return name.starts_with("CARDEA_SERVICE_") || name.starts_with("CARDEA_PORT");
    }

    bool is_known(const std::string& name) const {
        if (!name.starts_with(prefix) || is_announcement(name) || known_.contains(name))
            return true;
        auto is_below = [&](const std::string& open) { return name.starts_with(open); };
        return std::ranges::any_of(open_names_, is_below) ||
               std::ranges::find(sources_.other_names, name) != sources_.other_names.end();
    }

    void refuse_unknown(const std::string& name, const Variable& variable) {
        std::vector<std::string> known(known_.begin(), known_.end());
        layer_.problems.push_back({variable.origin, std::string(cut(name, 100)),
                                   "an unknown setting", "the name of a setting",
                                   nearest(name, known).value_or("")});
    }

    const SettingSources& sources_;
    detail::SettingLayer layer_;
    std::set<std::string> known_;
    std::vector<std::string> open_names_;
};

// Command line

detail::SettingLayer override_layer(const Shape& root, const SettingSources& sources) {
    detail::SettingLayer layer;
    for (const SettingOverride& override : sources.overrides) {
        const MemberShape* member = find_setting(root, override.key);
        if (member != nullptr && member->shape().kind == Kind::secret) {
            // Everybody on the machine can read another's command line.
            layer.problems.push_back({override.origin, override.key, "a secret on the command line",
                                      environment_name(override.key) + " or its _FILE twin", ""});
            continue;
        }
        Json value =
            member == nullptr ? Json(override.value) : from_text(member->shape(), override.value);
        put(layer.tree, override.key, std::move(value));
        layer.origins.insert_or_assign(override.key, override.origin);
    }
    return layer;
}

// Problems

std::string nearest_key(const Shape& root, std::string_view key) {
    auto dot = key.rfind('.');
    auto parent = dot == key.npos ? std::string_view() : key.substr(0, dot);
    auto name = dot == key.npos ? key : key.substr(dot + 1);
    const MemberShape* section = parent.empty() ? nullptr : find_setting(root, parent);
    if (!parent.empty() && section == nullptr) return {};
    const Shape& shape = section == nullptr ? root : section->shape();
    if (shape.kind != Kind::object) return {};
    std::vector<std::string> known;
    for (const MemberShape& member : shape.members()) known.emplace_back(member.name);
    return nearest(name, known).value_or("");
}

std::string found_text(const JsonObject& tree, std::string_view key, const MemberShape* member) {
    const Json* value = find_value(tree, key);
    if (value == nullptr) return "something else";
    if (member != nullptr && member->shape().kind == Kind::secret) return "a secret value";
    if (value->is_object()) return "a table";
    if (value->is_array()) return "a list";
    // A text where a section belongs may be anything, a secret too.
    bool may_show = member != nullptr && member->shape().kind != Kind::object;
    if (value->is_string() && !may_show) return "a text";
    std::string text = boost::json::serialize(without_secrets(*value));
    return text.size() > 80 ? std::string(cut(text, 80)) + "…" : text;
}

std::string expected_at(const FieldError& error, const MemberShape* member) {
    bool by_shape = error.reason == "wrong_type" || error.reason == "out_of_range";
    if (by_shape && member != nullptr)
        return expected(member->shape(), member->note.bounds, From::settings);
    std::string_view text = error.text;
    if (text.starts_with("Must be ")) text.remove_prefix(8);
    if (text.ends_with('.')) text.remove_suffix(1);
    return std::string(text);
}

void merge_into(const Shape& shape, JsonObject& below, JsonObject above) {
    for (auto& [key, value] : above) {
        const MemberShape* member = find_member(shape, key);
        Json* present = below.if_contains(key);
        bool deeper = member != nullptr && member->shape().kind == Kind::object &&
                      present != nullptr && present->is_object() && value.is_object();
        if (deeper) {
            merge_into(member->shape(), present->get_object(), std::move(value.get_object()));
        } else {
            below.insert_or_assign(key, std::move(value));
        }
    }
}

}  // namespace

std::string origin_of(const SettingOrigins& origins, std::string_view key) {
    for (;;) {
        auto found = origins.find(key);
        if (found != origins.end()) return found->second;
        auto dot = key.rfind('.');
        if (dot == key.npos) return {};
        key = key.substr(0, dot);
    }
}

std::string environment_name(std::string_view key) {
    std::string name(prefix);
    for (char c : key) {
        auto byte = static_cast<unsigned char>(c);
        name += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
    }
    return name;
}

namespace detail {

std::vector<SettingLayer> read_layers(const Shape& root, const SettingSources& sources) {
    std::vector<SettingLayer> layers;
    layers.push_back(toml_layer(sources));
    layers.push_back(EnvironmentLayer(sources).read(root));
    layers.push_back(override_layer(root, sources));
    return layers;
}

void add_problems(const Shape& root, const SettingLayer& layer, std::vector<FieldError> errors,
                  std::vector<SettingProblem>& problems) {
    problems.insert(problems.end(), layer.problems.begin(), layer.problems.end());
    for (const FieldError& error : errors) {
        SettingProblem problem{origin_of(layer.origins, error.field), error.field, "", "", ""};
        if (error.reason == "unknown") {
            problem.found = "an unknown key";
            problem.expected = "the name of a setting";
            problem.nearest = nearest_key(root, error.field);
        } else {
            const MemberShape* member = find_setting(root, error.field);
            problem.found = found_text(layer.tree, error.field, member);
            problem.expected = expected_at(error, member);
        }
        problems.push_back(std::move(problem));
    }
}

void prune(JsonObject& tree, const std::vector<FieldError>& errors) {
    for (const FieldError& error : errors) {
        JsonObject* object = &tree;
        auto parts = split(error.field, '.');
        for (auto part = parts.begin(); part != parts.end(); ++part) {
            Json* value = object->if_contains(*part);
            if (value == nullptr) break;
            // A list goes as a whole: half of it would mean something else.
            if (part + 1 == parts.end() || !value->is_object()) {
                object->erase(*part);
                break;
            }
            object = &value->get_object();
        }
    }
}

SettingLayer merge(const Shape& root, std::vector<SettingLayer> layers) {
    SettingLayer merged;
    for (SettingLayer& layer : layers) {
        merged.is_broken = merged.is_broken || layer.is_broken;
        merge_into(root, merged.tree, std::move(layer.tree));
        for (auto& [key, origin] : layer.origins) merged.origins.insert_or_assign(key, origin);
    }
    return merged;
}

std::vector<ShownSetting> show(const Shape& root, const Json& values, const SecretTexts& secrets,
                               const SettingOrigins& origins) {
    std::vector<ShownSetting> shown;
    for_each_setting(root, "", [&](const std::string& key, const MemberShape& member) {
        ShownSetting setting{key, nullptr, "default"};
        if (auto origin = origins.find(key); origin != origins.end())
            setting.origin = origin->second;
        if (auto secret = secrets.find(key); secret != secrets.end()) {
            setting.value = secret->second;
        } else if (const Json* value = find_value(values.get_object(), key)) {
            setting.value = setting_json(member.shape(), *value);
        }
        shown.push_back(std::move(setting));
    });
    return shown;
}

}  // namespace detail
}  // namespace cardea::schema
