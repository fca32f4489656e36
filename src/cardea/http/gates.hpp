// The gates that every server needs, as one list: request id, deadline, trusted host, client
// address, CORS, same origin, security headers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/crypto/random.hpp"
#include "cardea/http/gate.hpp"
#include "cardea/http/router.hpp"
#include "cardea/http/url.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::http {

inline constexpr Reason host_unknown{Code::misdirected, "request.host",
                                     "This server does not answer to that host name."};
inline constexpr Reason cross_origin{
    Code::forbidden, "csrf.cross_origin",
    "This request came from another site, which may not do that here."};
inline constexpr Reason https_needed{Code::forbidden, "request.https_needed",
                                     "This site is used over https."};

/// Section `[cors]`.
struct CorsSettings {
    std::vector<Url> allowed_origins;
};
DESCRIBED(CorsSettings,
          (allowed_origins, "Origins whose pages may call this server with the user's cookies.",
           schema::may_be_missing()))

/// Section `[http]`: what the gates go by.
struct GateSettings {
    std::vector<Authority> trusted_hosts;
    std::vector<IpNetwork> trusted_proxies;
    Milliseconds request_limit = 60s;
};
DESCRIBED(GateSettings,
          (trusted_hosts, "Host names answered to besides the one of public_url.",
           schema::may_be_missing()),
          (trusted_proxies,
           "Addresses or networks of reverse proxies whose X-Forwarded-For and "
           "X-Forwarded-Proto are believed.",
           schema::may_be_missing()),
          (request_limit, "Longest time for one request, from its first byte to the answer.",
           schema::between(10ms, 600s)))

/// What gates need to know beside settings.
struct Site {
    /// The one source of our own origin. Empty only in development mode on loopback: then the Host
    /// field is, and only loopback names are trusted.
    std::optional<Url> public_url;
};

std::unique_ptr<Gate> request_id_gate(crypto::Random& random);
std::unique_ptr<Gate> deadline_gate(Milliseconds limit);
/// Host must be that of the public URL, one of trusted_hosts, or a loopback name without a public
/// URL; 421 `request.host` otherwise, 400 when it is not a host at all.
std::unique_ptr<Gate> trusted_host_gate(const Site& site, const GateSettings& settings);
/// From a trusted proxy, the right-most address of X-Forwarded-For that is not a trusted proxy
/// itself, and X-Forwarded-Proto; from anybody else, neither is looked at.
std::unique_ptr<Gate> client_address_gate(const GateSettings& settings);
/// What a trusted proxy was asked in plain http, where the public URL is https: GET and HEAD are
/// sent to https with 308, the rest is refused with `request.https_needed`, because its content has
/// crossed the network already.
std::unique_ptr<Gate> https_gate(const Site& site);
std::unique_ptr<Gate> cors_gate(const CorsSettings& settings);
/// api.md "Same origin".
std::unique_ptr<Gate> same_origin_gate(const Site& site, const CorsSettings& settings);
/// nosniff, Referrer-Policy, a Content-Security-Policy for everything that is not a page,
/// frame-ancestors, HSTS, and `Cache-Control: no-store` where the handler said nothing else.
std::unique_ptr<Gate> security_headers_gate(const Site& site);

/// Adds all of them in their order. Gates of api (throttle, caller) are added behind.
void add_generic_gates(Router& router, const Site& site, const GateSettings& settings,
                       const CorsSettings& cors, crypto::Random& random);

/// Our own origin as this request sees it: the public URL's, or in development mode scheme and
/// Host.
std::string own_origin(const Site& site, const Exchange& exchange);

}  // namespace cardea::http
