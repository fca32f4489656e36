// The steps of a sign-in with a provider: to it, and back from it.
#include "cardea/api/caller.hpp"
#include "cardea/http/codec.hpp"
#include "cardea/http/gates.hpp"
#include "cardea/http/problem.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/sign_in/flow_cookie.hpp"
#include "cardea/web/answers.hpp"
#include "cardea/web/site.hpp"

namespace cardea::web {

Task<http::Response> Site::begin(http::Exchange& exchange) {
    co_return co_await start(exchange, std::nullopt);
}

Task<http::Response> Site::link(http::Exchange& exchange) {
    co_return co_await start(exchange, api::session_of(exchange).account.id);
}

Task<http::Response> Site::start(http::Exchange& exchange, std::optional<std::string> link_to) {
    auto query = exchange.query_parameters();
    if (!query) co_return std::unexpected(query.error());
    sign_in::Begin wish;
    wish.provider = exchange.parameter("provider");
    if (link_to) {
        wish.return_to = *http::ReturnTo::parse("/?notice=connected");
        wish.link_session = api::session_of(exchange).session.id;
    }
    if (query->count("return_to") > 0) {
        auto wanted =
            http::ReturnTo::parse(query->only("return_to").value_or("//"), parts_.origins);
        if (!wanted) co_return std::unexpected(wanted.error());
        wish.return_to = std::move(*wanted);
    }
    if (query->only("transport") == "bearer") wish.transport = sign_in::Transport::bearer;
    wish.flow_cookie =
        exchange.cookies().get(sign_in::flow_cookie_name(parts_.origin)).value_or("");
    wish.link_to = std::move(link_to);
    auto visit = api::visit_of(exchange, std::nullopt, parts_.origin);
    auto begun = co_await parts_.oauth.begin(std::move(wish), std::move(visit));
    if (!begun) co_return std::unexpected(begun.error());
    auto response = http::responses::see_other(std::move(begun->location));
    response.headers.add("Set-Cookie", http::to_text(begun->cookie));
    co_return response;
}

Task<http::Response> Site::callback(http::Exchange& exchange) {
    co_return co_await finish(exchange, std::string(exchange.query()));
}

Task<http::Response> Site::posted_callback(http::Exchange& exchange) {
    auto form = http::form_parameters(exchange.request);
    if (!form) co_return std::unexpected(form.error());
    std::string name(exchange.parameter("provider"));
    // On the shared address the state names the provider.
    if (name.empty()) name = oauth::provider_of_state(form->only("state").value_or(""));
    auto provider = co_await parts_.providers.ready(name);
    if (!provider) co_return std::unexpected(provider.error());
    if ((*provider)->response_mode != oauth::ResponseMode::form_post) {
        co_return fail(http::method_refused, "the provider does not answer with form_post");
    }
    auto endpoint = http::Url::parse((*provider)->authorization_endpoint);
    auto origin = exchange.request.headers.get("Origin");
    if (!endpoint || origin != endpoint->origin()) co_return fail(http::cross_origin);
    co_return co_await finish(exchange, exchange.request.body);
}

Task<http::Response> Site::finish(http::Exchange& exchange, std::string query) {
    sign_in::Callback callback;
    callback.provider = exchange.parameter("provider");
    callback.query = std::move(query);
    callback.flow_cookie =
        exchange.cookies().get(sign_in::flow_cookie_name(parts_.origin)).value_or("");
    auto visit = api::visit_of(exchange, std::nullopt, parts_.origin);
    auto done = co_await parts_.oauth.finish(std::move(callback), std::move(visit));
    if (!done) co_return co_await not_finished(exchange, done.error());
    co_return finished(exchange, *done);
}

http::Response Site::finished(const http::Exchange& exchange, const sign_in::Finished& done) const {
    if (!done.signed_in) return http::responses::see_other(done.return_to);
    bool as_json =
        done.transport == sign_in::Transport::bearer && exchange.accepts("application/json");
    if (!as_json) return go(*done.signed_in, done.return_to);
    return http::encode(
        api::signed_in_reply(*done.signed_in, sign_in::Transport::bearer, parts_.origin, 200));
}

Task<http::Response> Site::not_finished(http::Exchange& exchange, Error error) {
    if (exchange.accepts("application/json")) co_return std::unexpected(error);
    exchange.refusal = &error.reason();
    bool already = error.is(oauth::state_mismatch) && api::caller_of(exchange).session != nullptr;
    if (already) {
        MessageView view;
        view.title = "You are signed in already";
        view.text = "This sign-in was finished before. There is nothing left to do here.";
        view.action_url = "/";
        view.action_text = "To your account";
        // Refused all the same: nothing was signed in to, and whoever counts callbacks must see it.
        co_return page(message_page(frame_, view), 400);
    }
    FormView form;
    form.errors = form_errors_of(error);
    bool signed_in = api::caller_of(exchange).session != nullptr;
    if (!signed_in)
        co_return co_await show_sign_in(std::move(form), "", http::facts_of(error.code()).status);
    Banner banner;
    banner.problem = text_of(error);
    co_return co_await show_account(exchange, std::move(banner),
                                    http::facts_of(error.code()).status);
}

}  // namespace cardea::web
