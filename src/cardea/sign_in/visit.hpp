// Visit and SignedIn: what every sign-in starts from, and what it ends in.
#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>

#include "cardea/account/account.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/http/cookie.hpp"
#include "cardea/session/session.hpp"

namespace cardea::sign_in {

/// Who asks, and from where.
struct Visit {
    audit::Origin origin;
    std::string device;  ///< A name for the list of sessions; may be empty.
    /// The session token that this browser came with, if any. A sign-in always opens a new session,
    /// and ends that one: a planted or shared cookie never becomes somebody's session.
    SecretText previous_token;
    std::string known_browser;  ///< The value of that cookie (KnownBrowsers); may be empty.
};

/// How the token of a new session is handed out: exactly one way.
enum class Transport { cookie, bearer };
BOOST_DESCRIBE_ENUM(Transport, cookie, bearer)

/// A sign-in that succeeded. The token is given out once, by cookie or in the body.
struct SignedIn {
    account::Account account;
    session::Session session;
    SecretText token;
    /// Handed out beside a session cookie: strangers who guess at this account will not make this
    /// browser wait.
    std::optional<http::SetCookie> known_browser{};
};

}  // namespace cardea::sign_in
