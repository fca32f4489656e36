// What the pages answer with: markup under a strict policy, and errors in words for people.
#pragma once

#include <string>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"

namespace cardea::web {

/// The markup as a response that nobody keeps. `form_targets` are the origins beside ours that a
/// form of it may lead to: browsers hold the redirects after a form to form-action, too.
http::Response page(std::string markup, int status = 200,
                    const std::vector<std::string>& form_targets = {});

/// 422 for what the person can mend in the form; an outage keeps its own status.
int form_status(const Error& error);
/// What is wrong, and what to quote to an operator where there is a reference.
std::string text_of(const Error& error);
/// The error as some of a form's: its fields, or itself, which is about the whole form.
std::vector<FieldError> form_errors_of(const Error& error);

}  // namespace cardea::web
