#include "cardea/schema/setting_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "cardea/base/text.hpp"
#include "cardea/schema/duration.hpp"
#include "cardea/schema/reading.hpp"
#include "cardea/schema/settings.hpp"

namespace cardea::schema {

namespace {

constexpr std::string_view mask = "********";
constexpr std::size_t line_width = 100;

bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> words{"secret", "password", "private", "token",
                                                    "api_key"};
    std::string lower = ascii_lower(name);
    // Endpoints are named after what they give: `token_endpoint` holds no token.
    if (lower.ends_with("_endpoint") || lower.ends_with("_url")) return false;
    auto is_in = [&](std::string_view word) { return lower.find(word) != lower.npos; };
    return std::ranges::any_of(words, is_in);
}

/// `scheme://user:password@host` without the password.
std::string without_password(std::string_view text) {
    auto scheme = text.find("://");
    if (scheme == text.npos) return std::string(text);
    auto start = scheme + 3;
    auto authority = text.substr(start, text.find_first_of("/?#", start) - start);
    auto at = authority.rfind('@');
    auto colon = authority.find(':');
    if (at == authority.npos || colon > at) return std::string(text);
    return fmt::format("{}{}{}", text.substr(0, start + colon + 1), mask, text.substr(start + at));
}

Json masked_object(const JsonObject& object) {
    JsonObject result;
    for (const auto& [key, value] : object) {
        bool hide = is_secret_name(key) && value.is_string();
        result.emplace(key, hide ? Json(mask) : without_secrets(value));
    }
    return result;
}

bool is_bare_key(std::string_view key) {
    auto is_bare = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
    return !key.empty() && std::ranges::all_of(key, is_bare);
}

std::string quoted(std::string_view text) {
    std::string result;
    detail::write_text(result, text);
    return result;
}

std::string table_text(const JsonObject& table) {
    std::vector<std::string> parts;
    for (const auto& [key, value] : table)
        parts.push_back(fmt::format("{} = {}", is_bare_key(key) ? std::string(key) : quoted(key),
                                    toml_text(value)));
    return parts.empty() ? "{}" : fmt::format("{{ {} }}", join(parts, ", "));
}

std::string list_text(const JsonArray& list) {
    std::vector<std::string> parts;
    for (const Json& value : list) parts.push_back(toml_text(value));
    return fmt::format("[{}]", join(parts, ", "));
}

std::string number_text(double value) {
    std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == text.npos ? text + ".0" : text;
}

/// Adds text as comment lines of at most a hundred columns.
void add_comment(std::string& out, std::string_view text) {
    std::string line = "#";
    for (auto word : split(text, ' ')) {
        if (line.size() + 1 + word.size() > line_width) {
            out += line + '\n';
            line = "#";
        }
        line += ' ';
        line += word;
    }
    out += line + '\n';
}

std::string sentence(std::string text) {
    if (text.empty()) return text;
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text + '.';
}

/// What the type says beyond the note; nothing where the default shows it.
std::string rule_sentence(const MemberShape& member) {
    const Shape& shape = member.shape();
    if (shape.kind == Kind::boolean || shape.kind == Kind::any) return {};
    std::string text = expected(shape, member.note.bounds, From::settings);
    return text == "a text" ? "" : sentence(std::move(text));
}

class Reference {
  public:
    explicit Reference(const detail::SecretTexts& secrets) : secrets_(secrets) {}

    std::string write(const Shape& root, const Json& defaults) {
        add_comment(
            out_,
            "Every setting of cardea with its default. To change one, take the `#` from its "
            "line (and from nothing else).");
        add_comment(
            out_,
            "Each can also be set in the environment as CARDEA_<SECTION>_<KEY>, which wins. "
            "The text \"none\" means: not set.");
        section(root, defaults.get_object(), "");
        return std::move(out_);
    }

  private:
    void section(const Shape& shape, const JsonObject& defaults, const std::string& path) {
        for (const MemberShape& member : shape.members()) {
            if (!is_table(member)) setting(member, defaults.if_contains(member.name), path);
        }
        for (const MemberShape& member : shape.members()) {
            if (is_table(member)) table(member, defaults.if_contains(member.name), path);
        }
    }

    static bool is_table(const MemberShape& member) {
        return member.shape().kind == Kind::object || member.shape().kind == Kind::map;
    }

    void table(const MemberShape& member, const Json* defaults, const std::string& path) {
        std::string key =
            path.empty() ? std::string(member.name) : fmt::format("{}.{}", path, member.name);
        out_ += '\n';
        if (!member.note.text.empty()) add_comment(out_, member.note.text);
        if (member.shape().kind == Kind::map) {
            out_ += fmt::format("#[{}.NAME]\n", key);
            return;
        }
        out_ += fmt::format("[{}]\n", key);
        JsonObject none;
        bool has_defaults = defaults != nullptr && defaults->is_object();
        section(member.shape(), has_defaults ? defaults->get_object() : none, key);
    }

    void setting(const MemberShape& member, const Json* value, const std::string& path) {
        std::string key =
            path.empty() ? std::string(member.name) : fmt::format("{}.{}", path, member.name);
        out_ += '\n';
        std::string text(member.note.text);
        if (auto rule = rule_sentence(member); !rule.empty())
            text += (text.empty() ? "" : " ") + rule;
        if (!text.empty()) add_comment(out_, text);
        add_names(member, key);
        std::string shown = "\"none\"";
        if (value != nullptr) shown = toml_text(setting_json(member.shape(), *value));
        if (auto secret = secrets_.find(key); secret != secrets_.end())
            shown = quoted(secret->second);
        out_ += fmt::format("#{} = {}\n", member.name, shown);
    }

    void add_names(const MemberShape& member, const std::string& key) {
        std::string name(member.note.environment);
        if (member.shape().kind == Kind::secret) {
            if (name.empty()) name = environment_name(key);
            add_comment(
                out_,
                fmt::format("A secret: better set as {0}, or as {0}_FILE, a file of mode 600, "
                            "than here.",
                            name));
        } else if (!name.empty()) {
            add_comment(out_, fmt::format("Environment: {0} or {0}_FILE.", name));
        }
    }

    const detail::SecretTexts& secrets_;
    std::string out_;
};

}  // namespace

Json without_secrets(const Json& value) {
    if (const auto* object = value.if_object()) return masked_object(*object);
    if (const auto* text = value.if_string()) return Json(without_password(*text));
    const auto* array = value.if_array();
    if (array == nullptr) return value;
    JsonArray result;
    for (const Json& element : *array) result.push_back(without_secrets(element));
    return result;
}

Json setting_json(const Shape& shape, const Json& value) {
    if (shape.kind != Kind::duration || !value.is_number()) return without_secrets(value);
    auto milliseconds = std::llround(value.to_number<double>() * 1000);
    return Json(duration_text(std::chrono::milliseconds(milliseconds)));
}

std::string toml_text(const Json& value) {
    if (const auto* object = value.if_object()) return table_text(*object);
    if (const auto* array = value.if_array()) return list_text(*array);
    if (const auto* text = value.if_string()) return quoted(*text);
    if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
    if (const auto* number = value.if_double()) return number_text(*number);
    if (value.is_null()) return "\"none\"";
    return fmt::format(
        "{}", value.is_int64() ? value.get_int64() : static_cast<std::int64_t>(value.get_uint64()));
}

std::string settings_text(const std::vector<ShownSetting>& settings) {
    std::vector<std::string> lines;
    std::size_t width = 0;
    for (const ShownSetting& setting : settings) {
        lines.push_back(fmt::format("{} = {}", setting.key, toml_text(setting.value)));
        if (lines.back().size() <= 60) width = std::max(width, lines.back().size());
    }
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i)
        out += fmt::format("{:<{}}  # {}\n", lines[i], width, settings[i].origin);
    return out;
}

std::string detail::reference(const Shape& root, const Json& defaults, const SecretTexts& secrets) {
    return Reference(secrets).write(root, defaults);
}

}  // namespace cardea::schema
