#include "cardea/http/server/response_text.hpp"

#include <array>
#include <charconv>

#include "cardea/base/text.hpp"
#include "cardea/http/status.hpp"

namespace cardea::http {

namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

bool belongs_to_the_connection(std::string_view name) {
    return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
           equal_ignoring_case(name, "Date") || equal_ignoring_case(name, "Transfer-Encoding");
}

/// RFC 9110 section 6.4.1.
bool may_have_body(int status) {
    return status >= 200 && status != status::no_content && status != status::not_modified;
}

}  // namespace

void append_response(std::string& out, const Response& response, const Framing& framing) {
    out.reserve(out.size() + 512 + response.body.size());
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += status::phrase(response.status);
    out += "\r\n";
    for (const auto& field : response.headers) {
        if (!belongs_to_the_connection(field.name)) append_field(out, field.name, field.value);
    }
    append_field(out, "Date", framing.date);
    if (!framing.keep_alive) {
        append_field(out, "Connection", "close");
    } else if (framing.minor_version == 0) {
        append_field(out, "Connection", "keep-alive");
    }
    bool body = may_have_body(response.status);
    if (body) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    out += "\r\n";
    if (body && framing.method != Method::head) out += response.body;
}

}  // namespace cardea::http
