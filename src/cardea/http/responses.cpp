#include "cardea/http/responses.hpp"

#include "cardea/http/problem.hpp"
#include "cardea/http/status.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::http::responses {

namespace {

Response with_body(int status, std::string body, std::string content_type) {
    Response response{status, {}, std::move(body)};
    response.headers.add("Content-Type", std::move(content_type));
    return response;
}

Response json(int status, std::string body) {
    return with_body(status, std::move(body), "application/json");
}

Response redirect(int status, std::string location) {
    Response response{status, {}, {}};
    response.headers.add("Location", std::move(location));
    return response;
}

Response refusal(int status, std::string_view text) {
    Problem problem;
    problem.type = "about:blank";
    problem.title = status::phrase(status);
    problem.status = status;
    problem.detail = text;
    return problem_response(problem);
}

Response refusal(int status, std::string_view text, Seconds retry_after) {
    auto response = refusal(status, text);
    response.headers.add("Retry-After", std::to_string(retry_after.count()));
    return response;
}

}  // namespace

Response ok(std::string body) {
    return json(status::ok, std::move(body));
}
Response ok(std::string body, std::string content_type) {
    return with_body(status::ok, std::move(body), std::move(content_type));
}
Response html(std::string page, int status) {
    return with_body(status, std::move(page), "text/html; charset=utf-8");
}
Response created(std::string body) {
    return json(status::created, std::move(body));
}
Response accepted(std::string body) {
    return json(status::accepted, std::move(body));
}
Response no_content() {
    return {status::no_content, {}, {}};
}
Response see_other(std::string location) {
    return redirect(status::see_other, std::move(location));
}
Response see_other(const ReturnTo& return_to) {
    return redirect(status::see_other, return_to.text());
}
Response not_modified() {
    return {status::not_modified, {}, {}};
}
Response permanent_redirect(std::string location) {
    return redirect(status::permanent_redirect, std::move(location));
}

Response bad_request(std::string_view text) {
    return refusal(status::bad_request, text);
}
Response unauthorized(std::string_view text) {
    return refusal(status::unauthorized, text);
}
Response forbidden(std::string_view text) {
    return refusal(status::forbidden, text);
}
Response not_found(std::string_view text) {
    return refusal(status::not_found, text);
}
Response method_not_allowed(std::string_view text, std::string allow) {
    auto response = refusal(status::method_not_allowed, text);
    response.headers.add("Allow", std::move(allow));
    return response;
}
Response request_timeout(std::string_view text) {
    return refusal(status::request_timeout, text);
}
Response conflict(std::string_view text) {
    return refusal(status::conflict, text);
}
Response gone(std::string_view text) {
    return refusal(status::gone, text);
}
Response content_too_large(std::string_view text) {
    return refusal(status::content_too_large, text);
}
Response unsupported_media_type(std::string_view text) {
    return refusal(status::unsupported_media_type, text);
}
Response expectation_failed(std::string_view text) {
    return refusal(status::expectation_failed, text);
}
Response misdirected_request(std::string_view text) {
    return refusal(status::misdirected_request, text);
}
Response unprocessable_content(std::string_view text) {
    return refusal(status::unprocessable_content, text);
}
Response too_many_requests(std::string_view text, Seconds retry_after) {
    return refusal(status::too_many_requests, text, retry_after);
}
Response header_fields_too_large(std::string_view text) {
    return refusal(status::header_fields_too_large, text);
}
Response internal_server_error(std::string_view text) {
    return refusal(status::internal_server_error, text);
}
Response not_implemented(std::string_view text) {
    return refusal(status::not_implemented, text);
}
Response bad_gateway(std::string_view text) {
    return refusal(status::bad_gateway, text);
}
Response service_unavailable(std::string_view text, Seconds retry_after) {
    return refusal(status::service_unavailable, text, retry_after);
}
Response gateway_timeout(std::string_view text) {
    return refusal(status::gateway_timeout, text);
}

}  // namespace cardea::http::responses
