// Absolute http and https URLs that a browser and this server read alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::http {

inline constexpr Reason url_malformed{Code::invalid, "url.malformed",
                                      "This is not a full http or https address."};

/// Host and port as they stand in a Host field or in a URL.
struct Authority {
    std::string host;  ///< Lower case, A-labels; IPv6 in brackets.
    std::optional<std::uint16_t> port;

    /// Strict: no user, no percent-encoding, no empty label, no number that browsers would read as
    /// an IPv4 address in disguise (`0x7f.1`). Unicode names become A-labels (UTS 46).
    static Result<Authority> parse(std::string_view text);
    static constexpr schema::TextRule rule{.max_length = 260, .example = "auth.example.org"};
    std::string text() const { return port ? host + ':' + std::to_string(*port) : host; }
    bool operator==(const Authority&) const = default;
};

/// True for `localhost`, names below it, 127.0.0.0/8 and [::1].
bool is_loopback_host(std::string_view host);

/// An absolute URL with scheme http or https, at most 2048 bytes, ASCII apart from its host. User
/// names in it are refused, as is everything on which parsers disagree (backslashes, spaces,
/// control characters).
class Url {
  public:
    static constexpr std::size_t limit = 2048;
    static constexpr schema::TextRule rule{.format = "uri", .max_length = limit};

    static Result<Url> parse(std::string_view text);

    /// As given, but with scheme and host in lower case, A-labels, and without a default port. An
    /// empty path stays empty, because issuers are compared as text.
    const std::string& text() const { return text_; }
    bool is_https() const { return https_; }
    const std::string& host() const { return authority_.host; }
    std::uint16_t port() const { return *authority_.port; }
    /// `/` when the URL has none.
    std::string_view path() const;
    /// Path and query: what a request line holds.
    std::string target() const;
    /// Without the `?`; empty when there is none.
    std::string_view query() const;
    bool has_query() const { return query_ != std::string::npos; }
    bool has_fragment() const { return fragment_ != std::string::npos; }
    /// `https://app.example` or `http://127.0.0.1:8080` (RFC 6454).
    std::string origin() const;
    bool is_loopback() const { return is_loopback_host(host()); }
    bool same_origin(const Url& other) const;

    bool operator==(const Url& other) const { return text_ == other.text_; }

  private:
    Url() = default;
    std::string text_;
    Authority authority_;  // its port is always set
    std::size_t path_ = 0;
    std::size_t query_ = std::string::npos;  // where the ? stands
    std::size_t fragment_ = std::string::npos;
    bool https_ = true;
};

}  // namespace cardea::http
