#include "cardea/http/server/request_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "cardea/base/text.hpp"
#include "cardea/http/url.hpp"

namespace cardea::http {

namespace {

constexpr std::size_t field_limit = 100;

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto token_table = make_token_table();

bool is_token(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](unsigned char c) { return token_table[c]; });
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(
        text, [](unsigned char c) { return (c >= 0x20 && c != 0x7F) || c == '\t'; });
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

std::string_view take_line(std::string_view& text) {
    auto end = text.find("\r\n");
    auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
}

Result<void> read_request_line(std::string_view line, RequestHead& head) {
    auto first = line.find(' ');
    auto last = line.rfind(' ');
    if (first == line.npos || first == last) return fail(request_malformed, "request line");
    auto method = line.substr(0, first);
    auto target = line.substr(first + 1, last - first - 1);
    auto version = line.substr(last + 1);
    if (!is_token(method)) return fail(request_malformed, "method");
    if (target.empty() || !is_visible(target) || target.find('#') != target.npos) {
        return fail(request_malformed, "target");
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(request_malformed, "version");
    auto known = method_from(method);
    if (!known) return fail(method_unknown);
    head.request.method = *known;
    head.request.target = target;
    head.minor_version = version.back() - '0';
    return {};
}

/// Origin-form stays; absolute-form must name the Host that was sent and becomes origin-form
/// (RFC 9112 section 3.2.2).
Result<void> settle_target(RequestHead& head) {
    auto& request = head.request;
    if (request.target.starts_with('/')) return {};
    if (request.target == "*" && request.method == Method::options) {
        request.target = "/*";
        return {};
    }
    auto url = Url::parse(request.target);
    if (!url) return fail(request_malformed, url.error());
    auto host = Authority::parse(request.headers.get("Host"));
    if (!host) return fail(request_malformed, host.error());
    auto port = host->port.value_or(url->is_https() ? 443 : 80);
    if (host->host != url->host() || port != url->port()) {
        return fail(request_malformed, "target and Host differ");
    }
    request.target = url->target();
    return {};
}

Result<void> read_content_length(std::string_view value, RequestHead& head) {
    bool digits = !value.empty() && value.size() <= 18 &&
                  std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return fail(request_malformed, "Content-Length");
    std::from_chars(value.data(), value.data() + value.size(), head.content_length);
    if (head.body == RequestHead::Body::none) head.body = RequestHead::Body::length;
    return {};
}

void read_connection(std::string_view value, RequestHead& head) {
    for (auto option : split(value, ',')) {
        option = trim(option);
        if (equal_ignoring_case(option, "close")) head.keep_alive = false;
        if (equal_ignoring_case(option, "keep-alive") && head.minor_version == 0) {
            head.keep_alive = true;
        }
    }
}

/// How often fields stand there that may stand there once.
struct Counts {
    int host = 0;
    int content_length = 0;
    int transfer_encoding = 0;
};

Result<void> note_field(const Headers::Field& field, RequestHead& head, Counts& counts) {
    auto is = [&field](std::string_view name) { return equal_ignoring_case(field.name, name); };
    switch (field.name.size()) {
        case 4:
            if (is("Host")) ++counts.host;
            return {};
        case 6:
            if (!is("Expect")) return {};
            if (!equal_ignoring_case(field.value, "100-continue")) {
                return fail(request_malformed, "Expect");
            }
            head.expects_continue = head.minor_version == 1;
            return {};
        case 10:
            if (is("Connection")) read_connection(field.value, head);
            return {};
        case 14:
            if (!is("Content-Length")) return {};
            ++counts.content_length;
            return read_content_length(field.value, head);
        case 16:
            if (is("Content-Encoding")) head.has_content_encoding = true;
            return {};
        case 17:
            if (!is("Transfer-Encoding")) return {};
            ++counts.transfer_encoding;
            if (!equal_ignoring_case(field.value, "chunked") || head.minor_version == 0) {
                return fail(request_malformed, "Transfer-Encoding");
            }
            head.body = RequestHead::Body::chunked;
            return {};
        default:
            return {};
    }
}

Result<void> check_counts(const Counts& counts, const RequestHead& head) {
    bool host_fits = counts.host == 1 || (counts.host == 0 && head.minor_version == 0);
    if (!host_fits) return fail(request_malformed, "Host must stand there once");
    if (counts.content_length + counts.transfer_encoding > 1) {
        return fail(request_malformed, "two lengths");
    }
    return {};
}

Result<void> read_fields(std::string_view text, RequestHead& head) {
    Counts counts;
    head.request.headers.reserve(12);
    for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
        auto field = read_field(line);
        if (!field) return std::unexpected(field.error());
        if (head.request.headers.size() == field_limit) {
            return fail(header_too_large, "too many fields");
        }
        auto noted = note_field(*field, head, counts);
        if (!noted) return noted;
        head.request.headers.add(field->name, std::move(field->value));
    }
    return check_counts(counts, head);
}

}  // namespace

Result<std::optional<std::size_t>> HeadScanner::scan(std::string_view bytes) {
    for (;;) {
        auto end = bytes.find('\n', line_);
        auto line = bytes.substr(line_, end == bytes.npos ? end : end - line_);
        auto cr = line.find('\r');
        // A CR belongs before a LF and nowhere else; of an unfinished line it may be the last byte.
        bool stray_cr = cr != line.npos && cr + 1 != line.size();
        bool bare_lf = end != bytes.npos && cr == line.npos;
        if (stray_cr || bare_lf) return fail(request_malformed, "line ending");
        if ((end == bytes.npos ? bytes.size() : end) >= limit_) return fail(header_too_large);
        if (end == bytes.npos) return std::optional<std::size_t>();
        bool empty = line == "\r";
        line_ = end + 1;
        if (empty) return std::optional<std::size_t>(line_);
    }
}

Result<Headers::Field> read_field(std::string_view line) {
    auto colon = line.find(':');
    if (colon == line.npos) return fail(request_malformed, "a field without a colon");
    auto name = line.substr(0, colon);
    auto value = trim(line.substr(colon + 1), " \t");
    // A folded line starts with a space and so has no name.
    if (!is_token(name)) return fail(request_malformed, "field name");
    if (!is_field_value(value)) return fail(request_malformed, "field value");
    return Headers::Field{std::string(name), std::string(value)};
}

Result<RequestHead> read_head(std::string_view text) {
    RequestHead head;
    auto line = read_request_line(take_line(text), head);
    if (!line) return std::unexpected(line.error());
    head.keep_alive = head.minor_version == 1;
    auto fields = read_fields(text, head);
    if (!fields) return std::unexpected(fields.error());
    auto target = settle_target(head);
    if (!target) return std::unexpected(target.error());
    return head;
}

}  // namespace cardea::http
