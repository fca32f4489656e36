// /v1/accounts, /v1/account, /v1/session, /v1/sessions, /v1/password: accounts and sessions.
#pragma once

#include "cardea/api/keys.hpp"
#include "cardea/api/transport.hpp"
#include "cardea/http/router.hpp"
#include "cardea/http/url.hpp"
#include "cardea/sign_in/account_flow.hpp"
#include "cardea/sign_in/password_flow.hpp"
#include "cardea/sign_in/session_flow.hpp"

namespace cardea::api {

struct SignUpBody {
    account::Email email;
    password::Password password;
    std::optional<account::Name> name;
    std::optional<std::string> device;
    std::optional<Transport> transport;
};
DESCRIBED(SignUpBody, (email, "Address the account is opened with."),
          (password,
           "At least 8 characters, at most 1024 bytes, any characters but NUL; not a common or "
           "leaked one."),
          (name, "The name to show."),
          (device, "A name for this device, shown in the list of sessions.",
           schema::length(0, 100)),
          (transport, "cookie or bearer; decided by the caller's kind when left out."))

struct SignInBody {
    account::Email email;
    password::Attempt password;
    std::optional<std::string> device;
    std::optional<Transport> transport;
};
DESCRIBED(SignInBody, (email, "Address the account was opened with."), (password, "Its password."),
          (device, "A name for this device, shown in the list of sessions.",
           schema::length(0, 100)),
          (transport, "cookie or bearer; decided by the caller's kind when left out."))

struct PasswordBody {
    std::optional<password::Attempt> current_password;
    password::Password new_password;
};
DESCRIBED(PasswordBody,
          (current_password, "The password now; may be missing only when the account has none."),
          (new_password,
           "At least 8 characters, at most 1024 bytes, any characters but NUL; not a common or "
           "leaked one."))

struct AccountChanges {
    std::optional<account::Name> name;
    std::optional<http::Url> picture;
    std::optional<account::Email> email;
};
DESCRIBED(AccountChanges, (name, "The name to show."), (picture, "The address of a picture."),
          (email, "A new e-mail address; it is unverified, and needs a recent sign-in."))

struct SessionItems {
    std::vector<SessionView> items;
    std::optional<std::string> next_cursor;
};
DESCRIBED(SessionItems, (items, "The caller's sessions, newest first."),
          (next_cursor, "Asks for the next page; missing on the last."))

class Accounts {
  public:
    struct Parts {
        db::Database& database;
        account::Accounts& accounts;
        session::Sessions& sessions;
        sign_in::PasswordFlow& passwords;
        sign_in::SessionFlow& session_flow;
        sign_in::AccountFlow& account_flow;
        const Clock& clock;
        session::Origin origin;
        Seconds recent_sign_in;
    };
    explicit Accounts(Parts parts) : parts_(parts) {}
    /// `idempotent` wraps the POSTs that create.
    void add_routes(http::Router& router, const http::Route::Wrapper& idempotent);

    Task<http::Response> sign_up(SignUpBody body, http::Exchange& exchange);
    Task<http::Reply<SignedIn>> sign_in(SignInBody body, http::Exchange& exchange);
    Task<Current> current(http::Exchange& exchange);
    Task<http::Reply<http::NoContent>> sign_out(http::Exchange& exchange);
    Task<SessionItems> sessions(ListQuery query, http::Exchange& exchange);
    Task<http::Reply<http::NoContent>> end_session(IdPath path, http::Exchange& exchange);
    Task<http::NoContent> end_others(http::Exchange& exchange);
    Task<http::NoContent> change_password(PasswordBody body, http::Exchange& exchange);
    Task<AccountView> account(http::Exchange& exchange);
    Task<AccountView> update(AccountChanges changes, http::Exchange& exchange);
    Task<AccountView> account_by_id(IdPath path);

  private:
    Parts parts_;
};

}  // namespace cardea::api
