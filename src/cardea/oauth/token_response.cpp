// Reading what a token endpoint answered. Nothing in an answer is believed before it is checked.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "cardea/base/text.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/oauth/template.hpp"

namespace cardea::oauth {

namespace {

constexpr std::size_t token_limit = 16 * 1024;
constexpr std::size_t fact_limit = 1024;
/// A lifetime beyond this is a mistake of the provider's, not a promise.
constexpr double longest_lifetime_seconds = 100.0 * 365 * 86400;
/// Instants above this number are milliseconds: as seconds they would lie beyond the year 5138.
constexpr double smallest_milliseconds = 1e11;

using schema::Json;
using schema::JsonObject;
using Pointers = std::vector<std::string>;

Result<Json> read_form(const std::string& body) {
    auto form = http::Parameters::parse(body);
    if (!form) return fail(answer_malformed, form.error());
    JsonObject object;
    for (const auto& [name, value] : *form) {
        if (object.contains(name)) return fail(answer_malformed, "a member stands twice");
        object.emplace(name, std::string_view(value));
    }
    return Json(std::move(object));
}

Result<Json> read_body(const Provider& provider, const http::Response& response) {
    bool declared_form = http::media_type(response.headers.get("Content-Type")) ==
                         "application/x-www-form-urlencoded";
    if (provider.token_answer_format == AnswerFormat::form || declared_form)
        return read_form(response.body);
    // Providers declare JSON as text/plain, text/html and text/javascript: the content decides.
    auto json = schema::parse_json(response.body);
    if (!json) return fail(answer_malformed, json.error());
    if (!json->is_object()) return fail(answer_malformed, "not a JSON object");
    return json;
}

/// Providers write "nothing" as null, false, zero or an empty text.
bool is_nothing(const Json& value) {
    if (value.is_int64() && value.get_int64() == 0) return true;
    return value.is_null() || (value.is_bool() && !value.get_bool()) ||
           (value.is_string() && value.get_string().empty());
}

/// Absent when there is nothing; refused when there is something that cannot be a token.
Result<std::optional<SecretText>> token_of(const Json& answer, const Pointers& pointers) {
    const Json* value = first_of(answer, pointers);
    if (value == nullptr || is_nothing(*value)) return std::optional<SecretText>();
    if (!value->is_string()) return fail(answer_malformed, pointers.front() + " is not a text");
    std::string_view text(value->get_string());
    if (text.size() > token_limit) return fail(answer_malformed, pointers.front() + " too long");
    // A token goes into a header field: CR and LF in it would make a second one.
    if (has_control(text)) return fail(answer_malformed, pointers.front() + " has controls");
    return std::optional<SecretText>(SecretText(std::string(text)));
}

std::optional<double> number_of(const Json& value) {
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (value.is_double()) return value.get_double();
    if (!value.is_string()) return std::nullopt;
    std::string_view text(value.get_string());
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Seconds from now, when the value is a lifetime that can be meant.
std::optional<Milliseconds> lifetime_of(const Json& answer, const Pointers& pointers) {
    const Json* value = first_of(answer, pointers);
    if (value == nullptr) return std::nullopt;
    auto seconds = number_of(*value);
    if (!seconds || !std::isfinite(*seconds)) return std::nullopt;
    if (*seconds <= 0 || *seconds > longest_lifetime_seconds) return std::nullopt;
    return Milliseconds(static_cast<std::int64_t>(*seconds * 1000));
}

/// `expires_at` as epoch seconds, epoch milliseconds or RFC 3339.
std::optional<Instant> instant_of(const Json& answer, const Pointers& pointers,
                                  Instant received_at) {
    const Json* value = first_of(answer, pointers);
    if (value == nullptr) return std::nullopt;
    std::optional<Instant> instant;
    if (value->is_string()) instant = from_rfc3339(std::string_view(value->get_string()));
    auto number = number_of(*value);
    if (!instant && number && std::isfinite(*number) && *number > 0 && *number < 1e15) {
        double ms = *number > smallest_milliseconds ? *number : *number * 1000;
        instant = from_unix_ms(static_cast<std::int64_t>(ms));
    }
    auto latest =
        received_at + Milliseconds(static_cast<std::int64_t>(longest_lifetime_seconds)) * 1000;
    if (!instant || *instant <= received_at || *instant > latest) return std::nullopt;
    return instant;
}

/// What the provider's row says when the answer gives no usable lifetime. That tokens never end is
/// believed only where the answer is silent: nonsense in it means "unknown".
void set_expiry_by_row(const Provider& provider, bool silent, TokenSet& tokens) {
    if (!provider.access_token_lifetime) return;
    Milliseconds lifetime = *provider.access_token_lifetime;
    if (lifetime > Milliseconds(0)) {
        tokens.expiry = Expiry::at;
        tokens.expires_at = tokens.received_at + lifetime;
    } else if (silent) {
        tokens.expiry = Expiry::never;
    }
}

void set_expiry(const Provider& provider, const Json& answer, TokenSet& tokens) {
    const TokenAnswerRules& rules = provider.token_answer;
    if (auto lifetime = lifetime_of(answer, rules.expires_in)) {
        tokens.expires_at = tokens.received_at + *lifetime;
    } else {
        tokens.expires_at = instant_of(answer, rules.expires_at, tokens.received_at);
    }
    if (tokens.expires_at) {
        tokens.expiry = Expiry::at;
    } else {
        bool silent = first_of(answer, rules.expires_in) == nullptr &&
                      first_of(answer, rules.expires_at) == nullptr;
        set_expiry_by_row(provider, silent, tokens);
    }
    for (const auto& pointer : rules.refresh_token_expires_in) {
        if (tokens.refresh_token_expires_at) break;
        if (auto lifetime = lifetime_of(answer, {pointer}))
            tokens.refresh_token_expires_at = tokens.received_at + *lifetime;
    }
}

std::optional<std::vector<std::string>> scopes_of(const Provider& provider, const Json& answer) {
    std::vector<std::string> scopes;
    auto add = [&scopes](std::string_view scope) {
        scope = trim(scope);
        if (!scope.empty() && !has_control(scope)) scopes.emplace_back(scope);
    };
    const Json* value = first_of(answer, provider.token_answer.scope);
    if (value != nullptr && value->is_array()) {
        for (const Json& one : value->get_array())
            if (one.is_string()) add(std::string_view(one.get_string()));
        return scopes;
    }
    if (value == nullptr || !value->is_string()) return std::nullopt;
    std::string_view text(value->get_string());
    const auto& separator = provider.granted_scope_separator.empty()
                                ? provider.scope_separator
                                : provider.granted_scope_separator;
    for (auto one : split(text, separator.empty() ? ' ' : separator.front())) add(one);
    return scopes;
}

/// A provider's words in a log line: short, and no more than what its grammar allows.
std::string printable(std::string_view text) {
    std::string result(cut(text, 64));
    for (char& c : result)
        if (c < 0x20 || c > 0x7e) c = '?';
    return result;
}

/// Whether the answer says that all went well, where the row knows where it says so.
bool says_success(const TokenAnswerRules& rules, const Json& answer) {
    if (rules.success.empty()) return true;
    const Json* value = at_pointer(answer, rules.success);
    return value != nullptr && plain_text(*value) == rules.success_value;
}

/// The error that the answer reports, when it is one. A 5xx is never a refusal: whatever its body
/// says, trying again may help.
std::optional<Error> reported_error(const Provider& provider, const http::Response& response,
                                    const Json& answer) {
    const TokenAnswerRules& rules = provider.token_answer;
    const Json* reported = first_of(answer, rules.error);
    bool has_error = reported != nullptr && !is_nothing(*reported);
    if (!has_error && response.status < 400 && says_success(rules, answer)) return std::nullopt;
    auto status = "status " + std::to_string(response.status);
    auto error = has_error ? plain_text(*reported) : std::nullopt;
    if (!error) return passing(response, status);
    auto detail = status + ", " + printable(*error);
    if (response.status >= 500 || response.status == 429) return passing(response, detail);
    auto is_among = [&error](const std::vector<std::string>& errors) {
        return std::ranges::find(errors, *error) != errors.end();
    };
    if (*error == "invalid_grant" || is_among(rules.final_errors))
        return Error(consent_withdrawn, detail);
    if (*error == "invalid_client" || *error == "unauthorized_client" ||
        is_among(rules.client_errors))
        return Error(client_rejected, detail);
    return passing(response, detail);
}

/// Whether everything that the text names is known: what is put together of less is no fact.
bool is_all_known(const Provider& provider, const std::string& text, const RequestFacts& facts) {
    Texts named;
    for (const auto& name : placeholders(text)) named[name] = '{' + name + '}';
    const Texts filled = fill_request(provider, named, facts);
    return std::ranges::none_of(filled, [&named](const auto& one) {
        return one.second.empty() || one.second == named.at(one.first);
    });
}

Result<TokenSet> read_tokens(const Provider& provider, const Json& answer, Instant received_at) {
    const TokenAnswerRules& rules = provider.token_answer;
    auto access_token = token_of(answer, rules.access_token);
    if (!access_token) return std::unexpected(access_token.error());
    if (!*access_token) return fail(answer_malformed, "no access_token");
    auto refresh_token = token_of(answer, rules.refresh_token);
    if (!refresh_token) return std::unexpected(refresh_token.error());
    auto id_token = token_of(answer, rules.id_token);
    if (!id_token) return std::unexpected(id_token.error());

    TokenSet tokens;
    tokens.received_at = received_at;
    tokens.access_token = std::move(**access_token);
    tokens.refresh_token = std::move(*refresh_token);
    tokens.id_token = std::move(*id_token);
    // A live token that is traded for a longer one is what renews: see RenewalRules.
    if (provider.renewal.with == TokenKind::access_token)
        tokens.refresh_token = tokens.access_token;
    const Json* type = first_of(answer, rules.token_type);
    auto type_text = type == nullptr ? std::nullopt : plain_text(*type);
    if (type_text && !type_text->empty() && !has_control(*type_text))
        tokens.token_type = cut(*type_text, 64);
    tokens.scopes = scopes_of(provider, answer);
    set_expiry(provider, answer, tokens);
    return tokens;
}

}  // namespace

Result<Json> read_answer(const Provider& provider, const http::Response& response) {
    auto body = read_body(provider, response);
    if (!body && response.status >= 400)
        return std::unexpected(passing(response, "status " + std::to_string(response.status)));
    if (!body) return std::unexpected(body.error());
    if (auto error = reported_error(provider, response, *body))
        return std::unexpected(std::move(*error));
    if (response.status >= 300 || response.status < 200)
        return fail(answer_malformed, "status " + std::to_string(response.status));
    return body;
}

Result<TokenSet> read_token_response(const Provider& provider, const http::Response& response,
                                     Instant received_at) {
    auto body = read_answer(provider, response);
    if (!body) return std::unexpected(body.error());
    auto tokens = read_tokens(provider, *body, received_at);
    if (!tokens) return tokens;
    tokens->answer = SecretText(schema::write_json(*body));
    tokens->is_for_public_client = is_public_client(provider);
    return tokens;
}

void keep_facts(const Provider& provider, const Texts& callback, TokenSet& tokens) {
    tokens.callback = named_parameters(provider.refresh_params, callback);
    for (const auto& [name, companion] : provider.renewal.companions)
        tokens.callback.merge(named_parameters(companion.params, callback));
    RequestFacts facts;
    facts.token_answer = tokens.answer.reveal();
    facts.callback = callback;
    tokens.kept = fill_request(provider, provider.keep, facts);
    std::erase_if(tokens.kept, [&](const auto& fact) {
        const auto& [name, text] = fact;
        return text.empty() || text.size() > fact_limit || has_control(text) ||
               !is_all_known(provider, provider.keep.at(name), facts);
    });
}

}  // namespace cardea::oauth
