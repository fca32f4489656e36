// Transport: whether a session's token goes into a cookie or into the body. Exactly one of them.
#pragma once

#include <optional>

#include "cardea/api/views.hpp"
#include "cardea/http/exchange.hpp"
#include "cardea/http/reply.hpp"
#include "cardea/session/cookie.hpp"
#include "cardea/sign_in/visit.hpp"

namespace cardea::api {

using sign_in::Transport;

/// What was asked for; else `cookie` for a browser (it sends Sec-Fetch-Site) and `bearer` for
/// others.
Transport transport_of(const http::Exchange& exchange, std::optional<Transport> wanted);

/// Who asks: address, device (its own name or the browser's), and the cookie it came with.
sign_in::Visit visit_of(const http::Exchange& exchange, std::optional<std::string> device,
                        session::Origin origin);

/// The answer to a sign-in, with the token where the transport wants it.
http::Reply<SignedIn> signed_in_reply(const sign_in::SignedIn& signed_in, Transport transport,
                                      session::Origin origin, int status);

/// How long the browser keeps the cookie: to the absolute end.
Seconds cookie_age(const session::Session& session);

}  // namespace cardea::api
