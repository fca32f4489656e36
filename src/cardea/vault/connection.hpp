// A connection: an account's link to a provider's subject. The tokens are not part of it.
#pragma once

#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/oauth/token.hpp"

namespace cardea::vault {

enum class State {
    fresh,          ///< The tokens can be used, and renewed where they expire.
    renewing,       ///< A renewal is under way.
    needs_consent,  ///< Only the person can help: they must sign in with the provider again.
    revoked,        ///< Given back at the provider.
};
BOOST_DESCRIBE_ENUM(State, fresh, renewing, needs_consent, revoked)

struct Connection {
    std::string id;                         ///< UUIDv7; the API shows `con_…`.
    std::optional<std::string> account_id;  ///< None until it is linked.
    std::string provider;
    std::string issuer;
    std::string subject;
    std::optional<std::string> email;  ///< As the provider has it.
    bool email_verified = false;
    std::vector<std::string> scopes;
    State state = State::fresh;
    std::optional<std::string> reason;  ///< Why it needs consent.
    oauth::Expiry expiry = oauth::Expiry::unknown;
    std::optional<Instant> expires_at;
    std::optional<Instant> renew_at;
    Instant connected_at;
    Instant updated_at;
};

/// Who a sign-in at the provider turned out to be.
struct Identity {
    std::string provider;
    std::string issuer;
    std::string subject;
    std::optional<std::string> email;
    bool email_verified = false;
};

/// What may leave the vault: never a refresh token.
struct AccessToken {
    SecretText access_token;
    std::string token_type;
    /// Without it a token of the type DPoP is of no use (RFC 9449): the private JWK for its proofs.
    std::optional<SecretText> dpop_key;
    oauth::Expiry expiry = oauth::Expiry::unknown;
    std::optional<Instant> expires_at;
    std::vector<std::string> scopes;
    /// Facts that the provider's row keeps with the tokens, by its names: `instance_url`.
    std::map<std::string, std::string> kept;
};

/// The connection that a refresh token belongs to.
struct Holder {
    std::string id;
    bool is_current = false;  ///< False: it was renewed since, and the token is spent.
};

/// `next_cursor` asks for what follows; none on the last page.
struct Page {
    std::vector<Connection> items;
    std::optional<std::string> next_cursor;
};

struct Filter {
    std::optional<std::string> provider = std::nullopt;
    std::optional<State> state = std::nullopt;
    std::optional<std::string> account_id = std::nullopt;
};

}  // namespace cardea::vault
