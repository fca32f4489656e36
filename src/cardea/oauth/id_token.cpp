// The claims of an ID token, one check after the other, and its signature last.
#include "cardea/oauth/id_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/oauth/client_assertion.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/template.hpp"

namespace cardea::oauth {

namespace {

using schema::Json;
using schema::JsonObject;

/// A fresh ID token was made during this sign-in; an older one is somebody's replay.
constexpr Seconds oldest_token = 10min;
constexpr std::size_t subject_limit = 255;

/// NumericDate (RFC 7519 section 2): a number of seconds, fractions allowed.
std::optional<double> date_of(const JsonObject& claims, std::string_view name) {
    const Json* value = claims.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return static_cast<double>(value->get_int64());
    if (value->is_uint64()) return static_cast<double>(value->get_uint64());
    if (value->is_double() && std::isfinite(value->get_double())) return value->get_double();
    return std::nullopt;
}

Result<void> check_issuer(const Provider& provider, const JsonObject& claims) {
    auto issuer = text_of(claims, "iss");
    if (!issuer) return fail(id_token_refused, "iss is missing");
    if (is_issuer(provider, *issuer, &claims)) return {};
    return fail(id_token_refused, "iss is another issuer");
}

/// Whether all members of `aud` are texts and ours is among them; gives their number.
Result<std::size_t> count_audience(const Provider& provider, const Json& audience) {
    if (audience.is_string()) {
        if (std::string_view(audience.get_string()) == provider.client_id) return std::size_t(1);
        return fail(id_token_refused, "aud is another client");
    }
    if (!audience.is_array()) return fail(id_token_refused, "aud is neither text nor list");
    bool ours = false;
    for (const Json& one : audience.get_array()) {
        if (!one.is_string()) return fail(id_token_refused, "aud holds something else than text");
        ours = ours || std::string_view(one.get_string()) == provider.client_id;
    }
    if (!ours) return fail(id_token_refused, "aud does not hold this client");
    return audience.get_array().size();
}

Result<void> check_audience(const Provider& provider, const JsonObject& claims) {
    const Json* audience = claims.if_contains("aud");
    if (audience == nullptr) return fail(id_token_refused, "aud is missing");
    auto count = count_audience(provider, *audience);
    if (!count) return std::unexpected(count.error());
    const Json* party = claims.if_contains("azp");
    if (party == nullptr && *count > 1)
        return fail(id_token_refused, "several audiences and no azp");
    if (party != nullptr && text_of(claims, "azp") != provider.client_id)
        return fail(id_token_refused, "azp is another client");
    return {};
}

Result<void> check_times(const JsonObject& claims, Instant now) {
    auto at = static_cast<double>(to_unix_ms(now)) / 1000;
    auto skew = static_cast<double>(clock_skew.count());
    auto expires = date_of(claims, "exp");
    if (!expires) return fail(id_token_refused, "exp is missing or not a number");
    if (*expires + skew <= at)
        return fail(id_token_refused, fmt::format("expired {:.0f} s ago", at - *expires));
    auto issued = date_of(claims, "iat");
    if (!issued) return fail(id_token_refused, "iat is missing or not a number");
    if (*issued - skew > at)
        return fail(id_token_refused, fmt::format("iat is {:.0f} s in the future", *issued - at));
    if (*issued + static_cast<double>(oldest_token.count()) + skew < at)
        return fail(id_token_refused, fmt::format("iat is {:.0f} s ago", at - *issued));
    if (!claims.contains("nbf")) return {};
    auto not_before = date_of(claims, "nbf");
    if (!not_before || *not_before - skew > at) return fail(id_token_refused, "nbf is not reached");
    return {};
}

Result<void> check_nonce(const JsonObject& claims, const std::string& expected) {
    if (expected.empty()) return {};
    auto nonce = text_of(claims, "nonce");
    if (!nonce) return fail(id_token_refused, "nonce is missing");
    if (!constant_time_equal(*nonce, expected)) return fail(id_token_refused, "another nonce");
    return {};
}

Result<void> check_subject(const JsonObject& claims) {
    auto subject = text_of(claims, "sub");
    if (!subject || subject->empty()) return fail(id_token_refused, "sub is missing");
    if (subject->size() > subject_limit || has_control(*subject))
        return fail(id_token_refused, "sub is too long or has controls");
    return {};
}

/// Left half of the access token's SHA-256 (OpenID Connect Core 3.1.3.6). EdDSA names no hash of
/// its own, so that there is nothing sure to compare with.
Result<void> check_access_token_hash(const jose::Unverified& token,
                                     const SecretText& access_token) {
    const JsonObject& claims = token.payload;
    if (!claims.contains("at_hash") || token.algorithm == jose::Algorithm::EdDSA) return {};
    auto hash = text_of(claims, "at_hash");
    auto digest = crypto::sha256(access_token.reveal());
    auto half = to_base64url(ByteView(digest).first(digest.size() / 2));
    if (!hash || !constant_time_equal(*hash, half))
        return fail(id_token_refused, "at_hash is of another access token");
    return {};
}

std::vector<jose::Algorithm> allowed_algorithms(const Provider& provider) {
    std::vector<jose::Algorithm> result;
    result.reserve(provider.id_token_algs.size());
    for (IdTokenAlg alg : provider.id_token_algs) result.push_back(to_algorithm(alg));
    return result;
}

Result<void> verify_with(const SecretText& secret, const ClaimedIdToken& token) {
    auto key = jose::Key::from_hmac_secret(secret);
    return jose::verify_signature(token.token, key, {jose::Algorithm::HS256});
}

/// The claims of a token whose signature was checked, taken out of it.
Result<IdClaims> proven(ClaimedIdToken& token, const Result<void>& signature) {
    if (!signature) return fail(id_token_refused, signature.error());
    JsonObject& claims = token.token.payload;
    IdClaims result;
    // check_claims() has seen that both are texts.
    result.issuer = text_of(claims, "iss").value_or("");
    result.subject = text_of(claims, "sub").value_or("");
    result.claims = std::move(claims);
    return result;
}

}  // namespace

Result<ClaimedIdToken> check_claims(const Provider& provider, std::string_view id_token,
                                    const Expectation& expected) {
    auto token = jose::parse(id_token);
    if (!token) return fail(id_token_refused, token.error());
    auto allowed = allowed_algorithms(provider);
    if (std::ranges::find(allowed, token->algorithm) == allowed.end())
        return fail(id_token_refused, "algorithm not allowed");
    const JsonObject& claims = token->payload;
    if (auto ok = check_issuer(provider, claims); !ok) return std::unexpected(ok.error());
    if (auto ok = check_audience(provider, claims); !ok) return std::unexpected(ok.error());
    if (auto ok = check_times(claims, expected.now); !ok) return std::unexpected(ok.error());
    if (auto ok = check_nonce(claims, expected.nonce); !ok) return std::unexpected(ok.error());
    if (auto ok = check_subject(claims); !ok) return std::unexpected(ok.error());
    if (auto ok = check_access_token_hash(*token, expected.access_token); !ok)
        return std::unexpected(ok.error());
    return ClaimedIdToken{std::move(*token)};
}

Result<IdClaims> verify(const Provider& provider, ClaimedIdToken& token, const jose::KeySet& keys) {
    auto signature = jose::verify_signature(token.token, keys, allowed_algorithms(provider));
    return proven(token, signature);
}

Result<IdClaims> verify_with_secret(const Provider& provider, ClaimedIdToken& token) {
    if (!has_secret_id_tokens(provider))
        return fail(id_token_refused, "the provider signs with keys of its own");
    auto signature = verify_with(provider.client_secret, token);
    // Which of two secrets the provider signs with is its own affair while it knows both.
    if (!signature && has_previous_secret(provider))
        signature = verify_with(provider.client_secret_previous, token);
    return proven(token, signature);
}

}  // namespace cardea::oauth
