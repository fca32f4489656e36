// Cookies: the Cookie field read strictly, the Set-Cookie field written safely (RFC 6265bis).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/http/message.hpp"

namespace cardea::http {

/// What a browser sent. Pairs that are not well formed are skipped: other programs on the same host
/// set cookies, too. Refers to the headers it was made from.
class Cookies {
  public:
    explicit Cookies(const Headers& headers);

    /// The value of a cookie that was sent exactly once. Sent twice, somebody else (a neighbouring
    /// sub-domain) may have set one of them, and none is believed.
    std::optional<std::string_view> get(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    /// Sent with a value that no cookie can have (RFC 6265 section 4.1.1), such as a quoted one.
    bool is_malformed(std::string_view name) const;
    bool empty() const { return pairs_.empty(); }

  private:
    std::vector<std::pair<std::string_view, std::string_view>> pairs_;
    std::vector<std::string_view> malformed_;
};

enum class SameSite { strict, lax, none };

/// A cookie to set. Always HttpOnly and for the whole host (`Path=/`, no Domain). Names that start
/// with `__Host-` are always Secure.
struct SetCookie {
    std::string name;
    std::string value;
    std::optional<Seconds> max_age{};  ///< None: until the browser closes. 0 removes it.
    SameSite same_site = SameSite::lax;
    bool secure = true;
    std::string path = "/";  ///< Anything else is ignored for `__Host-` names.
};

/// The value of a Set-Cookie field. Name, value and path must be a token, cookie-octets and path
/// characters: they come from this program, so anything else throws std::logic_error.
std::string to_text(const SetCookie& cookie);
/// The cookie that makes browsers forget the one of that name.
SetCookie removal_of(SetCookie cookie);

}  // namespace cardea::http
