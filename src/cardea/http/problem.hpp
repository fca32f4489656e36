// Errors as answers: the one table from Code to status, and problem+json (RFC 9457).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/base/log.hpp"
#include "cardea/http/message.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::http {

/// What follows from a Code.
struct CodeFacts {
    int status;
    std::string_view title;
    bool retryable;    ///< The same request may succeed later.
    log::Level level;  ///< How loud a refusal is in the log.
};
const CodeFacts& facts_of(Code code);

/// A wrong field, as it stands in `errors`.
struct ProblemField {
    std::string field;
    std::string reason;
    std::string text;
};
DESCRIBED(ProblemField, (field, "Path of the wrong member, such as `email`."),
          (reason, "Stable slug of what is wrong with it."), (text, "The same for people."))

/// The body of every refusal.
struct Problem {
    std::string type;
    std::string title;
    int status = 500;
    std::string detail;
    std::string reason;
    std::string request_id;
    std::optional<std::string> reference;
    std::optional<std::vector<ProblemField>> errors;
};
DESCRIBED(Problem, (type, "Where this reason is explained: `/problems/{reason}`."),
          (title, "The kind of refusal."), (status, "The HTTP status."),
          (detail, "What happened and what to do, for people."),
          (reason, "Stable slug, such as `sign_in.credentials_wrong`."),
          (request_id, "Quote this when asking for help."),
          (reference, "What `cardea explain` tells an operator more about."),
          (errors, "Each wrong member of the request."))

/// What the error says to the outside: its reason and fields, never its detail.
Problem to_problem(const Error& error, std::string_view request_id);
/// The answer for it, with Retry-After where the error knows a delay and WWW-Authenticate with 401.
Response problem_response(const Error& error, std::string_view request_id);
Response problem_response(const Problem& problem);

}  // namespace cardea::http
