// /v1/connections and what programs read of other people's: connections, fresh tokens, accounts.
#pragma once

#include "cardea/api/keys.hpp"
#include "cardea/http/router.hpp"
#include "cardea/session/cookie.hpp"
#include "cardea/sign_in/leaving_flow.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::api {

struct ConnectionView {
    std::string id;
    std::string provider;
    std::string subject;
    std::vector<std::string> scopes;
    vault::State state = vault::State::fresh;
    oauth::Expiry expiry = oauth::Expiry::unknown;
    std::optional<Instant> expires_at;
    std::optional<Instant> renew_at;
    Instant connected_at;
};
DESCRIBED(ConnectionView, (id, "Its id, `con_…`."), (provider, "The provider's name."),
          (subject, "Who the person is at the provider."),
          (scopes, "What the tokens may be used for."),
          (state, "fresh, renewing, needs_consent or revoked."),
          (expiry, "Whether the access token ends: at, never or unknown."),
          (expires_at, "When the access token ends; only with `at`."),
          (renew_at, "When it is renewed next; missing when it is not."),
          (connected_at, "When the person first signed in with it."))

struct ConnectionItems {
    std::vector<ConnectionView> items;
    std::optional<std::string> next_cursor;
};
DESCRIBED(ConnectionItems, (items, "Connections, oldest first."),
          (next_cursor, "Asks for the next page; missing on the last."))

/// RFC 7518 section 6.2.
struct DpopKey {
    std::string kty;
    std::string crv;
    std::string x;
    std::string y;
    std::string d;
};
DESCRIBED(DpopKey, (kty, "EC."), (crv, "P-256."), (x, "The point's x, base64url."),
          (y, "The point's y, base64url."), (d, "The private number, base64url: a secret."))

struct FreshToken {
    std::string access_token;
    std::string token_type;
    std::optional<DpopKey> dpop_key;
    oauth::Expiry expiry = oauth::Expiry::unknown;
    std::optional<Instant> expires_at;
    std::vector<std::string> scopes;
    std::map<std::string, std::string> kept;
};
DESCRIBED(
    FreshToken, (access_token, "The access token, renewed first when it was about to run out."),
    (token_type, "How it is sent: Bearer, or DPoP where its provider's row says so."),
    (dpop_key,
     "Only with DPoP: the private key (a JWK) that each request's proof is signed with, ES256 "
     "(RFC 9449 section 7)."),
    (expiry, "Whether it ends: at, never or unknown."),
    (expires_at, "When it ends; only with `at`."), (scopes, "What it may be used for."),
    (kept,
     "Facts that the provider's row keeps with the tokens, by its names, such as instance_url."))

struct TokenQuery {
    std::string id;
    std::optional<std::string> companion;
};
DESCRIBED(TokenQuery, (id, "The connection's id."),
          (companion,
           "The name of a second token, for another audience, that the provider's row has."))

struct ConnectionsQuery {
    std::string id;
    std::optional<std::string> provider;
    std::optional<std::string> cursor;
    int limit = 50;
};
DESCRIBED(ConnectionsQuery, (id, "The account's id."), (provider, "Only those of this provider."),
          (cursor, "`next_cursor` of the page before."),
          (limit, "Items on a page.", schema::between(1, 200), schema::may_be_missing()))

struct AccountQuery {
    account::Email email;
};
DESCRIBED(AccountQuery, (email, "The address to look for."))

struct AccountItems {
    std::vector<AccountView> items;
    std::optional<std::string> next_cursor;
};
DESCRIBED(AccountItems, (items, "The account with that address, or none."),
          (next_cursor, "Never set: an address has one account."))

class Connections {
  public:
    struct Parts {
        db::Database& database;
        account::Accounts& accounts;
        vault::Vault& vault;
        sign_in::LeavingFlow& leaving;
        audit::Trail& trail;
        session::Origin origin;
    };
    explicit Connections(Parts parts) : parts_(parts) {}
    void add_routes(http::Router& router);

    Task<ConnectionItems> list(ListQuery query, http::Exchange& exchange);
    Task<http::NoContent> remove(IdPath path, http::Exchange& exchange);
    Task<ConnectionView> renew(IdPath path, http::Exchange& exchange);
    Task<http::Reply<http::NoContent>> remove_account(http::Exchange& exchange);
    Task<ConnectionItems> list_of(ConnectionsQuery query);
    Task<FreshToken> token(TokenQuery query, http::Exchange& exchange);
    Task<AccountItems> accounts(AccountQuery query);

  private:
    Task<vault::AccessToken> leased(std::string id, std::optional<std::string> companion,
                                    audit::Origin origin);
    Task<ConnectionItems> page(vault::Filter filter, std::string cursor, int limit);

    Parts parts_;
};

ConnectionView view_of(const vault::Connection& connection);

}  // namespace cardea::api
