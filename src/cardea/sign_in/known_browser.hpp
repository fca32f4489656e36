// KnownBrowsers: a browser that signed in to an account before is recognised, so that strangers who
// guess at the account do not make its owner wait.
#pragma once

#include <string>

#include "cardea/account/email.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/cookie.hpp"
#include "cardea/session/cookie.hpp"

namespace cardea::sign_in {

/// `__Host-cardea_known`; `cardea_known` in development mode on loopback.
std::string_view known_browser_cookie_name(session::Origin origin);

/// Makes and checks the values of that cookie: an end and a keyed digest of the address that was
/// signed in with. It opens nothing; it only decides whose attempts are counted together. Nothing
/// is stored. Immutable: any thread.
class KnownBrowsers {
  public:
    /// `key`: derived for this purpose alone. `clock` must outlive this.
    KnownBrowsers(const SecretBytes& key, const Clock& clock, session::Origin origin)
        : hmac_(key.reveal()), clock_(clock), origin_(origin) {}

    http::SetCookie cookie(const account::Email& email) const;
    /// False for what is forged, has ended, or was made for another address.
    bool knows(std::string_view cookie_value, const account::Email& email) const;

  private:
    std::string sign(std::int64_t ends_at, const account::Email& email) const;

    crypto::HmacSha256 hmac_;
    const Clock& clock_;
    session::Origin origin_;
};

}  // namespace cardea::sign_in
