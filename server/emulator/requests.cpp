#include "server/emulator/requests.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::emulator {
namespace {

using http::Parameters;
using http::Request;
using schema::Json;

constexpr std::string_view subject_placeholder = "{subject}";

bool is_name(std::string_view text) {
    auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == ':' || c == '/';
    };
    return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && std::ranges::all_of(text, fits);
}

Result<Parameters> json_parameters(const std::string& body) {
    auto json = schema::parse_json(body);
    if (!json || !json->is_object()) return fail(http::parameters_malformed, "not a JSON object");
    Parameters parameters;
    for (const auto& [name, value] : json->get_object())
        if (value.is_string()) parameters.add(std::string(name), std::string(value.get_string()));
    return parameters;
}

bool has_content_type(const Request& request, std::string_view type) {
    return http::media_type(request.headers.get("Content-Type")) == type;
}

/// `name=value` of all but the signature, in the order of the alphabet.
std::string signed_text(const Parameters& answer) {
    std::vector<std::string> pairs;
    pairs.reserve(answer.size());
    for (const auto& [name, value] : answer) pairs.push_back(fmt::format("{}={}", name, value));
    std::ranges::sort(pairs);
    return join(pairs, "&");
}

std::string callback_fact(const std::string& name, const Behaviour& behaviour,
                          const Agreement& consent) {
    if (name == "user") return callback_person(consent.person);
    if (name == "scope") return join(consent.scopes, behaviour.scope_separator);
    if (name == "shop") return behaviour.values.at("shop") + ".myshopify.com";
    return own_value(name);
}

}  // namespace

std::string url_of(const Request& request) {
    return request.target.substr(0, request.target.find('?'));
}

Parameters query_of(const Request& request) {
    auto mark = request.target.find('?');
    if (mark == std::string::npos) return {};
    auto query = Parameters::parse(std::string_view(request.target).substr(mark + 1));
    return query ? *query : Parameters();
}

std::string only(const Parameters& parameters, std::string_view name) {
    return std::string(parameters.only(name).value_or(""));
}

Result<Parameters> parameters_of(const Request& request, BodyFormat format) {
    switch (format) {
        case BodyFormat::query:
            if (!request.body.empty()) return fail(http::parameters_malformed, "a body");
            return query_of(request);
        case BodyFormat::json:
            if (!has_content_type(request, "application/json"))
                return fail(http::parameters_malformed, "not application/json");
            return json_parameters(request.body);
        case BodyFormat::form:
            if (!has_content_type(request, "application/x-www-form-urlencoded"))
                return fail(http::parameters_malformed, "not a form");
            return Parameters::parse(request.body);
    }
    return Parameters();
}

BodyFormat format_of(const Behaviour& behaviour, const Request& request) {
    return request.method == http::Method::get ? BodyFormat::query : behaviour.token_format;
}

std::string everything_in(const Request& request) {
    auto text = request.target + '\n' + request.body;
    for (const auto& [name, value] : request.headers) {
        auto decoded = value.starts_with("Basic ") ? from_base64(value.substr(6)) : std::nullopt;
        text += '\n';
        text += decoded ? to_text(*decoded) : value;
    }
    return text;
}

std::string authorization_in(const Request& request, std::string_view scheme) {
    std::string_view header = request.headers.get("Authorization");
    return header.starts_with(scheme) ? std::string(header.substr(scheme.size())) : "";
}

std::vector<std::string> sorted_texts(std::string_view text, const std::string& separator) {
    std::vector<std::string> words;
    for (auto word : split(text, separator.front()))
        if (!word.empty()) words.emplace_back(word);
    std::ranges::sort(words);
    return words;
}

std::string fill_expectation(std::string_view text, const Lookup& lookup) {
    std::string filled;
    while (!text.empty()) {
        auto open = text.find('{');
        filled += text.substr(0, open);
        if (open == std::string_view::npos) break;
        auto close = text.find('}', open);
        auto name = text.substr(open + 1, close == text.npos ? 0 : close - open - 1);
        auto value = is_name(name) ? lookup(name) : std::nullopt;
        filled += value.value_or("{");
        text.remove_prefix(value ? close + 1 : open + 1);
    }
    return filled;
}

std::string discovery_url(const Behaviour& behaviour) {
    if (!behaviour.discovery_endpoint.empty()) return behaviour.discovery_endpoint;
    auto issuer = behaviour.issuer;
    if (issuer.ends_with('/')) issuer.pop_back();
    return issuer + "/.well-known/openid-configuration";
}

std::string auth_method_name(ClientProof proof) {
    switch (proof) {
        case ClientProof::post:
        case ClientProof::signed_secret:
            return "client_secret_post";
        case ClientProof::none:
            return "none";
        default:
            return "client_secret_basic";
    }
}

bool is_profile_url(const Behaviour& behaviour, std::string_view url) {
    std::string_view wanted = behaviour.userinfo_endpoint;
    auto at = wanted.find(subject_placeholder);
    if (at == wanted.npos) return !wanted.empty() && url == wanted;
    auto head = wanted.substr(0, at);
    auto tail = wanted.substr(at + subject_placeholder.size());
    return url.size() > head.size() + tail.size() && url.starts_with(head) && url.ends_with(tail);
}

bool is_revocation(const Behaviour& behaviour, const Registration& client, const Request& request) {
    if (behaviour.revocation_endpoint.empty()) return false;
    const auto rules = behaviour.revocation.value_or(RevocationBehaviour{});
    auto url = fill_expectation(behaviour.revocation_endpoint, [&](auto) { return client.id; });
    if (url_of(request) != url) return false;
    if (url != behaviour.token_endpoint) return true;
    // One URL for several things: the method or the grant type tells.
    if (rules.method != behaviour.token_method) return to_string(request.method) == rules.method;
    auto given = revocation_parameters(rules, request);
    auto type = rules.params.find("grant_type");
    return given && type != rules.params.end() && only(*given, "grant_type") == type->second;
}

std::string chain_token_param(const ChainBehaviour& chain) {
    for (const auto& [name, text] : chain.params)
        if (text == "{short_token}") return name;
    return {};
}

Texts callback_facts(const Behaviour& behaviour, const Agreement& consent) {
    Texts facts;
    for (const auto& name : behaviour.callback_params) {
        // Somebody who consented before is not introduced again.
        if (name == "hmac" || (name == "user" && consent.person.sparse)) continue;
        facts[name] = callback_fact(name, behaviour, consent);
    }
    return facts;
}

void sign_answer(const Behaviour& behaviour, const Registration& client, Parameters& answer) {
    if (std::ranges::find(behaviour.callback_params, "hmac") == behaviour.callback_params.end())
        return;
    auto text = signed_text(answer);
    auto key = as_bytes(client.secret.reveal());
    answer.add("hmac", to_hex(crypto::hmac_sha256(key, as_bytes(text))));
}

std::string token_in(const ProfileBehaviour& rules, const Request& request) {
    switch (rules.token_in) {
        case Place::bearer:
            return authorization_in(request, "Bearer ");
        case Place::oauth:
            return authorization_in(request, "OAuth ");
        case Place::raw:
            return authorization_in(request, "");
        case Place::header:
            return std::string(request.headers.get(rules.token_param));
        case Place::query:
            return only(query_of(request), rules.token_param);
        case Place::form:
        case Place::param:
            break;
    }
    auto form = parameters_of(request, BodyFormat::form);
    return form ? only(*form, rules.token_param) : "";
}

std::string problem_with_json(const std::string& wanted, const Request& request) {
    if (!has_content_type(request, "application/json")) return "not application/json";
    auto expected = schema::parse_json(wanted);
    auto given = schema::parse_json(request.body);
    return expected && given && *expected == *given ? "" : "another JSON body";
}

std::optional<ClientProof> revocation_proof(const Behaviour& behaviour,
                                            const RevocationBehaviour& rules) {
    if (rules.auth == ClientProof::none) return std::nullopt;
    if (rules.auth) return rules.auth;
    if (rules.token_in != Place::param) return std::nullopt;
    return behaviour.client_auth;
}

Result<Parameters> revocation_parameters(const RevocationBehaviour& rules, const Request& request) {
    if (to_string(request.method) != rules.method)
        return fail(http::parameters_malformed, "another method");
    if (rules.token_in != Place::param && rules.params.empty()) return Parameters();
    return parameters_of(request, rules.format);
}

std::string revoked_token(const RevocationBehaviour& rules, const Request& request,
                          const Parameters& parameters) {
    if (rules.token_in == Place::bearer) return authorization_in(request, "Bearer ");
    if (rules.token_in == Place::header) return std::string(request.headers.get(rules.token_param));
    return only(parameters, rules.token_param);
}

bool tells_too_much(const Behaviour& behaviour, const RevocationBehaviour& rules,
                    const Request& request, const Parameters& parameters) {
    auto header = request.headers.get("Authorization");
    bool proves = revocation_proof(behaviour, rules).has_value();
    bool credentials =
        header.starts_with("Basic ") || parameters.count(behaviour.client_secret_param) > 0;
    bool bearer = header.starts_with("Bearer ") && rules.token_in != Place::bearer;
    return (credentials && !proves) || bearer;
}

bool names_account(const RevocationBehaviour& rules) {
    return std::ranges::find(rules.accepts, "account") != rules.accepts.end();
}

bool accepts(const RevocationBehaviour& rules, Kind kind) {
    auto has = [&rules](std::string_view name) {
        return rules.accepts.empty() ||
               std::ranges::find(rules.accepts, name) != rules.accepts.end();
    };
    return (kind == Kind::access_token && has("access_token")) ||
           (kind == Kind::refresh_token && has("refresh_token"));
}

http::Response json_response(int status, const Json& json) {
    http::Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Cache-Control", "no-store");
    response.body = schema::write_json(json);
    return response;
}

Json plain_value(std::string_view text) {
    if (text == "true" || text == "false") return Json(text == "true");
    bool is_number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    if (!is_number) return Json(text);
    return Json(static_cast<std::int64_t>(std::stoll(std::string(text))));
}

void put_missing(Json& root, std::string_view pointer, Json value) {
    boost::system::error_code error;
    if (root.find_pointer(pointer, error) == nullptr) put(root, pointer, std::move(value));
}

std::string place_of(const std::string& pointer, bool plain) {
    return plain ? pointer.substr(pointer.rfind('/')) : pointer;
}

}  // namespace cardea::emulator
