#include "cardea/session/cookie.hpp"

#include <fmt/format.h>

namespace cardea::session {
namespace {

// Lax, not Strict: a link from a mail to a page here should find its reader signed in; unsafe
// methods are guarded by the same-origin gate.
std::string build(Origin origin, std::string_view value, std::int64_t max_age) {
    auto secure = origin == Origin::https ? "; Secure" : "";
    return fmt::format("{}={}; Path=/; Max-Age={}{}; HttpOnly; SameSite=Lax", cookie_name(origin),
                       value, max_age, secure);
}

}  // namespace

std::string_view cookie_name(Origin origin) {
    return origin == Origin::https ? "__Host-cardea_session" : "cardea_session";
}

std::string set_cookie(Origin origin, const SecretText& token, Seconds max_age) {
    return build(origin, token.reveal(), max_age.count());
}

std::string clear_cookie(Origin origin) {
    return build(origin, "", 0);
}

}  // namespace cardea::session
