// What handlers may return besides a described struct: Reply<T> and NoContent.
#pragma once

#include <string>
#include <utility>

#include "cardea/http/cookie.hpp"
#include "cardea/http/message.hpp"

namespace cardea::http {

/// 204.
struct NoContent {};

/// A described body with a status, headers and cookies of its own.
template <class T>
struct Reply {
    T body;
    int status = 200;
    Headers headers;

    Reply() = default;
    explicit Reply(T value, int code = 200) : body(std::move(value)), status(code) {}
    void set_cookie(const SetCookie& cookie) { headers.add("Set-Cookie", to_text(cookie)); }
};

/// 204 with headers and cookies of its own.
template <>
struct Reply<NoContent> {
    int status = 204;
    Headers headers;
    void set_cookie(const SetCookie& cookie) { headers.add("Set-Cookie", to_text(cookie)); }
};

}  // namespace cardea::http
