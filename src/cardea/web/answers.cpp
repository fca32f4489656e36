#include "cardea/web/answers.hpp"

#include <fmt/format.h>

#include "cardea/http/problem.hpp"
#include "cardea/http/responses.hpp"

namespace cardea::web {

namespace {

/// Pages have no scripts, no pictures from elsewhere, and are not framed.
std::string policy(const std::vector<std::string>& form_targets) {
    std::string targets = "'self'";
    for (const auto& origin : form_targets) targets.append(" ").append(origin);
    return fmt::format(
        "default-src 'none'; style-src 'self'; form-action {}; frame-ancestors 'none'; "
        "base-uri 'none'",
        targets);
}

}  // namespace

http::Response page(std::string markup, int status, const std::vector<std::string>& form_targets) {
    auto response = http::responses::html(std::move(markup), status);
    response.headers.set("Content-Security-Policy", policy(form_targets));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

int form_status(const Error& error) {
    int status = http::facts_of(error.code()).status;
    return status == 429 || status >= 500 ? status : 422;
}

std::string text_of(const Error& error) {
    std::string text(error.reason().text);
    if (error.reference().empty()) return text;
    return fmt::format("{} If it happens again, tell whoever runs this site the reference {}.",
                       text, error.reference());
}

std::vector<FieldError> form_errors_of(const Error& error) {
    if (!error.fields().empty()) return error.fields();
    return {{"", std::string(error.reason().slug), text_of(error)}};
}

}  // namespace cardea::web
