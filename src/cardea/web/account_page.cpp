// The account page: who you are, your connections, your sessions, your password, the way out.
#include "cardea/http/parameters.hpp"
#include "cardea/web/layout.hpp"

namespace cardea::web {

namespace {

std::string_view state_text(std::string_view state) {
    if (state == "fresh") return "Connected";
    if (state == "renewing") return "Renewing";
    if (state == "needs_consent") return "Sign in again needed";
    return "Ended at the provider";
}

Html about(const AccountView& view) {
    Html email = html("no address");
    if (!view.email.empty()) {
        email = html("{} <span class=\"soft\">({})</span>", view.email,
                     view.email_verified ? "verified" : "not verified");
    }
    Html name;
    if (!view.name.empty()) name = html("<dt>Name</dt><dd>{}</dd>\n", view.name);
    return html(
        "<section aria-labelledby=\"about\">\n<h2 id=\"about\">You</h2>\n<dl>\n"
        "<dt>E-mail</dt><dd>{}</dd>\n{}</dl>\n</section>\n",
        email, name);
}

Html connection(const ConnectionView& view) {
    Html again;
    if (!view.renew_url.empty()) again = html(" <a href=\"{}\">Sign in again</a>", view.renew_url);
    return html(
        "<li><div class=\"what\"><strong>{}</strong> <span class=\"state {}\">{}</span>{}<br>"
        "<span class=\"soft\">{} · since {} · {}</span></div>\n"
        "<form method=\"post\" action=\"/account/connections/{}/remove\">"
        "<button class=\"danger\" type=\"submit\" aria-label=\"Remove the connection to "
        "{}\">Remove</button>"
        "</form></li>\n",
        view.provider_title, view.state, state_text(view.state), again, view.subject,
        view.connected_at, view.expiry, http::percent_encode(view.id), view.provider_title);
}

Html connect_form(const ProviderView& provider) {
    return html(
        "<li><form method=\"post\" action=\"/auth/{}/link\">"
        "<button class=\"plain\" type=\"submit\">Connect {}</button></form></li>\n",
        http::percent_encode(provider.name), provider.title);
}

Html connections(const AccountView& view) {
    Html items, more;
    for (const auto& item : view.connections) items += connection(item);
    for (const auto& provider : view.connectable) more += connect_form(provider);
    Html list = items.empty() ? html("<p class=\"soft\">No provider is connected.</p>\n")
                              : html("<ul class=\"list\">\n{}</ul>\n", items);
    if (!more.empty()) list += html("<ul class=\"providers\">\n{}</ul>\n", more);
    return html(
        "<section aria-labelledby=\"connections\">\n<h2 "
        "id=\"connections\">Connections</h2>\n{}</section>\n",
        list);
}

Html session(const SessionView& view) {
    Html end;
    if (view.current) {
        end = html("<span class=\"state fresh\">This one</span>");
    } else {
        end = html(
            "<form method=\"post\" action=\"/account/sessions/{}/end\">"
            "<button class=\"plain\" type=\"submit\" aria-label=\"End the session on "
            "{}\">End</button></form>",
            http::percent_encode(view.id), view.device);
    }
    return html(
        "<li><div class=\"what\"><strong>{}</strong><br><span class=\"soft\">{} · by {} · last "
        "seen "
        "{}</span></div>{}</li>\n",
        view.device, view.client_address, view.method, view.last_seen_at, end);
}

Html sessions(const AccountView& view) {
    Html items;
    for (const auto& item : view.sessions) items += session(item);
    return html(
        "<section aria-labelledby=\"sessions\">\n<h2 id=\"sessions\">Sessions</h2>\n"
        "<ul class=\"list\">\n{}</ul>\n</section>\n",
        items);
}

Html password_form(const AccountView& view) {
    Html current;
    if (view.has_password) {
        current = field({.name = "current_password",
                         .label = "Current password",
                         .type = "password",
                         .autocomplete = "current-password",
                         .value = {},
                         .hint = {}},
                        view.errors);
    }
    auto hint = fmt::format("At least {} characters. Your other sessions end.",
                            view.minimum_password_length);
    Html next = field({.name = "new_password",
                       .label = "New password",
                       .type = "password",
                       .autocomplete = "new-password",
                       .value = {},
                       .hint = hint},
                      view.errors);
    std::string_view title = view.has_password ? "Change password" : "Set a password";
    // Password managers want to know whose password this is.
    return html(
        "<section aria-labelledby=\"password-title\">\n<h2 id=\"password-title\">{}</h2>\n{}"
        "<form method=\"post\" action=\"/account/password\">\n"
        "<input type=\"text\" name=\"username\" value=\"{}\" autocomplete=\"username\" "
        "hidden>\n{}{}"
        "<button type=\"submit\">{}</button>\n</form>\n</section>\n",
        title, form_errors(view.errors), view.email, current, next, title);
}

}  // namespace

std::string account_page(const Frame& frame, const AccountView& view) {
    Html sign_out = html(
        "<form method=\"post\" action=\"/sign-out\"><button class=\"plain\" type=\"submit\">Sign "
        "out"
        "</button></form>\n");
    Html content =
        html("<h1>Your account</h1>\n{}{}{}{}{}{}{}", notice(view.notice), problem(view.problem),
             about(view), connections(view), sessions(view), password_form(view), sign_out);
    return document(frame, "Your account", Width::full, content);
}

}  // namespace cardea::web
