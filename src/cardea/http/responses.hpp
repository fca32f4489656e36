// One named function per HTTP status that is used: `responses::see_other("/")`.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/http/message.hpp"
#include "cardea/http/return_to.hpp"

/// Successes take a body that is JSON already (schema::write_json makes it). Refusals take a
/// sentence for people and become problem+json of type `about:blank`; handlers return Errors
/// instead, which carry a reason. Text that goes into a header (`location`) is dropped when it
/// holds a line break.
namespace cardea::http::responses {

Response ok(std::string json = "{}");
Response ok(std::string body, std::string content_type);
Response html(std::string page, int status = 200);
Response created(std::string json = "{}");
Response accepted(std::string json = "{}");
Response no_content();
/// After a POST, and to a provider (RFC 9110 section 15.4.4): the browser goes there with GET.
Response see_other(std::string location);
Response see_other(const ReturnTo& return_to);
Response not_modified();
Response permanent_redirect(std::string location);

Response bad_request(std::string_view text);
Response unauthorized(std::string_view text);
Response forbidden(std::string_view text);
Response not_found(std::string_view text);
/// `allow`: the methods that do apply, `GET, HEAD`.
Response method_not_allowed(std::string_view text, std::string allow);
Response request_timeout(std::string_view text);
Response conflict(std::string_view text);
Response gone(std::string_view text);
Response content_too_large(std::string_view text);
Response unsupported_media_type(std::string_view text);
Response expectation_failed(std::string_view text);
Response misdirected_request(std::string_view text);
Response unprocessable_content(std::string_view text);
Response too_many_requests(std::string_view text, Seconds retry_after);
Response header_fields_too_large(std::string_view text);
Response internal_server_error(std::string_view text);
Response not_implemented(std::string_view text);
Response bad_gateway(std::string_view text);
Response service_unavailable(std::string_view text, Seconds retry_after = 5s);
Response gateway_timeout(std::string_view text);

}  // namespace cardea::http::responses
