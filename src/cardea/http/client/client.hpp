// The HTTP client: sends one request, awaits one response.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/http/message.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::http {

/// The peer could not be reached, broke off, or spoke something else than HTTP.
inline constexpr Reason peer_unreachable{Code::peer_failed, "peer.unreachable",
                                         "The other side could not be reached."};
/// A deadline passed: connect, first byte or total.
inline constexpr Reason peer_timeout{Code::peer_timeout, "peer.timeout",
                                     "The other side did not answer in time."};
/// TLS failed: the certificate is not valid for that name, expired, or not trusted.
inline constexpr Reason peer_tls{Code::peer_failed, "peer.tls",
                                 "The other side could not prove who it is."};
/// The response is larger than the limit.
inline constexpr Reason peer_too_large{Code::peer_failed, "peer.too_large",
                                       "The other side answered too much."};
/// The URL is not one that this server talks to (scheme, plain http beyond loopback, private
/// address).
inline constexpr Reason url_refused{Code::peer_failed, "peer.url_refused",
                                    "That address is not one this server talks to."};

/// What a request may cost.
struct Limits {
    Milliseconds connect = 5s;
    Milliseconds first_byte = 10s;
    Milliseconds total = 15s;
    std::size_t response_bytes = 1 << 20;  ///< Of the body after decoding.
};

/// Sends requests. An interface because tests put FakeProvider here.
class Client {
  public:
    virtual ~Client() = default;
    /// `request.target` is an absolute URL. Any HTTP status is a success here; redirects are not
    /// followed.
    virtual Task<Response> send(Request request, Limits limits = {}) = 0;
};

struct ClientOptions {
    /// Plain http:// is allowed to loopback addresses, and https:// to loopback too. Development
    /// mode only.
    bool insecure_allow_loopback = false;
    std::string ca_file{};  ///< Trusted certificates; empty = the system's, read on first use.
    std::string user_agent = "cardea";
    std::size_t connections_per_host = 8;
};

/// libcurl's multi interface driven by the I/O thread: connection reuse, TLS verified always (1.2
/// or later), no redirects, and after resolution no private, link-local or loopback address (SSRF),
/// except as the options say.
std::unique_ptr<Client> make_client(const boost::asio::any_io_executor& executor,
                                    ClientOptions options);

}  // namespace cardea::http
