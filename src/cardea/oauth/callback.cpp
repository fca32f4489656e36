// Checking what a browser brought back from a provider.
#include "cardea/oauth/callback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/template.hpp"

namespace cardea::oauth {

namespace {

constexpr std::size_t query_limit = 16 * 1024;
constexpr std::size_t state_limit = 200;
constexpr std::size_t code_limit = 4096;
constexpr std::size_t iss_limit = 512;
constexpr std::size_t others_limit = 16;
constexpr std::size_t other_limit = 512;

/// What providers say when it was the user who stopped.
constexpr std::array<std::string_view, 4> refusals{"access_denied", "user_cancelled_login",
                                                   "user_cancelled_authorize", "user_denied"};

template <class List>
bool contains(const List& list, std::string_view text) {
    return std::ranges::find(list, text) != std::ranges::end(list);
}

/// An error code that is fit for a log line; anything else is somebody's prose.
std::string printable_error(std::string_view error) {
    auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    bool fit = !error.empty() && error.size() <= 64 && std::ranges::all_of(error, plain);
    return fit ? std::string(error) : std::string("unprintable error code");
}

Result<std::optional<std::string>> single(const http::Parameters& query, std::string_view name,
                                          std::size_t limit) {
    if (query.count(name) > 1) return fail(callback_malformed, std::string(name) + " twice");
    auto value = query.get(name);
    if (!value) return std::optional<std::string>();
    if (value->size() > limit) return fail(callback_malformed, std::string(name) + " too long");
    return std::optional<std::string>(*value);
}

std::map<std::string, std::string> others_of(const http::Parameters& query) {
    static constexpr std::array<std::string_view, 4> known{"state", "code", "iss", "error"};
    std::map<std::string, std::string> others;
    for (const auto& [name, value] : query) {
        if (others.size() == others_limit) break;
        bool wanted = !contains(known, name) && query.count(name) == 1;
        bool fit = value.size() <= other_limit && !has_control(value);
        if (wanted && fit) others.emplace(name, value);
    }
    return others;
}

/// Only what parts the parameters from each other is escaped: two lists never make one text.
std::string escaped(std::string_view text, std::string_view marks) {
    std::string result;
    for (char c : text) {
        if (marks.contains(c)) {
            http::append_encoded(result, std::string_view(&c, 1));
        } else {
            result += c;
        }
    }
    return result;
}

/// All but the signature, sorted, as `name=value` joined by `&`.
std::string signed_text(const http::Parameters& parameters, const std::string& hmac_param) {
    std::vector<std::string> pairs;
    pairs.reserve(parameters.size());
    for (const auto& [name, value] : parameters)
        if (name != hmac_param)
            pairs.push_back(fmt::format("{}={}", escaped(name, "%&="), escaped(value, "%&")));
    std::ranges::sort(pairs);
    return join(pairs, "&");
}

bool is_signed_with(const SecretText& secret, const std::string& text, const std::string& hmac) {
    // Keyed by nothing, anybody could make one.
    if (secret.empty()) return false;
    auto expected = crypto::hmac_sha256(as_bytes(secret.reveal()), as_bytes(text));
    return constant_time_equal(to_hex(expected), hmac);
}

Result<void> check_signature(const Provider& provider, const Callback& callback) {
    const std::string& name = provider.callback.hmac_param;
    if (name.empty()) return {};
    auto given = callback.parameters.only(name);
    if (!given) return fail(callback_forged, name + " is missing or there twice");
    auto text = signed_text(callback.parameters, name);
    auto hmac = ascii_lower(*given);
    for (const auto* secret : {&provider.client_secret, &provider.client_secret_previous})
        if (is_signed_with(*secret, text, hmac)) return {};
    return fail(callback_forged, name + " is wrong");
}

Result<void> check_bound(const Provider& provider, const Callback& callback) {
    for (const auto& [name, wanted] : provider.callback.must_equal) {
        auto came = callback.others.find(name);
        if (came == callback.others.end()) return fail(callback_mismatch, name + " is missing");
        if (came->second != wanted) return fail(callback_mismatch, name + " is another");
    }
    return {};
}

Result<void> check_issuer(const Provider& provider, const Pending& pending,
                          const Callback& callback) {
    bool promised = provider.authorization_response_iss_parameter_supported.value_or(false);
    if (!callback.iss && promised) return fail(issuer_mismatch, "iss is missing");
    if (!callback.iss || pending.issuer.empty()) return {};
    Provider begun = provider;
    begun.issuer = pending.issuer;
    if (is_issuer(begun, *callback.iss, nullptr)) return {};
    return fail(issuer_mismatch, "iss is another issuer");
}

Result<void> check_binding(const Provider& provider, const Pending& pending,
                           const Callback& callback, Instant now) {
    if (!constant_time_equal(state_hash(callback.state), pending.state_hash))
        return fail(state_mismatch, "state of another sign-in");
    if (now >= pending.expires_at) return fail(state_mismatch, "state is too old");
    if (pending.provider != provider.name) return fail(state_mismatch, "state of another provider");
    if (!callback.provider.empty() && callback.provider != pending.provider)
        return fail(state_mismatch, "callback path of another provider");
    return {};
}

}  // namespace

Result<Callback> read_callback(std::string_view provider, std::string_view query) {
    if (query.size() > query_limit) return fail(callback_malformed, "query too long");
    auto parameters = http::Parameters::parse(query);
    if (!parameters) return fail(callback_malformed, parameters.error());
    auto state = single(*parameters, "state", state_limit);
    if (!state) return std::unexpected(state.error());
    if (!*state || (*state)->empty()) return fail(callback_malformed, "state is missing");
    auto code = single(*parameters, "code", code_limit);
    if (!code) return std::unexpected(code.error());
    auto iss = single(*parameters, "iss", iss_limit);
    if (!iss) return std::unexpected(iss.error());
    auto error = single(*parameters, "error", query_limit);
    if (!error) return std::unexpected(error.error());

    Callback callback;
    callback.provider = provider;
    callback.state = std::move(**state);
    if (*code && !(*code)->empty()) callback.code = SecretText(std::move(**code));
    callback.iss = std::move(*iss);
    callback.error = std::move(*error);
    callback.others = others_of(*parameters);
    callback.parameters = std::move(*parameters);
    return callback;
}

Result<AuthorizationCode> check_callback(const Provider& provider, const Pending& pending,
                                         const Callback& callback, Instant now) {
    if (auto signature = check_signature(provider, callback); !signature)
        return std::unexpected(signature.error());
    if (auto bound = check_binding(provider, pending, callback, now); !bound)
        return std::unexpected(bound.error());
    if (auto issuer = check_issuer(provider, pending, callback); !issuer)
        return std::unexpected(issuer.error());
    if (auto bound = check_bound(provider, callback); !bound) return std::unexpected(bound.error());
    if (callback.error && contains(refusals, *callback.error))
        return fail(denied, printable_error(*callback.error));
    if (callback.error) return fail(provider_error, printable_error(*callback.error));
    if (!callback.code) return fail(callback_malformed, "code is missing");

    AuthorizationCode code;
    code.code_ = *callback.code;
    code.code_verifier_ = pending.code_verifier;
    code.redirect_uri_ = pending.redirect_uri;
    code.nonce_ = pending.nonce;
    code.provider_ = pending.provider;
    code.parameters_ = callback.others;
    code.parameters_["state"] = callback.state;
    return code;
}

}  // namespace cardea::oauth
