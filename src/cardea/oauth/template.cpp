// Finding placeholders and filling them in.
#include "cardea/oauth/template.hpp"

#include <algorithm>
#include <array>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/oauth/members.hpp"

namespace cardea::oauth {

namespace {

using schema::Json;
using schema::JsonObject;

constexpr std::size_t value_limit = 255;
constexpr std::size_t claim_limit = 64;
constexpr std::size_t random_bytes = 32;
constexpr std::string_view random_name = "random";
constexpr std::string_view secret_name = "client_secret";

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// GraphQL and JSON have braces of their own: only these shapes are placeholders.
bool is_placeholder(std::string_view name) {
    if (name.starts_with('/')) return !has_control(name);
    auto colon = name.find(':');
    auto word = name.substr(0, colon);
    auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
    if (word.empty() || !is_letter(word.front())) return false;
    return std::ranges::all_of(word, fits) && colon != name.size() - 1;
}

/// Calls `take(text, name)` for each placeholder with the text before it, and gives what is left.
template <class Take>
std::string_view each_placeholder(std::string_view text, Take take) {
    std::size_t search = 0;
    while (true) {
        auto open = text.find('{', search);
        if (open == std::string_view::npos) return text;
        auto close = text.find_first_of("{}", open + 1);
        bool closed = close != std::string_view::npos && text[close] == '}';
        if (!closed || !is_placeholder(text.substr(open + 1, close - open - 1))) {
            search = open + 1;
            continue;
        }
        take(text.substr(0, open), text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
        search = 0;
    }
}

bool matches(const Variable& variable, const std::string& value) {
    if (value.size() > value_limit || has_control(value)) return false;
    bool listed = variable.one_of.empty() ||
                  std::ranges::find(variable.one_of, value) != variable.one_of.end();
    return listed && matches_pattern(value, variable.pattern).value_or(false);
}

std::optional<std::string> value_of(const Provider& provider, std::string_view name) {
    auto variable = provider.variables.find(std::string(name));
    if (variable == provider.variables.end()) return std::nullopt;
    auto given = provider.values.find(variable->first);
    if (given != provider.values.end() && !given->second.empty()) return given->second;
    if (variable->second.default_value.empty()) return std::nullopt;
    return variable->second.default_value;
}

std::vector<FieldError> wrong_values(const Provider& provider) {
    std::vector<FieldError> problems;
    for (const auto& [name, value] : provider.values) {
        auto variable = provider.variables.find(name);
        if (variable == provider.variables.end()) {
            problems.push_back({"values." + name, "unknown_key", "There is no such variable."});
        } else if (!value.empty() && !matches(variable->second, value)) {
            problems.push_back({"values." + name, "not_usable", "Not a value of this variable."});
        }
    }
    for (const auto& [name, variable] : provider.variables)
        if (!variable.default_value.empty() && !matches(variable, variable.default_value))
            problems.push_back(
                {"variables." + name + ".default", "not_usable", "Not a value of this variable."});
    return problems;
}

void fill_all(Texts& texts, const Lookup& lookup) {
    for (auto& [name, value] : texts) value = fill(value, lookup);
}

std::string text_of_answer(std::string_view answer, std::string_view pointer) {
    auto json = schema::parse_json(answer);
    const Json* value = json ? at_pointer(*json, pointer) : nullptr;
    return value == nullptr ? std::string() : plain_text(*value).value_or("");
}

bool names(const Texts& texts, std::string_view placeholder) {
    return std::ranges::any_of(texts, [&](const auto& one) {
        auto found = placeholders(one.second);
        return std::ranges::find(found, placeholder) != found.end();
    });
}

bool is_claim_text(std::string_view text) {
    auto fits = [](char c) {
        return is_letter(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
    };
    return !text.empty() && text.size() <= claim_limit && std::ranges::all_of(text, fits);
}

/// The issuer with the token's own claims in it; empty when one of them is not fit.
std::string issuer_of(const std::string& issuer, const JsonObject& claims) {
    bool fit = true;
    auto filled = fill(issuer, [&](std::string_view name) -> std::optional<std::string> {
        if (!name.starts_with(claim_prefix)) return std::nullopt;
        auto claim = text_of(claims, name.substr(claim_prefix.size()));
        fit = fit && claim && is_claim_text(*claim);
        return fit ? std::optional<std::string>(*claim) : std::nullopt;
    });
    return fit ? filled : std::string();
}

/// Whether the issuer could become this text. With more than one placeholder it never does.
bool may_become(const std::string& issuer, std::string_view iss) {
    auto open = issuer.find("{claim:");
    if (open == std::string::npos) return issuer == iss;
    auto head = std::string_view(issuer).substr(0, open);
    auto tail = std::string_view(issuer).substr(issuer.find('}', open) + 1);
    if (iss.size() <= head.size() + tail.size()) return false;
    if (!iss.starts_with(head) || !iss.ends_with(tail)) return false;
    return is_claim_text(iss.substr(head.size(), iss.size() - head.size() - tail.size()));
}

}  // namespace

std::string fill(std::string_view text, const Lookup& lookup) {
    std::string result;
    auto rest = each_placeholder(text, [&](std::string_view before, std::string_view name) {
        result += before;
        auto value = lookup(name);
        result += value ? *value : '{' + std::string(name) + '}';
    });
    return result.append(rest);
}

std::vector<std::string> placeholders(std::string_view text) {
    std::vector<std::string> names;
    each_placeholder(text,
                     [&](std::string_view, std::string_view name) { names.emplace_back(name); });
    return names;
}

Result<void> fill_variables(Provider& provider) {
    if (auto problems = wrong_values(provider); !problems.empty()) {
        Error error(provider_invalid, "values");
        return std::unexpected(std::move(error).with_fields(std::move(problems)));
    }
    const Provider given = provider;
    Lookup lookup = [&given](std::string_view name) { return value_of(given, name); };
    for (std::string* text : templates_of(provider)) *text = fill(*text, lookup);
    for (Texts* texts : template_tables_of(provider)) fill_all(*texts, lookup);
    for (std::string& issuer : provider.accepted_issuers) issuer = fill(issuer, lookup);
    for (std::string& host : provider.endpoint_hosts) host = fill(host, lookup);
    return {};
}

bool sends_secret(const Provider& provider) {
    Provider searched = provider;
    return std::ranges::any_of(template_tables_of(searched),
                               [](const Texts* texts) { return names(*texts, secret_name); });
}

bool userinfo_request_sends_secret(const Provider& provider) {
    const ProfileRules& rules = provider.profile;
    return names(rules.headers, secret_name) || names(rules.query, secret_name) ||
           names(rules.form, secret_name);
}

bool email_request_sends_secret(const Provider& provider) {
    return names(provider.profile.headers, secret_name);
}

std::vector<std::string> missing_values(const Provider& provider) {
    std::vector<std::string> names;
    for (const auto& [name, variable] : provider.variables)
        if (!value_of(provider, name)) names.push_back(name);
    return names;
}

bool is_request_placeholder(std::string_view name) {
    static constexpr std::array<std::string_view, 7> names{
        "client_id",    "client_secret", "scopes",   "redirect_uri",
        "access_token", "token_prefix",  random_name};
    return std::ranges::find(names, name) != names.end() || name.starts_with(answer_prefix) ||
           name.starts_with(callback_prefix);
}

Texts fill_request(const Provider& provider, Texts texts, const RequestFacts& facts) {
    Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
        if (name == "client_id") return provider.client_id;
        if (name == "client_secret") return provider.client_secret.reveal();
        if (name == "scopes") return join(provider.scopes, provider.scope_separator);
        if (name == "redirect_uri") return provider.redirect_uri;
        if (name == "access_token") return facts.access_token;
        if (name.starts_with(answer_prefix))
            return text_of_answer(facts.token_answer, name.substr(answer_prefix.size()));
        if (!name.starts_with(callback_prefix)) return std::nullopt;
        return callback_text(facts.callback, name.substr(callback_prefix.size()));
    };
    fill_all(texts, lookup);
    return texts;
}

std::string callback_text(const Texts& callback, std::string_view name) {
    auto slash = name.find('/');
    auto parameter = callback.find(std::string(name.substr(0, slash)));
    if (parameter == callback.end()) return {};
    if (slash == std::string_view::npos) return parameter->second;
    // An escape in JSON may hold what the parameter itself may not.
    auto text = text_of_answer(parameter->second, name.substr(slash));
    return has_control(text) ? std::string() : text;
}

Texts named_parameters(const Texts& texts, const Texts& callback) {
    Texts named;
    for (const auto& [key, text] : texts) {
        for (const auto& name : placeholders(text)) {
            if (!name.starts_with(callback_prefix)) continue;
            auto parameter = name.substr(callback_prefix.size());
            auto came = callback.find(parameter.substr(0, parameter.find('/')));
            if (came != callback.end()) named.insert(*came);
        }
    }
    return named;
}

void fill_random(Texts& texts, crypto::Random& random) {
    fill_all(texts, [&random](std::string_view name) -> std::optional<std::string> {
        if (name != random_name) return std::nullopt;
        return to_base64url(random.bytes(random_bytes));
    });
}

bool needs_random(const Provider& provider) {
    return names(provider.token_params, random_name) || names(provider.refresh_params, random_name);
}

Provider with_random(const Provider& provider, crypto::Random& random) {
    Provider armed = provider;
    fill_random(armed.token_params, random);
    fill_random(armed.refresh_params, random);
    return armed;
}

bool is_issuer(const Provider& provider, std::string_view iss, const JsonObject* claims) {
    auto fits = [&](const std::string& issuer) {
        if (claims == nullptr) return may_become(issuer, iss);
        auto expected = issuer_of(issuer, *claims);
        return !expected.empty() && expected == iss;
    };
    return fits(provider.issuer) || std::ranges::any_of(provider.accepted_issuers, fits);
}

}  // namespace cardea::oauth
