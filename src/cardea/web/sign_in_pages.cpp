// The sign-in page, the create-account page, and the page that says what happened.
#include "cardea/web/layout.hpp"

namespace cardea::web {

namespace {

Html email_field(const FormView& form) {
    return field({.name = "email",
                  .label = "E-mail address",
                  .type = "email",
                  .autocomplete = "username",
                  .value = form.email,
                  .hint = {}},
                 form.errors);
}

Html or_line(bool shown) {
    return shown ? html("<div class=\"or\" role=\"presentation\"><span>or</span></div>\n") : Html();
}

}  // namespace

std::string sign_in_page(const Frame& frame, const SignInView& view) {
    Html password = field({.name = "password",
                           .label = "Password",
                           .type = "password",
                           .autocomplete = "current-password",
                           .value = {},
                           .hint = {}},
                          view.form.errors);
    Html sign_up;
    if (view.may_sign_up)
        sign_up = html("<p>New here? <a href=\"/sign-up\">Create an account</a></p>\n");
    Html content = html(
        "<section>\n<h1>Sign in</h1>\n{}{}{}{}"
        "<form method=\"post\" action=\"/sign-in\">\n{}{}{}"
        "<button class=\"wide\" type=\"submit\">Sign in</button>\n</form>\n</section>\n{}",
        notice(view.notice), form_errors(view.form.errors),
        provider_buttons(view.providers, view.form.return_to), or_line(!view.providers.empty()),
        hidden("return_to", view.form.return_to), email_field(view.form), password, sign_up);
    return document(frame, "Sign in", Width::narrow, content);
}

std::string sign_up_page(const Frame& frame, const SignUpView& view) {
    auto hint =
        fmt::format("At least {} characters. A sentence of a few words is easy to remember.",
                    view.minimum_password_length);
    Html password = field({.name = "password",
                           .label = "Password",
                           .type = "password",
                           .autocomplete = "new-password",
                           .value = {},
                           .hint = hint},
                          view.form.errors);
    Html content = html(
        "<section>\n<h1>Create an account</h1>\n{}{}{}"
        "<form method=\"post\" action=\"/sign-up\">\n{}{}{}"
        "<button class=\"wide\" type=\"submit\">Create account</button>\n</form>\n</section>\n"
        "<p>Have an account? <a href=\"/\">Sign in</a></p>\n",
        form_errors(view.form.errors), provider_buttons(view.providers, view.form.return_to),
        or_line(!view.providers.empty()), hidden("return_to", view.form.return_to),
        email_field(view.form), password);
    return document(frame, "Create an account", Width::narrow, content);
}

std::string message_page(const Frame& frame, const MessageView& view) {
    Html action, reference;
    if (!view.action_url.empty()) {
        action = html("<p><a class=\"button\" href=\"{}\">{}</a></p>\n", view.action_url,
                      view.action_text);
    }
    if (!view.request_id.empty()) {
        reference = html(
            "<p class=\"soft\">If you ask for help, name this reference: <code>{}</code></p>\n",
            view.request_id);
    }
    Html content = html("<section>\n<h1>{}</h1>\n<p>{}</p>\n{}{}</section>\n", view.title,
                        view.text, action, reference);
    return document(frame, view.title, Width::narrow, content);
}

}  // namespace cardea::web
