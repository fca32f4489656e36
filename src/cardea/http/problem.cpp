#include "cardea/http/problem.hpp"

#include "cardea/schema/json.hpp"

namespace cardea::http {

namespace {

using log::Level;

constexpr CodeFacts invalid_facts{400, "Bad Request", false, Level::debug};
constexpr CodeFacts unauthenticated_facts{401, "Unauthorized", false, Level::debug};
constexpr CodeFacts forbidden_facts{403, "Forbidden", false, Level::info};
constexpr CodeFacts not_found_facts{404, "Not Found", false, Level::debug};
constexpr CodeFacts method_facts{405, "Method Not Allowed", false, Level::debug};
constexpr CodeFacts request_timeout_facts{408, "Request Timeout", true, Level::debug};
constexpr CodeFacts conflict_facts{409, "Conflict", false, Level::debug};
constexpr CodeFacts gone_facts{410, "Gone", false, Level::debug};
constexpr CodeFacts too_large_facts{413, "Content Too Large", false, Level::debug};
constexpr CodeFacts media_facts{415, "Unsupported Media Type", false, Level::debug};
constexpr CodeFacts misdirected_facts{421, "Misdirected Request", false, Level::debug};
constexpr CodeFacts unprocessable_facts{422, "Unprocessable Content", false, Level::debug};
constexpr CodeFacts too_many_facts{429, "Too Many Requests", true, Level::info};
constexpr CodeFacts header_facts{431, "Request Header Fields Too Large", false, Level::debug};
constexpr CodeFacts internal_facts{500, "Internal Server Error", true, Level::error};
constexpr CodeFacts not_implemented_facts{501, "Not Implemented", false, Level::debug};
constexpr CodeFacts peer_failed_facts{502, "Bad Gateway", true, Level::warn};
constexpr CodeFacts unavailable_facts{503, "Service Unavailable", true, Level::warn};
constexpr CodeFacts peer_timeout_facts{504, "Gateway Timeout", true, Level::warn};

}  // namespace

const CodeFacts& facts_of(Code code) {
    switch (code) {
        case Code::invalid:
            return invalid_facts;
        case Code::unauthenticated:
            return unauthenticated_facts;
        case Code::forbidden:
            return forbidden_facts;
        case Code::not_found:
            return not_found_facts;
        case Code::method_not_allowed:
            return method_facts;
        case Code::request_timeout:
            return request_timeout_facts;
        case Code::conflict:
            return conflict_facts;
        case Code::gone:
            return gone_facts;
        case Code::too_large:
            return too_large_facts;
        case Code::unsupported_media:
            return media_facts;
        case Code::misdirected:
            return misdirected_facts;
        case Code::unprocessable:
            return unprocessable_facts;
        case Code::too_many:
            return too_many_facts;
        case Code::header_too_large:
            return header_facts;
        case Code::internal:
            return internal_facts;
        case Code::not_implemented:
            return not_implemented_facts;
        case Code::peer_failed:
            return peer_failed_facts;
        case Code::unavailable:
            return unavailable_facts;
        case Code::peer_timeout:
            return peer_timeout_facts;
    }
    return internal_facts;
}

Problem to_problem(const Error& error, std::string_view request_id) {
    const auto& reason = error.reason();
    const auto& facts = facts_of(reason.code);
    Problem problem;
    problem.type = "/problems/" + std::string(reason.slug);
    problem.title = facts.title;
    problem.status = facts.status;
    problem.detail = reason.text;
    problem.reason = reason.slug;
    problem.request_id = request_id;
    if (!error.reference().empty()) problem.reference = error.reference();
    if (error.fields().empty()) return problem;
    problem.errors.emplace();
    for (const auto& field : error.fields()) {
        problem.errors->push_back({field.field, field.reason, field.text});
    }
    return problem;
}

Response problem_response(const Problem& problem) {
    Response response{problem.status, {}, schema::write_json(problem)};
    response.headers.add("Content-Type", "application/problem+json");
    // RFC 9110 section 11.6.1 demands a challenge with every 401.
    if (problem.status == 401) response.headers.add("WWW-Authenticate", "Bearer");
    return response;
}

Response problem_response(const Error& error, std::string_view request_id) {
    auto response = problem_response(to_problem(error, request_id));
    if (auto delay = error.retry_after()) {
        response.headers.add("Retry-After", std::to_string(delay->count()));
    }
    return response;
}

}  // namespace cardea::http
