// Making proofs, and reading what servers say of them.
#include "cardea/oauth/dpop.hpp"

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

namespace {

constexpr auto algorithm = jose::Algorithm::ES256;
constexpr std::size_t nonce_limit = 512;
constexpr std::string_view nonce_error = "use_dpop_nonce";

/// Section 4.2: without query and fragment.
std::string htu_of(std::string_view target) {
    return std::string(target.substr(0, target.find_first_of("?#")));
}

schema::JsonObject claims_of(const http::Request& request, const DpopBinding& binding,
                             crypto::Random& random, Instant now) {
    schema::JsonObject claims{{"jti", to_base64url(random.bytes(16))},
                              {"htm", http::to_string(request.method)},
                              {"htu", htu_of(request.target)},
                              {"iat", to_unix_seconds(now)}};
    if (!binding.access_token.empty())
        claims["ath"] = to_base64url(crypto::sha256(binding.access_token.reveal()));
    if (!binding.nonce.empty()) claims["nonce"] = binding.nonce;
    return claims;
}

/// NQCHAR of RFC 6749 appendix A.
bool is_nonce(std::string_view text) {
    auto fits = [](char c) { return c >= 0x21 && c <= 0x7e && c != '"' && c != '\\'; };
    return !text.empty() && text.size() <= nonce_limit && std::ranges::all_of(text, fits);
}

bool body_wants_nonce(const http::Response& response) {
    auto json = schema::parse_json(response.body);
    return json && json->is_object() && text_of(json->get_object(), "error") == nonce_error;
}

/// `DPoP error="use_dpop_nonce"` among what else stands in the challenge (RFC 9110 section 11.6.1).
bool challenge_wants_nonce(const http::Response& response) {
    constexpr std::string_view scheme = "DPoP ";
    const std::string error = "error=\"" + std::string(nonce_error) + '"';
    return std::ranges::any_of(response.headers, [&](const http::Headers::Field& field) {
        return equal_ignoring_case(field.name, "WWW-Authenticate") &&
               equal_ignoring_case(std::string_view(field.value).substr(0, scheme.size()),
                                   scheme) &&
               field.value.contains(error);
    });
}

}  // namespace

Result<SecretText> new_dpop_key() {
    auto key = jose::Key::generate(algorithm, "");
    if (!key) return std::unexpected(key.error());
    return key->to_private_jwk();
}

Result<http::Request> with_dpop_proof(http::Request request, const DpopBinding& binding,
                                      crypto::Random& random, Instant now) {
    auto key = jose::Key::from_private_jwk(binding.key);
    if (!key) return std::unexpected(key.error());
    schema::JsonObject header{{"typ", "dpop+jwt"}, {"jwk", key->public_members()}};
    auto proof =
        jose::sign(*key, algorithm, std::move(header), claims_of(request, binding, random, now));
    if (!proof) return std::unexpected(proof.error());
    request.headers.set("DPoP", std::move(*proof));
    if (!binding.access_token.empty())
        request.headers.set("Authorization", "DPoP " + binding.access_token.reveal());
    return request;
}

std::optional<std::string> dpop_nonce(const http::Response& response) {
    constexpr auto name = "DPoP-Nonce";
    auto nonce = response.headers.get(name);
    if (response.headers.count(name) != 1 || !is_nonce(nonce)) return std::nullopt;
    return std::string(nonce);
}

bool wants_dpop_nonce(const http::Response& response) {
    if (response.status != 400 && response.status != 401) return false;
    return body_wants_nonce(response) || challenge_wants_nonce(response);
}

Result<TokenSet> bound_to(const SecretText& key, TokenSet tokens) {
    if (!equal_ignoring_case(tokens.token_type, "DPoP"))
        return fail(token_not_bound, "token_type is " + tokens.token_type);
    tokens.dpop_key = key;
    return tokens;
}

}  // namespace cardea::oauth
