// Exchange: one request on its way through gates and handler, with what is known about it.
#pragma once

#include <any>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/http/address.hpp"
#include "cardea/http/cookie.hpp"
#include "cardea/http/message.hpp"
#include "cardea/http/parameters.hpp"

namespace cardea::http {

class Route;

struct Exchange {
    using Steady = std::chrono::steady_clock;

    Request request;
    /// The path that routes are matched against: decoded once, without dot segments. See path.hpp.
    std::string path;
    /// The pattern's `{names}` with what stands there, in order.
    std::vector<std::pair<std::string_view, std::string>> path_parameters;
    /// None when nothing answers to this path and method.
    const Route* route = nullptr;

    IpAddress peer_address;       ///< The other end of the socket.
    IpAddress client_address;     ///< The same, or what a trusted proxy says.
    bool secure = false;          ///< Came over https, here or at a trusted proxy.
    bool plain_at_proxy = false;  ///< A trusted proxy says that it was asked in plain http.
    std::string host;             ///< The Host field: `app.example` or `127.0.0.1:8080`.

    std::string request_id;
    Steady::time_point received_at = Steady::now();
    /// What has not been done by then is not wanted any more.
    Steady::time_point deadline = Steady::time_point::max();

    /// Who calls: filled by api's caller gate, empty where nobody proved anything.
    std::any caller;
    /// Added to whatever answer is sent, refusals too.
    Headers reply_headers;
    /// Why the answer is a refusal; for the access log.
    const Reason* refusal = nullptr;

    /// The text of a path parameter; empty when the pattern has none of that name.
    std::string_view parameter(std::string_view name) const;
    /// The raw query without the `?`.
    std::string_view query() const;
    /// The query's parameters, or `request.parameters`.
    Result<Parameters> query_parameters() const { return Parameters::parse(query()); }
    Cookies cookies() const { return Cookies(request.headers); }
    /// GET, HEAD and OPTIONS change nothing (RFC 9110 section 9.2.1).
    bool is_safe() const;
    /// Whether Accept names that media type itself; `*/*` does not count.
    bool accepts(std::string_view media_type) const;
};

}  // namespace cardea::http
