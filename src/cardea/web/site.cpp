// The routes, the pages and their forms; provider_steps.cpp has the steps of a sign-in with a
// provider.
#include "cardea/web/site.hpp"

#include <algorithm>

#include "cardea/api/caller.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/http/codec.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/route.hpp"
#include "cardea/session/cookie.hpp"
#include "cardea/web/answers.hpp"
#include "cardea/web/forms.hpp"
#include "cardea/web/record_views.hpp"

namespace cardea::web {

namespace {

/// Where linking this provider leads: to its authorization endpoint, or, as long as discovery has
/// not named that, to the hosts that it may be on.
std::vector<std::string> link_targets(const oauth::Provider& provider) {
    std::vector<std::string> urls{provider.authorization_endpoint};
    if (provider.authorization_endpoint.empty()) {
        urls = {provider.issuer, provider.discovery_endpoint};
        for (const auto& host : provider.endpoint_hosts) urls.push_back("https://" + host);
    }
    std::vector<std::string> origins;
    origins.reserve(urls.size());
    for (const auto& text : urls) {
        auto url = http::Url::parse(text);
        if (url) origins.push_back(url->origin());
    }
    return origins;
}

std::string_view notice_of(std::string_view code) {
    if (code == "signed-out") return "You are signed out.";
    if (code == "password-changed")
        return "Your password is changed, and your other sessions have ended.";
    if (code == "session-ended") return "That session has ended.";
    if (code == "connection-removed") return "The connection is removed.";
    if (code == "connected") return "The provider is connected.";
    if (code == "account-ready")
        return "If that address is new here, its account is ready. Sign in.";
    return {};
}

std::string query_value(const http::Exchange& exchange, std::string_view name) {
    auto query = exchange.query_parameters();
    if (!query) return {};
    return std::string(query->only(name).value_or(""));
}

}  // namespace

Site::Site(Parts parts) : parts_(std::move(parts)) {
    frame_.stylesheet = stylesheet_path();
}

void Site::add_routes(http::Router& router) {
    using http::Access;
    using http::Method;
    auto get = [&](std::string path, Access access, auto handler) {
        router.add(
            http::route(Method::get, std::move(path), access, "A page", *this, handler).page());
    };
    auto post = [&](std::string path, Access access, auto handler) {
        router.add(http::route(Method::post, std::move(path), access, "A form", *this, handler)
                       .page()
                       .takes_form());
    };
    get("/", Access::anyone, &Site::home);
    get("/sign-in", Access::anyone, &Site::sign_in_form);
    get("/sign-up", Access::anyone, &Site::sign_up_form);
    post("/sign-in", Access::anyone, &Site::sign_in);
    post("/sign-up", Access::anyone, &Site::sign_up);
    post("/sign-out", Access::anyone, &Site::sign_out);
    post("/account/password", Access::recent_session, &Site::change_password);
    post("/account/sessions/{id}/end", Access::session, &Site::end_session);
    post("/account/connections/{id}/remove", Access::recent_session, &Site::remove_connection);
    post("/auth/{provider}/link", Access::recent_session, &Site::link);
    // Beginning and finishing have effects: HEAD must not have them.
    auto effect = [&](std::string path, auto handler) {
        router.add(http::route(Method::get, std::move(path), Access::anyone, "A step of a sign-in",
                               *this, handler)
                       .page()
                       .without_head());
    };
    effect("/auth/{provider}", &Site::begin);
    effect("/auth/callback", &Site::callback);
    effect("/auth/callback/{provider}", &Site::callback);
    for (const char* path : {"/auth/callback", "/auth/callback/{provider}"}) {
        router.add(http::route(Method::post, path, Access::anyone, "A step of a sign-in", *this,
                               &Site::posted_callback)
                       .page()
                       .takes_form()
                       .from_any_origin());
    }
    router.add(http::route(Method::get, frame_.stylesheet, Access::anyone, "The stylesheet", *this,
                           &Site::style)
                   .hidden());
    router.show_problems_with([this](const http::Exchange& exchange, const http::Problem& problem) {
        return problem_page(exchange, problem);
    });
}

std::optional<http::Response> Site::problem_page(const http::Exchange& exchange,
                                                 const http::Problem& problem) const {
    MessageView view;
    view.title = problem.title;
    view.text = problem.detail;
    view.request_id = exchange.request_id;
    bool sign_in_helps = problem.status == 401 || problem.reason == api::reauthenticate.slug;
    view.action_url = sign_in_helps ? "/sign-in" : "/";
    view.action_text = sign_in_helps ? "Sign in" : "Back to the start";
    return page(message_page(frame_, view), problem.status);
}

Task<http::Response> Site::style() {
    auto response = http::responses::ok(std::string(stylesheet()), "text/css; charset=utf-8");
    response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
    co_return response;
}

// Showing.

Task<std::vector<ProviderView>> Site::provider_views() {
    auto enabled = co_await parts_.providers.enabled();
    if (!enabled) co_return std::unexpected(enabled.error());
    std::vector<ProviderView> views;
    views.reserve(enabled->size());
    for (const auto& provider : *enabled) views.push_back({provider->name, provider->title});
    co_return views;
}

std::vector<std::string> Site::return_targets() const {
    std::vector<std::string> targets;
    targets.reserve(parts_.origins.size());
    for (const auto& origin : parts_.origins) targets.push_back(origin.origin());
    return targets;
}

Task<std::vector<std::string>> Site::account_targets() {
    auto enabled = co_await parts_.providers.enabled();
    if (!enabled) co_return std::unexpected(enabled.error());
    auto targets = return_targets();
    for (const auto& provider : *enabled) {
        auto more = link_targets(*provider);
        targets.insert(targets.end(), more.begin(), more.end());
    }
    // Two providers may share an origin.
    std::ranges::sort(targets);
    auto same = std::ranges::unique(targets);
    targets.erase(same.begin(), same.end());
    co_return targets;
}

Task<http::Response> Site::show_sign_in(FormView form, std::string notice, int status) {
    auto providers = co_await provider_views();
    if (!providers) co_return std::unexpected(providers.error());
    SignInView view;
    view.form = std::move(form);
    view.providers = std::move(*providers);
    view.may_sign_up = parts_.settings.registration != sign_in::Registration::closed;
    view.notice = std::move(notice);
    co_return page(sign_in_page(frame_, view), status, return_targets());
}

Task<http::Response> Site::show_sign_up(FormView form, int status) {
    auto providers = co_await provider_views();
    if (!providers) co_return std::unexpected(providers.error());
    SignUpView view;
    view.form = std::move(form);
    view.providers = std::move(*providers);
    view.minimum_password_length = parts_.minimum_password_length;
    co_return page(sign_up_page(frame_, view), status, return_targets());
}

Task<http::Response> Site::show_account(http::Exchange& exchange, Banner banner, int status) {
    const auto& found = api::session_of(exchange);
    auto providers = co_await provider_views();
    if (!providers) co_return std::unexpected(providers.error());
    auto sessions = co_await parts_.sessions.list(parts_.database, found.account.id);
    if (!sessions) co_return std::unexpected(sessions.error());
    auto connections = co_await parts_.vault.list(parts_.database, found.account.id);
    if (!connections) co_return std::unexpected(connections.error());
    AccountView view;
    view.email = found.account.email.value_or("");
    view.email_verified = found.account.email_verified;
    view.name = found.account.name;
    view.has_password = found.account.has_password;
    view.minimum_password_length = parts_.minimum_password_length;
    view.sessions.reserve(sessions->size());
    for (const auto& item : *sessions) view.sessions.push_back(view_of(item, found.session.id));
    view.connections.reserve(connections->size());
    for (const auto& item : *connections) view.connections.push_back(view_of(item, *providers));
    view.connectable = std::move(*providers);
    view.notice = std::move(banner.notice);
    view.problem = std::move(banner.problem);
    view.errors = std::move(banner.errors);
    auto targets = co_await account_targets();
    if (!targets) co_return std::unexpected(targets.error());
    co_return page(account_page(frame_, view), status, *targets);
}

Task<http::Response> Site::home(http::Exchange& exchange) {
    std::string notice(notice_of(query_value(exchange, "notice")));
    if (api::caller_of(exchange).session) {
        Banner banner;
        banner.notice = std::move(notice);
        co_return co_await show_account(exchange, std::move(banner), 200);
    }
    FormView form;
    auto wanted = query_value(exchange, "return_to");
    if (!wanted.empty()) form.return_to = return_to(wanted).text();
    co_return co_await show_sign_in(std::move(form), std::move(notice), 200);
}

Task<http::Response> Site::sign_in_form(http::Exchange& exchange) {
    FormView form;
    auto wanted = query_value(exchange, "return_to");
    if (!wanted.empty()) form.return_to = return_to(wanted).text();
    co_return co_await show_sign_in(std::move(form), "", 200);
}

Task<http::Response> Site::sign_up_form(http::Exchange& exchange) {
    FormView form;
    auto wanted = query_value(exchange, "return_to");
    if (!wanted.empty()) form.return_to = return_to(wanted).text();
    co_return co_await show_sign_up(std::move(form), 200);
}

// Forms.

http::ReturnTo Site::return_to(std::string_view text) const {
    auto parsed = http::ReturnTo::parse(text, parts_.origins);
    // A form that was tampered with leads home; links that were are refused in start().
    return parsed ? *parsed : http::ReturnTo();
}

http::Response Site::go(const sign_in::SignedIn& signed_in, const std::string& return_to) const {
    auto response = http::responses::see_other(return_to);
    auto age = api::cookie_age(signed_in.session);
    response.headers.add("Set-Cookie", session::set_cookie(parts_.origin, signed_in.token, age));
    if (signed_in.known_browser)
        response.headers.add("Set-Cookie", http::to_text(*signed_in.known_browser));
    return response;
}

Task<http::Response> Site::sign_in(http::Exchange& exchange) {
    auto typed = typed_form(exchange);
    if (!typed) co_return std::unexpected(typed.error());
    auto form = http::decode_form<SignInForm>(exchange);
    if (!form) {
        typed->errors = form.error().fields();
        co_return co_await show_sign_in(std::move(*typed), "", form_status(form.error()));
    }
    sign_in::Credentials credentials{std::move(form->email), std::move(form->password)};
    auto visit = api::visit_of(exchange, std::nullopt, parts_.origin);
    auto signed_in = co_await parts_.passwords.sign_in(std::move(credentials), std::move(visit));
    if (signed_in) co_return go(*signed_in, return_to(typed->return_to).text());
    typed->errors = form_errors_of(signed_in.error());
    co_return co_await show_sign_in(std::move(*typed), "", form_status(signed_in.error()));
}

Task<http::Response> Site::sign_up(http::Exchange& exchange) {
    auto typed = typed_form(exchange);
    if (!typed) co_return std::unexpected(typed.error());
    auto form = http::decode_form<SignUpForm>(exchange);
    if (!form) {
        typed->errors = form.error().fields();
        co_return co_await show_sign_up(std::move(*typed), form_status(form.error()));
    }
    sign_in::SignUp wish{std::move(form->email), std::move(form->password), account::Name()};
    auto visit = api::visit_of(exchange, std::nullopt, parts_.origin);
    auto outcome = co_await parts_.passwords.sign_up(std::move(wish), std::move(visit));
    if (!outcome) {
        typed->errors = form_errors_of(outcome.error());
        co_return co_await show_sign_up(std::move(*typed), form_status(outcome.error()));
    }
    if (!outcome->signed_in) co_return http::responses::see_other("/?notice=account-ready");
    co_return go(*outcome->signed_in, return_to(typed->return_to).text());
}

Task<http::Response> Site::sign_out(http::Exchange& exchange) {
    auto session = api::caller_of(exchange).session;
    if (session) {
        auto ended = co_await parts_.session_flow.end(session->account.id, session->session.id,
                                                      api::origin_of(exchange));
        bool gone = ended || ended.error().is(session::not_yours);
        if (!gone) co_return std::unexpected(ended.error());
    }
    auto response = http::responses::see_other("/?notice=signed-out");
    response.headers.add("Set-Cookie", session::clear_cookie(parts_.origin));
    co_return response;
}

Task<http::Response> Site::change_password(http::Exchange& exchange) {
    Banner banner;
    auto form = http::decode_form<PasswordForm>(exchange);
    if (!form) {
        if (form.error().fields().empty()) co_return std::unexpected(form.error());
        banner.errors = form.error().fields();
        co_return co_await show_account(exchange, std::move(banner), form_status(form.error()));
    }
    sign_in::ChangePassword change{std::move(form->current_password),
                                   std::move(form->new_password)};
    auto visit = api::visit_of(exchange, std::nullopt, parts_.origin);
    auto session = api::caller_of(exchange).session;
    auto changed =
        co_await parts_.passwords.change_password(session, std::move(change), std::move(visit));
    if (changed) co_return http::responses::see_other("/?notice=password-changed");
    banner.errors = form_errors_of(changed.error());
    bool current = changed.error().is(sign_in::current_password_wrong) ||
                   changed.error().is(sign_in::current_password_needed);
    if (current) banner.errors[0].field = "current_password";
    co_return co_await show_account(exchange, std::move(banner), form_status(changed.error()));
}

Task<http::Response> Site::end_session(http::Exchange& exchange) {
    auto id = crypto::from_public_id(api::prefix::session, exchange.parameter("id"));
    if (!id) co_return fail(session::not_yours);
    const auto& found = api::session_of(exchange);
    auto ended = co_await parts_.session_flow.end(found.account.id, *id, api::origin_of(exchange));
    if (!ended) co_return std::unexpected(ended.error());
    co_return http::responses::see_other("/?notice=session-ended");
}

Task<http::Response> Site::remove_connection(http::Exchange& exchange) {
    auto id = crypto::from_public_id(api::prefix::connection, exchange.parameter("id"));
    if (!id) co_return fail(vault::missing);
    const auto& found = api::session_of(exchange);
    auto removed = co_await parts_.leaving.unlink(found.account.id, *id, api::origin_of(exchange));
    if (removed) co_return http::responses::see_other("/?notice=connection-removed");
    if (!removed.error().is(sign_in::last_way_in)) co_return std::unexpected(removed.error());
    Banner banner;
    banner.problem = removed.error().reason().text;
    co_return co_await show_account(exchange, std::move(banner), 409);
}

}  // namespace cardea::web
