// What the interface shows of accounts, sessions, connections and keys: one struct a resource, its
// members are the JSON fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cardea/account/account.hpp"
#include "cardea/api_key/api_keys.hpp"
#include "cardea/schema/described.hpp"
#include "cardea/schema/shape.hpp"
#include "cardea/session/session.hpp"

namespace cardea::api {

/// The prefixes of public ids.
namespace prefix {
inline constexpr std::string_view account = "acc";
inline constexpr std::string_view session = "ses";
inline constexpr std::string_view connection = "con";
inline constexpr std::string_view key = "key";
inline constexpr std::string_view event = "evt";
}  // namespace prefix

struct AccountView {
    std::string id;
    std::optional<std::string> email;
    bool email_verified = false;
    std::string name;
    std::string picture;
    bool has_password = false;
    std::vector<std::string> roles;
    Instant created_at;
};
DESCRIBED(AccountView, (id, "Its id, `acc_…`."),
          (email, "The e-mail address; missing when no provider gave one."),
          (email_verified, "Whether the address is proven to be the account holder's."),
          (name, "The name to show; may be empty."),
          (picture, "The address of a picture, or empty."),
          (has_password, "Whether a password can be used to sign in."),
          (roles, "Roles of the account, such as `admin`."), (created_at, "When it was opened."))

struct SessionView {
    std::string id;
    bool current = false;
    Instant created_at;
    Instant expires_at;
    Instant last_seen_at;
    std::string device;
    std::string client_address;
    std::string method;
};
DESCRIBED(SessionView, (id, "Its id, `ses_…`. Not the token."),
          (current, "Whether it is the session that asks."),
          (created_at, "When its holder signed in."),
          (expires_at, "When it ends if it is not used; use moves it."),
          (last_seen_at, "About when it was last used."),
          (device, "The name its holder gave the device, or the browser's."),
          (client_address, "The IP address it was opened from."),
          (method, "How its holder proved who they are: `password` or a provider's name."))

struct SignedIn {
    AccountView account;
    SessionView session;
    std::optional<std::string> token;
};
DESCRIBED(SignedIn, (account, "Who is signed in."), (session, "The session."),
          (token, "The bearer token, `cas_…`; only with transport `bearer`, and only once."))

struct Current {
    AccountView account;
    SessionView session;
};
DESCRIBED(Current, (account, "Who is signed in."), (session, "The session that asks."))

struct KeyView {
    std::string id;
    std::string name;
    std::vector<std::string> scopes;
    std::string created_by;
    Instant created_at;
    std::optional<Instant> expires_at;
    std::optional<Instant> last_used_at;
};
DESCRIBED(KeyView, (id, "Its id, `key_…`. Not the key."), (name, "What it is for."),
          (scopes, "What it may do."), (created_by, "The account that made it, or `cli`."),
          (created_at, "When it was made."),
          (expires_at, "When it ends; missing when it does not."),
          (last_used_at, "About when it was last used; missing when it never was."))

AccountView view_of(const account::Account& account);
AccountView view_of(const session::Owner& owner);
/// `current` is the id of the session that asks; empty when none does.
SessionView view_of(const session::Session& session, std::string_view current);
KeyView view_of(const api_key::ApiKey& key);

/// A page of a list.
template <class T>
struct PageOf {
    std::vector<T> items;
    std::optional<std::string> next_cursor;
};

}  // namespace cardea::api
