// The pages as functions: a view in, markup out. No I/O, no services; site.cpp fills the views.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/web/html.hpp"

namespace cardea::web {

/// A provider's button.
struct ProviderView {
    std::string name;
    std::string title;
};

/// What every page shows.
struct Frame {
    std::string site_name = "cardea";
    std::string stylesheet;  ///< Path with the content's digest, so that it may be cached for ever.
};

/// A form as the person left it, with what was wrong. Passwords are never put back.
struct FormView {
    std::string email;
    std::string name;
    std::string return_to;
    std::vector<FieldError>
        errors;  ///< `field` is the input's name; an empty one is about the whole form.
};

struct SignInView {
    FormView form;
    std::vector<ProviderView> providers;
    bool may_sign_up = true;
    std::string notice;  ///< Such as "You are signed out."
};

struct SignUpView {
    FormView form;
    std::vector<ProviderView> providers;
    int minimum_password_length = 8;
};

struct SessionView {
    std::string id;
    std::string device;
    std::string client_address;
    std::string method;
    std::string last_seen_at;
    bool current = false;
};

struct ConnectionView {
    std::string id;
    std::string provider_title;
    std::string subject;
    std::string state;   ///< `fresh`, `renewing`, `needs_consent` or `revoked`
    std::string expiry;  ///< A sentence: "The token runs out at …", "The token does not expire."
    std::string connected_at;
    std::string renew_url;  ///< Where to consent again; empty where that is not needed.
};

struct AccountView {
    std::string email;
    bool email_verified = false;
    std::string name;
    bool has_password = false;
    int minimum_password_length = 8;
    bool may_change = true;  ///< The sign-in is recent enough for what needs that.
    std::vector<SessionView> sessions;
    std::vector<ConnectionView> connections;
    std::vector<ProviderView> connectable;
    std::vector<FieldError> errors;  ///< Of the password form.
    std::string notice;
    std::string problem;
};

/// A page that says what happened and what to do next.
struct MessageView {
    std::string title;
    std::string text;
    std::string action_url;
    std::string action_text;
    std::string request_id;
};

std::string sign_in_page(const Frame& frame, const SignInView& view);
std::string sign_up_page(const Frame& frame, const SignUpView& view);
std::string account_page(const Frame& frame, const AccountView& view);
std::string message_page(const Frame& frame, const MessageView& view);

/// The stylesheet's text and its path (`/assets/style-<digest>.css`).
std::string_view stylesheet();
std::string stylesheet_path();

}  // namespace cardea::web
