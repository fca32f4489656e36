#include "cardea/sign_in/flow_cookie.hpp"

#include <chrono>

#include "cardea/base/encoding.hpp"
#include "cardea/oauth/authorization.hpp"

namespace cardea::sign_in {
namespace {

constexpr std::size_t secret_bytes = 32;

bool is_secret(std::string_view text) {
    auto bytes = from_base64url(text);
    return bytes && bytes->size() == secret_bytes;
}

}  // namespace

std::string_view flow_cookie_name(session::Origin origin) {
    return origin == session::Origin::https ? "__Host-cardea_flow" : "cardea_flow";
}

SecretText browser_secret(std::string_view cookie_value, crypto::Random& random) {
    if (is_secret(cookie_value)) return SecretText(std::string(cookie_value));
    return SecretText(to_base64url(random.bytes(secret_bytes)));
}

http::SetCookie flow_cookie(session::Origin origin, const SecretText& secret,
                            oauth::ResponseMode mode) {
    http::SetCookie cookie;
    cookie.name = flow_cookie_name(origin);
    cookie.value = secret.reveal();
    cookie.max_age = std::chrono::duration_cast<Seconds>(oauth::pending_lifetime);
    bool posted = mode == oauth::ResponseMode::form_post;
    bool https = origin == session::Origin::https;
    // Browsers take SameSite=None only with Secure.
    cookie.same_site = posted && https ? http::SameSite::none : http::SameSite::lax;
    cookie.secure = https;
    return cookie;
}

}  // namespace cardea::sign_in
