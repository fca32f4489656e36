// The forms of the pages as described structs, and what a person typed, to be shown again.
#pragma once

#include <optional>
#include <string>

#include "cardea/account/email.hpp"
#include "cardea/http/codec.hpp"
#include "cardea/password/password.hpp"
#include "cardea/web/pages.hpp"

namespace cardea::web {

struct SignInForm {
    account::Email email;
    password::Attempt password;
    std::optional<std::string> return_to;
};
DESCRIBED(SignInForm, (email, "Address the account was opened with."), (password, "Its password."),
          (return_to, "Where to go afterwards."))

struct SignUpForm {
    account::Email email;
    password::Password password;
    std::optional<std::string> return_to;
};
DESCRIBED(SignUpForm, (email, "Address the account is opened with."), (password, "Its password."),
          (return_to, "Where to go afterwards."))

struct PasswordForm {
    std::optional<password::Attempt> current_password;
    password::Password new_password;
    std::optional<std::string> username;
};
DESCRIBED(PasswordForm, (current_password, "The password now."), (new_password, "The new one."),
          (username, "For password managers; not used."))

/// What was typed, without passwords. Fails when the body is no form at all.
inline Result<FormView> typed_form(const http::Exchange& exchange) {
    auto form = http::form_parameters(exchange.request);
    if (!form) return std::unexpected(form.error());
    FormView view;
    view.email = form->get("email").value_or("");
    view.return_to = form->get("return_to").value_or("");
    return view;
}

}  // namespace cardea::web
