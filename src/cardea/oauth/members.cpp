// Pointers into a peer's JSON, and the members of a row that may hold placeholders.
#include "cardea/oauth/members.hpp"

#include <charconv>
#include <regex>

#include "cardea/base/text.hpp"
#include "cardea/oauth/requests.hpp"

namespace cardea::oauth {

namespace {

using schema::Json;
using schema::JsonArray;

/// `~1` is `/` and `~0` is `~`, in this order (RFC 6901 section 4).
std::string unescape(std::string_view token) {
    std::string result;
    for (std::size_t i = 0; i < token.size(); ++i) {
        bool escape = token[i] == '~' && i + 1 < token.size();
        if (escape && (token[i + 1] == '0' || token[i + 1] == '1')) {
            result += token[++i] == '1' ? '/' : '~';
        } else {
            result += token[i];
        }
    }
    return result;
}

const Json* element_of(const JsonArray& array, std::string_view token) {
    std::size_t index = 0;
    auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    bool whole = error == std::errc() && end == token.data() + token.size();
    return whole && index < array.size() ? &array[index] : nullptr;
}

std::optional<Seconds> retry_after(const http::Response& response) {
    auto text = response.headers.get("Retry-After");
    int seconds = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (seconds < 0 || seconds > 86400) return std::nullopt;
    return Seconds(seconds);
}

}  // namespace

const Json* at_pointer(const Json& root, std::string_view pointer) {
    const Json* value = &root;
    if (pointer.empty()) return value;
    if (!pointer.starts_with('/')) return nullptr;
    for (auto token : split(pointer.substr(1), '/')) {
        if (value->is_object()) {
            value = value->get_object().if_contains(unescape(token));
        } else if (value->is_array()) {
            value = element_of(value->get_array(), token);
        } else {
            return nullptr;
        }
        if (value == nullptr) return nullptr;
    }
    return value;
}

const Json* first_of(const Json& root, const std::vector<std::string>& pointers) {
    for (const auto& pointer : pointers) {
        const Json* value = at_pointer(root, pointer);
        if (value != nullptr && !value->is_null()) return value;
    }
    return nullptr;
}

std::optional<std::string> plain_text(const Json& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    return std::nullopt;
}

std::string with_query(std::string_view endpoint, const http::Parameters& parameters) {
    std::string url(endpoint);
    if (parameters.size() == 0) return url;
    if (!url.ends_with('?') && !url.ends_with('&')) url += url.contains('?') ? '&' : '?';
    parameters.append_to(url);
    return url;
}

std::optional<bool> matches_pattern(const std::string& value, const std::string& pattern) {
    try {
        return std::regex_match(value, std::regex(pattern));
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
}

std::vector<std::string*> templates_of(Provider& provider) {
    std::vector<std::string*> texts{&provider.issuer,
                                    &provider.discovery_endpoint,
                                    &provider.authorization_endpoint,
                                    &provider.pushed_authorization_request_endpoint,
                                    &provider.token_endpoint,
                                    &provider.userinfo_endpoint,
                                    &provider.jwks_uri,
                                    &provider.revocation_endpoint,
                                    &provider.renewal.endpoint};
    if (provider.email_request) texts.push_back(&provider.email_request->endpoint);
    if (provider.token_chain) texts.push_back(&provider.token_chain->endpoint);
    if (!provider.client_assertion) return texts;
    texts.push_back(&provider.client_assertion->issuer);
    texts.push_back(&provider.client_assertion->audience);
    texts.push_back(&provider.client_assertion->key_id);
    texts.push_back(&provider.client_assertion->key_id_previous);
    return texts;
}

std::vector<Texts*> template_tables_of(Provider& provider) {
    std::vector<Texts*> tables{&provider.authorization_params, &provider.token_params,
                               &provider.refresh_params,       &provider.token_request_headers,
                               &provider.profile.headers,      &provider.profile.query,
                               &provider.profile.form,         &provider.keep,
                               &provider.callback.must_equal};
    for (auto& [name, companion] : provider.renewal.companions) tables.push_back(&companion.params);
    if (provider.token_chain) tables.push_back(&provider.token_chain->params);
    if (provider.revocation) tables.push_back(&provider.revocation->params);
    return tables;
}

Error passing(const http::Response& response, std::string detail) {
    Error error(provider_error, std::move(detail));
    auto delay = retry_after(response);
    if (!delay) return error;
    return std::move(error).with_retry_after(*delay);
}

}  // namespace cardea::oauth
