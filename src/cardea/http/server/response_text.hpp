// A response as the bytes that go over the wire.
#pragma once

#include <string>
#include <string_view>

#include "cardea/http/message.hpp"

namespace cardea::http {

/// What the connection knows and the response does not.
struct Framing {
    Method method = Method::get;  ///< HEAD gets the header alone.
    int minor_version = 1;
    bool keep_alive = true;
    std::string_view date;  ///< An IMF-fixdate.
};

/// Appends status line, header and body. Content-Length, Connection and Date are the connection's
/// business: those in the response are left out.
void append_response(std::string& out, const Response& response, const Framing& framing);

}  // namespace cardea::http
