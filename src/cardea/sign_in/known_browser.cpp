#include "cardea/sign_in/known_browser.hpp"

#include <charconv>

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::sign_in {
namespace {

constexpr Seconds lifetime = 180 * 24h;

std::int64_t to_seconds(Instant instant) {
    return to_unix_ms(instant) / 1000;
}

}  // namespace

std::string_view known_browser_cookie_name(session::Origin origin) {
    return origin == session::Origin::https ? "__Host-cardea_known" : "cardea_known";
}

http::SetCookie KnownBrowsers::cookie(const account::Email& email) const {
    http::SetCookie cookie;
    cookie.name = known_browser_cookie_name(origin_);
    cookie.value = sign(to_seconds(clock_.now() + lifetime), email);
    cookie.max_age = lifetime;
    cookie.secure = origin_ == session::Origin::https;
    return cookie;
}

bool KnownBrowsers::knows(std::string_view cookie_value, const account::Email& email) const {
    std::int64_t ends_at = 0;
    auto [rest, error] = std::from_chars(cookie_value.begin(), cookie_value.end(), ends_at);
    if (error != std::errc() || ends_at <= to_seconds(clock_.now())) return false;
    return constant_time_equal(cookie_value, sign(ends_at, email));
}

std::string KnownBrowsers::sign(std::int64_t ends_at, const account::Email& email) const {
    auto end = std::to_string(ends_at);
    auto digest = hmac_.of(as_bytes(end + ' ' + email.key()));
    return end + '.' + to_base64url(digest);
}

}  // namespace cardea::sign_in
