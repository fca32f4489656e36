// TokenSet: what a provider's token endpoint answered, and how an answer is merged into what is
// kept.
#pragma once

#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::oauth {

/// What is known of an access token's end. `unknown` is not `never`: the provider said nothing.
enum class Expiry { at, never, unknown };
BOOST_DESCRIBE_ENUM(Expiry, at, never, unknown)

/// A token for another audience, kept beside the first: what of an answer is its own.
struct CompanionToken {
    SecretText access_token;
    std::string token_type = "Bearer";
    std::optional<std::vector<std::string>> scopes;
    Expiry expiry = Expiry::unknown;
    std::optional<Instant> expires_at;  ///< Set exactly when expiry is `at`.
    Instant received_at{};
    std::optional<SecretText> dpop_key;  ///< As in TokenSet.
    std::string params_hash = {};        ///< Of what the row had it asked for with.
};

/// One answer of a token endpoint (RFC 6749 section 5.1). What the answer left out is absent here,
/// which means "unchanged" in the answer to a refresh: see merged().
struct TokenSet {
    SecretText access_token;
    std::string token_type = "Bearer";
    std::optional<SecretText> refresh_token;
    std::optional<std::vector<std::string>> scopes;
    Expiry expiry = Expiry::unknown;
    std::optional<Instant> expires_at;  ///< Set exactly when expiry is `at`.
    std::optional<Instant> refresh_token_expires_at;
    std::optional<SecretText> id_token;  ///< Not verified: see id_token.hpp.
    /// What the access token is bound to (RFC 9449): a private JWK, exactly when token_type is
    /// DPoP.
    std::optional<SecretText> dpop_key;
    /// Of an answer: whether its refresh token is bound to dpop_key as well, because nothing else
    /// proves the client (RFC 9449 section 5).
    bool is_for_public_client = false;
    Instant received_at{};
    SecretText answer;  ///< The whole answer as JSON: providers put facts of their own there.
    /// Parameters of the sign-in's callback that renewals repeat.
    std::map<std::string, std::string> callback;
    /// What the provider's row keeps for the application, by the row's names.
    std::map<std::string, std::string> kept;
    /// By the row's names; only those that somebody has asked for.
    std::map<std::string, CompanionToken> companions;
};

/// The kept tokens after a refresh was answered: a refresh token, scopes or ID token that the
/// answer left out stay as they were, as does each kept fact (a key never does: it belongs to the
/// new access token); an expiry that it left out becomes the lifetime seen before, counted from the
/// new answer. A public client's refresh token that the answer left out is dropped when the answer
/// has another key than the kept tokens, or none: it is bound to that one.
TokenSet merged(const TokenSet& kept, TokenSet answer);
/// The kept tokens after a companion's refresh was answered: its token stands beside the first, and
/// a refresh token that came is the one to keep.
TokenSet with_companion(TokenSet kept, const std::string& name, TokenSet answer);

}  // namespace cardea::oauth
