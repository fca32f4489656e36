// The text of the session cookie, built only here.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::session {

/// How the origin is reached decides the cookie's name and flags.
enum class Origin {
    https,           ///< `__Host-cardea_session`, Secure.
    plain_loopback,  ///< `cardea_session`; development mode on loopback only.
};

std::string_view cookie_name(Origin origin);
/// The value of Set-Cookie that hands the token to the browser. It lasts until `max_age` passes;
/// the server's own limits decide in the end.
std::string set_cookie(Origin origin, const SecretText& token, Seconds max_age);
/// The value of Set-Cookie that takes it away.
std::string clear_cookie(Origin origin);

}  // namespace cardea::session
