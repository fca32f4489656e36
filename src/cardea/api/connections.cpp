#include "cardea/api/connections.hpp"

#include "cardea/api/caller.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/http/route.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::api {

ConnectionView view_of(const vault::Connection& connection) {
    ConnectionView view;
    view.id = crypto::to_public_id(prefix::connection, connection.id);
    view.provider = connection.provider;
    view.subject = connection.subject;
    view.scopes = connection.scopes;
    view.state = connection.state;
    view.expiry = connection.expiry;
    view.expires_at = connection.expires_at;
    view.renew_at = connection.renew_at;
    view.connected_at = connection.connected_at;
    return view;
}

void Connections::add_routes(http::Router& router) {
    using http::Access;
    using http::Method;
    namespace scope = api_key::scope;
    router.add(http::route(Method::get, "/v1/connections", Access::session,
                           "The caller's connections", *this, &Connections::list));
    router.add(http::route(Method::delete_, "/v1/connections/{id}", Access::recent_session,
                           "Remove a connection and revoke its tokens", *this, &Connections::remove)
                   .may_fail(vault::missing, sign_in::last_way_in));
    router.add(http::route(Method::post, "/v1/connections/{id}/renew", Access::session,
                           "Renew a connection's tokens now", *this, &Connections::renew)
                   .may_fail(vault::missing, vault::needs_consent, vault::renewal_under_way,
                             vault::waits_for_provider, provider::failed, provider::timeout));
    router.add(http::route(Method::delete_, "/v1/account", Access::recent_session,
                           "Delete the account", *this, &Connections::remove_account));
    router.add(http::route(Method::get, "/v1/accounts/{id}/connections",
                           Access::api_key(scope::connections_read), "An account's connections",
                           *this, &Connections::list_of)
                   .may_fail(account::missing));
    router.add(http::route(Method::get, "/v1/connections/{id}/token",
                           Access::api_key(scope::tokens_read), "An access token that is fresh",
                           *this, &Connections::token)
                   .may_fail(vault::missing, vault::needs_consent, vault::renewal_under_way,
                             vault::waits_for_provider, provider::failed, provider::timeout,
                             provider::no_companion)
                   .without_head());
    router.add(http::route(Method::get, "/v1/accounts", Access::api_key(scope::accounts_read),
                           "Find an account by its address", *this, &Connections::accounts));
}

namespace {

Result<FreshToken> view_of(vault::AccessToken token) {
    FreshToken view;
    view.access_token = token.access_token.reveal();
    view.token_type = std::move(token.token_type);
    view.expiry = token.expiry;
    view.expires_at = token.expires_at;
    view.scopes = std::move(token.scopes);
    view.kept = std::move(token.kept);
    if (!token.dpop_key) return view;
    auto key = schema::read_json<DpopKey>(token.dpop_key->reveal());
    if (!key) return fail(internal, key.error());
    view.dpop_key = std::move(*key);
    return view;
}

/// Somebody else's connection looks like none.
Task<vault::Connection> own_connection(vault::Vault& vault, db::Database& database,
                                       std::string public_id, std::string account_id) {
    auto id = uuid_of(prefix::connection, public_id, vault::missing);
    if (!id) co_return std::unexpected(id.error());
    auto connection = co_await vault.find(database, *id);
    if (!connection) co_return connection;
    if (connection->account_id != account_id)
        co_return fail(vault::missing, "it is not the caller's");
    co_return connection;
}

}  // namespace

Task<ConnectionItems> Connections::page(vault::Filter filter, std::string cursor, int limit) {
    auto page =
        co_await parts_.vault.list(parts_.database, std::move(filter), std::move(cursor), limit);
    if (!page) co_return std::unexpected(page.error());
    ConnectionItems view;
    for (const auto& item : page->items) view.items.push_back(view_of(item));
    view.next_cursor = std::move(page->next_cursor);
    co_return view;
}

Task<ConnectionItems> Connections::list(ListQuery query, http::Exchange& exchange) {
    vault::Filter filter;
    filter.account_id = session_of(exchange).account.id;
    co_return co_await page(std::move(filter), query.cursor.value_or(""), query.limit);
}

Task<http::NoContent> Connections::remove(IdPath path, http::Exchange& exchange) {
    auto id = uuid_of(prefix::connection, path.id, vault::missing);
    if (!id) co_return std::unexpected(id.error());
    auto removed =
        co_await parts_.leaving.unlink(session_of(exchange).account.id, *id, origin_of(exchange));
    if (!removed) co_return std::unexpected(removed.error());
    co_return http::NoContent();
}

Task<ConnectionView> Connections::renew(IdPath path, http::Exchange& exchange) {
    auto own = co_await own_connection(parts_.vault, parts_.database, path.id,
                                       session_of(exchange).account.id);
    if (!own) co_return std::unexpected(own.error());
    auto renewed = co_await parts_.vault.renew(own->id, origin_of(exchange));
    if (!renewed) co_return std::unexpected(renewed.error());
    co_return view_of(*renewed);
}

Task<http::Reply<http::NoContent>> Connections::remove_account(http::Exchange& exchange) {
    auto removed = co_await parts_.leaving.remove_account(session_of(exchange).account.id,
                                                          origin_of(exchange));
    if (!removed) co_return std::unexpected(removed.error());
    http::Reply<http::NoContent> reply;
    reply.headers.add("Set-Cookie", session::clear_cookie(parts_.origin));
    co_return reply;
}

Task<ConnectionItems> Connections::list_of(ConnectionsQuery query) {
    auto id = uuid_of(prefix::account, query.id, account::missing);
    if (!id) co_return std::unexpected(id.error());
    auto account = co_await parts_.accounts.find(parts_.database, *id);
    if (!account) co_return std::unexpected(account.error());
    vault::Filter filter;
    filter.account_id = *id;
    filter.provider = std::move(query.provider);
    co_return co_await page(std::move(filter), query.cursor.value_or(""), query.limit);
}

Task<vault::AccessToken> Connections::leased(std::string id, std::optional<std::string> companion,
                                             audit::Origin origin) {
    if (!companion) return parts_.vault.fresh_token(std::move(id), std::move(origin));
    return parts_.vault.companion_token(std::move(id), std::move(*companion), std::move(origin));
}

Task<FreshToken> Connections::token(TokenQuery query, http::Exchange& exchange) {
    auto id = uuid_of(prefix::connection, query.id, vault::missing);
    if (!id) co_return std::unexpected(id.error());
    auto connection = co_await parts_.vault.find(parts_.database, *id);
    if (!connection) co_return std::unexpected(connection.error());
    auto companion = query.companion.value_or("");
    auto token = co_await leased(*id, std::move(query.companion), origin_of(exchange));
    if (!token) co_return std::unexpected(token.error());
    // The trail knows of the read before the reader has the token.
    audit::Event event{"token.read",
                       connection->account_id,
                       origin_of(exchange),
                       {{"connection", *id}, {"provider", connection->provider}}};
    if (!companion.empty()) event.detail["companion"] = std::move(companion);
    auto written = co_await parts_.trail.write(parts_.database, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    co_return view_of(std::move(*token));
}

Task<AccountItems> Connections::accounts(AccountQuery query) {
    auto found = co_await parts_.accounts.find_by_email(parts_.database, std::move(query.email));
    AccountItems view;
    if (found) view.items.push_back(view_of(*found));
    if (!found && !found.error().is(account::missing)) co_return std::unexpected(found.error());
    co_return view;
}

}  // namespace cardea::api
