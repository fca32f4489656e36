#include "cardea/http/url.hpp"

#include <idn2.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <memory>

#include "cardea/base/text.hpp"
#include "cardea/http/address.hpp"

namespace cardea::http {

namespace {

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/// Browsers read a host whose last label is a number as IPv4, whatever its form.
bool ends_in_number(std::string_view host) {
    auto last = host.substr(host.find_last_of('.') + 1);
    if (last.starts_with("0x")) return true;
    return std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::string> to_a_labels(std::string_view host) {
    char* output = nullptr;
    std::string copy(host);
    // Without IDN2_USE_STD3_ASCII_RULES, which drops the characters it forbids instead of refusing
    // them: `é@host` would become a host. The caller checks what comes out.
    int flags = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT;
    int status = idn2_to_ascii_8z(copy.c_str(), &output, flags);
    std::unique_ptr<char, void (*)(void*)> owner(output, idn2_free);
    if (status != IDN2_OK) return fail(url_malformed, idn2_strerror(status));
    return std::string(output);
}

Result<std::string> read_ipv6(std::string_view text) {
    auto address = IpAddress::parse(text);
    // Mapped and compatible addresses are IPv4 addresses in disguise.
    if (!address || address->is_v4() || address->text().find('.') != std::string::npos) {
        return fail(url_malformed, "not an IPv6 address");
    }
    return '[' + address->text() + ']';
}

Result<std::string> read_host(std::string_view text) {
    if (text.starts_with('[')) return read_ipv6(text);
    std::string host = ascii_lower(text);
    if (!is_ascii(host) || host.starts_with("xn--") || host.find(".xn--") != host.npos) {
        if (!is_utf8(host) || host.find('\0') != host.npos) return fail(url_malformed, "host");
        // Unicode 15.1 changed what this letter becomes: browsers of one year and the next differ.
        if (host.find("ẞ") != host.npos) return fail(url_malformed, "capital sharp s");
        auto ascii = to_a_labels(host);
        if (!ascii) return ascii;
        host = std::move(*ascii);
    }
    bool empty_label = host.empty() || host.starts_with('.') || host.ends_with('.') ||
                       host.find("..") != host.npos;
    if (empty_label || host.size() > 253) return fail(url_malformed, "host");
    if (!std::ranges::all_of(host, is_host_character)) return fail(url_malformed, "host");
    if (!ends_in_number(host)) return host;
    auto address = IpAddress::parse(host);
    if (!address || address->text() != host) return fail(url_malformed, "a number as host");
    return host;
}

Result<std::uint16_t> read_port(std::string_view text) {
    unsigned port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || port == 0 || port > 65535) return fail(url_malformed, "port");
    return static_cast<std::uint16_t>(port);
}

std::uint16_t default_port(bool https) {
    return https ? 443 : 80;
}

/// Path, query and fragment as RFC 3986 has them; Boost.URL knows the grammar.
bool is_well_formed(const std::string& text) {
    auto parsed = boost::urls::parse_uri(boost::urls::string_view(text));
    return parsed.has_value() && !parsed->has_userinfo();
}

}  // namespace

Result<Authority> Authority::parse(std::string_view text) {
    // The colon before a port stands behind the bracket of an IPv6 address.
    auto bracket = text.find(']');
    auto colon = text.find(':', bracket == text.npos ? 0 : bracket);
    auto host = read_host(text.substr(0, colon));
    if (!host) return std::unexpected(host.error());
    Authority authority{std::move(*host), std::nullopt};
    if (colon == text.npos) return authority;
    auto port = read_port(text.substr(colon + 1));
    if (!port) return std::unexpected(port.error());
    authority.port = *port;
    return authority;
}

bool is_loopback_host(std::string_view host) {
    auto name = ascii_lower(host);
    if (name == "localhost" || name.ends_with(".localhost")) return true;
    auto address = IpAddress::parse(name);
    return address && address->is_loopback();
}

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > limit) return fail(url_malformed, "too long");
    auto colon = text.find("://");
    auto scheme = ascii_lower(text.substr(0, colon));
    if (colon == text.npos || (scheme != "http" && scheme != "https")) {
        return fail(url_malformed, "neither http:// nor https://");
    }
    auto rest = text.substr(colon + 3);
    auto end = std::min(rest.find_first_of("/?#"), rest.size());
    auto authority = Authority::parse(rest.substr(0, end));
    if (!authority) return std::unexpected(authority.error());

    Url url;
    url.https_ = scheme == "https";
    url.authority_ = std::move(*authority);
    auto usual = default_port(url.https_);
    if (!url.authority_.port) url.authority_.port = usual;
    url.text_ = url.origin();
    url.path_ = url.text_.size();
    url.text_ += rest.substr(end);
    if (!is_well_formed(url.text_)) return fail(url_malformed, "path, query or fragment");
    url.fragment_ = url.text_.find('#');
    auto query = url.text_.find('?');
    if (query < url.fragment_) url.query_ = query;
    return url;
}

std::string_view Url::path() const {
    auto end = std::min({query_, fragment_, text_.size()});
    auto path = std::string_view(text_).substr(path_, end - path_);
    return path.empty() ? "/" : path;
}

std::string_view Url::query() const {
    if (!has_query()) return {};
    auto end = std::min(fragment_, text_.size());
    return std::string_view(text_).substr(query_ + 1, end - query_ - 1);
}

std::string Url::target() const {
    std::string target(path());
    if (has_query()) target += '?' + std::string(query());
    return target;
}

std::string Url::origin() const {
    auto origin = (https_ ? "https://" : "http://") + host();
    if (port() != default_port(https_)) origin += ':' + std::to_string(port());
    return origin;
}

bool Url::same_origin(const Url& other) const {
    return https_ == other.https_ && authority_ == other.authority_;
}

}  // namespace cardea::http
