#include "cardea/api/accounts.hpp"

#include "cardea/api/caller.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/route.hpp"
#include "cardea/session/cookie.hpp"

namespace cardea::api {

void Accounts::add_routes(http::Router& router, const http::Route::Wrapper& idempotent) {
    using http::Access;
    using http::Method;
    using namespace sign_in;
    router.add(http::route(Method::post, "/v1/accounts", Access::anyone, "Open an account", *this,
                           &Accounts::sign_up)
                   .answers(201)
                   .may_fail(registration_closed, account::email_taken, throttle::slow_down,
                             password::busy, password::common, password::context,
                             password::breached, password::too_short, password::too_long)
                   .around(idempotent));
    router.add(
        http::route(Method::post, "/v1/session", Access::anyone, "Sign in with a password", *this,
                    &Accounts::sign_in)
            .answers(201)
            .may_fail(credentials_wrong, account::disabled, throttle::slow_down, password::busy)
            .around(idempotent));
    router.add(http::route(Method::get, "/v1/session", Access::session, "Who is signed in", *this,
                           &Accounts::current));
    router.add(http::route(Method::delete_, "/v1/session", Access::session, "Sign out", *this,
                           &Accounts::sign_out));
    router.add(http::route(Method::get, "/v1/sessions", Access::session, "The caller's sessions",
                           *this, &Accounts::sessions));
    router.add(http::route(Method::delete_, "/v1/sessions/{id}", Access::session, "End one session",
                           *this, &Accounts::end_session)
                   .may_fail(session::not_yours));
    router.add(http::route(Method::delete_, "/v1/sessions", Access::session,
                           "End all other sessions", *this, &Accounts::end_others));
    router.add(http::route(Method::put, "/v1/password", Access::recent_session,
                           "Change the password; all other sessions end", *this,
                           &Accounts::change_password)
                   .may_fail(current_password_needed, current_password_wrong, throttle::slow_down,
                             password::busy, password::common, password::context,
                             password::breached, password::too_short, password::too_long));
    router.add(http::route(Method::get, "/v1/account", Access::session, "The caller's account",
                           *this, &Accounts::account));
    router.add(http::route(Method::patch, "/v1/account", Access::session,
                           "Change name, picture or address", *this, &Accounts::update)
                   .may_fail(account::email_taken, throttle::slow_down));
    router.add(http::route(Method::get, "/v1/accounts/{id}",
                           Access::api_key(api_key::scope::accounts_read), "Read an account", *this,
                           &Accounts::account_by_id)
                   .may_fail(account::missing));
}

Task<http::Response> Accounts::sign_up(SignUpBody body, http::Exchange& exchange) {
    auto transport = transport_of(exchange, body.transport);
    auto visit = visit_of(exchange, body.device, parts_.origin);
    sign_in::SignUp wish{std::move(body.email), std::move(body.password),
                         body.name.value_or(account::Name())};
    auto outcome = co_await parts_.passwords.sign_up(std::move(wish), std::move(visit));
    if (!outcome) co_return std::unexpected(outcome.error());
    if (!outcome->signed_in) co_return http::responses::accepted();
    co_return http::encode(signed_in_reply(*outcome->signed_in, transport, parts_.origin, 201));
}

Task<http::Reply<SignedIn>> Accounts::sign_in(SignInBody body, http::Exchange& exchange) {
    auto transport = transport_of(exchange, body.transport);
    auto visit = visit_of(exchange, body.device, parts_.origin);
    sign_in::Credentials credentials{std::move(body.email), std::move(body.password)};
    auto signed_in = co_await parts_.passwords.sign_in(std::move(credentials), std::move(visit));
    if (!signed_in) co_return std::unexpected(signed_in.error());
    co_return signed_in_reply(*signed_in, transport, parts_.origin, 201);
}

Task<Current> Accounts::current(http::Exchange& exchange) {
    const auto& found = session_of(exchange);
    co_return Current{view_of(found.account), view_of(found.session, found.session.id)};
}

Task<http::Reply<http::NoContent>> Accounts::sign_out(http::Exchange& exchange) {
    const auto& found = session_of(exchange);
    auto ended =
        co_await parts_.session_flow.end(found.account.id, found.session.id, origin_of(exchange));
    if (!ended) co_return std::unexpected(ended.error());
    http::Reply<http::NoContent> reply;
    reply.headers.add("Set-Cookie", session::clear_cookie(parts_.origin));
    co_return reply;
}

Task<SessionItems> Accounts::sessions(ListQuery query, http::Exchange& exchange) {
    const auto& found = session_of(exchange);
    auto page = co_await parts_.sessions.list(parts_.database, found.account.id,
                                              query.cursor.value_or(""), query.limit);
    if (!page) co_return std::unexpected(page.error());
    SessionItems view;
    view.next_cursor = std::move(page->next_cursor);
    for (const auto& item : page->items) view.items.push_back(view_of(item, found.session.id));
    co_return view;
}

Task<http::Reply<http::NoContent>> Accounts::end_session(IdPath path, http::Exchange& exchange) {
    const auto& found = session_of(exchange);
    auto id = uuid_of(prefix::session, path.id, session::not_yours);
    if (!id) co_return std::unexpected(id.error());
    auto ended = co_await parts_.session_flow.end(found.account.id, *id, origin_of(exchange));
    if (!ended) co_return std::unexpected(ended.error());
    http::Reply<http::NoContent> reply;
    bool own = *id == found.session.id;
    if (own) reply.headers.add("Set-Cookie", session::clear_cookie(parts_.origin));
    co_return reply;
}

Task<http::NoContent> Accounts::end_others(http::Exchange& exchange) {
    const auto& found = session_of(exchange);
    auto ended = co_await parts_.session_flow.end_others(found.account.id, found.session.id,
                                                         origin_of(exchange));
    if (!ended) co_return std::unexpected(ended.error());
    co_return http::NoContent();
}

Task<http::NoContent> Accounts::change_password(PasswordBody body, http::Exchange& exchange) {
    auto visit = visit_of(exchange, std::nullopt, parts_.origin);
    sign_in::ChangePassword change{std::move(body.current_password), std::move(body.new_password)};
    auto changed = co_await parts_.passwords.change_password(caller_of(exchange).session,
                                                             std::move(change), std::move(visit));
    if (!changed) co_return std::unexpected(changed.error());
    co_return http::NoContent();
}

Task<AccountView> Accounts::account(http::Exchange& exchange) {
    co_return view_of(session_of(exchange).account);
}

Task<AccountView> Accounts::update(AccountChanges changes, http::Exchange& exchange) {
    const auto& found = session_of(exchange);
    bool recent = parts_.clock.now() - found.session.created_at < parts_.recent_sign_in;
    // Whoever holds an old session may rename themselves, not take the account along.
    if (changes.email && !recent) co_return fail(reauthenticate);
    account::Changes wish;
    if (changes.name) wish.name = changes.name->text();
    if (changes.picture) wish.picture = changes.picture->text();
    wish.email = std::move(changes.email);
    auto account =
        co_await parts_.account_flow.update(found.account.id, std::move(wish), origin_of(exchange));
    if (!account) co_return std::unexpected(account.error());
    co_return view_of(*account);
}

Task<AccountView> Accounts::account_by_id(IdPath path) {
    auto id = uuid_of(prefix::account, path.id, account::missing);
    if (!id) co_return std::unexpected(id.error());
    auto account = co_await parts_.accounts.find(parts_.database, *id);
    if (!account) co_return std::unexpected(account.error());
    co_return view_of(*account);
}

}  // namespace cardea::api
