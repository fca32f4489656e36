// Caller: who a request comes from, and the gate that finds out and holds routes to their Access.
#pragma once

#include <optional>
#include <string>

#include "cardea/api_key/api_keys.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/http/gate.hpp"
#include "cardea/session/cookie.hpp"
#include "cardea/session/sessions.hpp"

namespace cardea::api {

/// The request carries a cookie and an Authorization field: which of them is meant?
inline constexpr Reason two_credentials{
    Code::invalid, "caller.two_credentials",
    "Send either the session cookie or an Authorization header, not both."};
/// Authorization is not `Bearer` with one token.
inline constexpr Reason authorization_malformed{
    Code::unauthenticated, "caller.authorization_malformed",
    "The Authorization header must be: Bearer, a space, and the token."};
inline constexpr Reason reauthenticate{
    Code::forbidden, "session.reauthenticate",
    "This needs a fresh sign-in. Sign in again, then repeat it within a few minutes."};
inline constexpr Reason admin_needed{Code::forbidden, "caller.admin_needed",
                                     "This is for administrators."};
inline constexpr Reason session_needed{Code::forbidden, "caller.session_needed",
                                       "This is for people who are signed in, not for API keys."};
inline constexpr Reason key_needed{Code::unauthenticated, "caller.key_needed",
                                   "This needs an API key."};

/// At most one of the two is set; neither for somebody unknown.
struct Caller {
    session::SessionPointer session;
    std::optional<api_key::ApiKey> key;
};

/// Who the caller gate found. For routes with access `session`, `session` is set.
const Caller& caller_of(const http::Exchange& exchange);
/// The session of a route with access `session` or `recent_session`.
const session::SessionView& session_of(const http::Exchange& exchange);
/// For the audit trail: who acts and from where.
audit::Origin origin_of(const http::Exchange& exchange);

struct CallerSettings {
    session::Origin origin = session::Origin::https;  ///< Decides the cookie's name.
    Seconds recent_sign_in = 10min;
};

/// Cookie or bearer token → Caller, and a refusal where the route's access wants more. A cookie
/// that names no live session is cleared.
class CallerGate final : public http::Gate {
  public:
    CallerGate(session::Sessions& sessions, api_key::ApiKeys& keys, const Clock& clock,
               CallerSettings settings);

    std::string_view name() const override { return "caller"; }
    http::Verdict check(http::Exchange& exchange) override;
    Task<void> wait(http::Exchange& exchange) override;

  private:
    Result<void> judge(const http::Exchange& exchange, const Caller& caller) const;
    Result<void> settle(http::Exchange& exchange, Caller caller) const;

    session::Sessions& sessions_;
    api_key::ApiKeys& keys_;
    const Clock& clock_;
    CallerSettings settings_;
};

}  // namespace cardea::api
