#include "cardea/api/keys.hpp"

#include "cardea/api/caller.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/http/route.hpp"

namespace cardea::api {

Result<std::string> uuid_of(std::string_view prefix, std::string_view public_id,
                            const Reason& missing) {
    auto uuid = crypto::from_public_id(prefix, public_id);
    if (!uuid) return fail(missing, "the id is malformed");
    return std::move(*uuid);
}

void Keys::add_routes(http::Router& router, const http::Route::Wrapper& idempotent) {
    using http::Access;
    using http::Method;
    router.add(http::route(Method::get, "/v1/admin/api-keys", Access::admin, "List API keys", *this,
                           &Keys::list));
    router.add(
        http::route(Method::post, "/v1/admin/api-keys", Access::admin, "Make an API key", *this,
                    &Keys::create)
            .answers(201)
            .may_fail(api_key::name_malformed, api_key::scope_unknown, api_key::ends_in_the_past)
            .around(idempotent));
    router.add(http::route(Method::delete_, "/v1/admin/api-keys/{id}", Access::admin,
                           "Remove an API key", *this, &Keys::remove)
                   .may_fail(api_key::missing));
}

Task<KeyPage> Keys::list(ListQuery query) {
    auto page = co_await parts_.keys.list(parts_.database, query.cursor.value_or(""), query.limit);
    if (!page) co_return std::unexpected(page.error());
    KeyPage view;
    for (const auto& key : page->items) view.items.push_back(view_of(key));
    view.next_cursor = std::move(page->next_cursor);
    co_return view;
}

Task<http::Reply<CreatedKey>> Keys::create(NewKeyBody body, http::Exchange& exchange) {
    auto origin = origin_of(exchange);
    auto scopes = api_key::Scopes::parse(body.scopes);
    if (!scopes) co_return std::unexpected(scopes.error());
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    api_key::NewApiKey wanted{std::move(body.name), std::move(*scopes), origin.actor,
                              body.expires_at};
    auto created = co_await parts_.keys.create(**transaction, std::move(wanted));
    if (!created) co_return std::unexpected(created.error());
    audit::Event event{"api_key.created",
                       std::nullopt,
                       std::move(origin),
                       {{"key", created->key.id}, {"scopes", created->key.scopes.to_column()}}};
    auto written = co_await parts_.trail.write(**transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    CreatedKey view{view_of(created->key), created->token.reveal()};
    co_return http::Reply<CreatedKey>(std::move(view), 201);
}

Task<http::NoContent> Keys::remove(IdPath path, http::Exchange& exchange) {
    auto id = uuid_of(prefix::key, path.id, api_key::missing);
    if (!id) co_return std::unexpected(id.error());
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto removed = co_await parts_.keys.remove(**transaction, *id);
    if (!removed) co_return std::unexpected(removed.error());
    audit::Event event{"api_key.removed", std::nullopt, origin_of(exchange), {{"key", *id}}};
    auto written = co_await parts_.trail.write(**transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return http::NoContent();
}

}  // namespace cardea::api
