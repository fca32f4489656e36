// The flow cookie: what binds a sign-in with a provider to the browser that began it.
#pragma once

#include <optional>
#include <string_view>

#include "cardea/base/secret.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/http/cookie.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/session/cookie.hpp"

namespace cardea::sign_in {

/// `__Host-cardea_flow`; `cardea_flow` in development mode on loopback.
std::string_view flow_cookie_name(session::Origin origin);
/// A browser's secret: the one it has, when it is one of ours, so that two tabs can sign in side by
/// side; else a new one of 256 random bits.
SecretText browser_secret(std::string_view cookie_value, crypto::Random& random);
/// The cookie that keeps it for the life of a sign-in. SameSite=None only where the provider posts
/// its answer from its own origin.
http::SetCookie flow_cookie(session::Origin origin, const SecretText& secret,
                            oauth::ResponseMode mode);

}  // namespace cardea::sign_in
