#include "cardea/http/status.hpp"

namespace cardea::http::status {

std::string_view phrase(int status) {
    switch (status) {
        case ok:
            return "OK";
        case created:
            return "Created";
        case accepted:
            return "Accepted";
        case no_content:
            return "No Content";
        case see_other:
            return "See Other";
        case not_modified:
            return "Not Modified";
        case permanent_redirect:
            return "Permanent Redirect";
        case bad_request:
            return "Bad Request";
        case unauthorized:
            return "Unauthorized";
        case forbidden:
            return "Forbidden";
        case not_found:
            return "Not Found";
        case method_not_allowed:
            return "Method Not Allowed";
        case request_timeout:
            return "Request Timeout";
        case conflict:
            return "Conflict";
        case gone:
            return "Gone";
        case content_too_large:
            return "Content Too Large";
        case unsupported_media_type:
            return "Unsupported Media Type";
        case expectation_failed:
            return "Expectation Failed";
        case misdirected_request:
            return "Misdirected Request";
        case unprocessable_content:
            return "Unprocessable Content";
        case too_many_requests:
            return "Too Many Requests";
        case header_fields_too_large:
            return "Request Header Fields Too Large";
        case internal_server_error:
            return "Internal Server Error";
        case not_implemented:
            return "Not Implemented";
        case bad_gateway:
            return "Bad Gateway";
        case service_unavailable:
            return "Service Unavailable";
        case gateway_timeout:
            return "Gateway Timeout";
        default:
            return "Unknown";
    }
}

}  // namespace cardea::http::status
