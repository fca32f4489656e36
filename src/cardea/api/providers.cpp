#include "cardea/api/providers.hpp"

#include "cardea/api/caller.hpp"
#include "cardea/http/codec.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/route.hpp"

namespace cardea::api {

namespace {

Result<schema::JsonObject> row_of(const http::Exchange& exchange) {
    auto is_json = http::check_is_json(exchange.request);
    if (!is_json) return std::unexpected(is_json.error());
    auto json = schema::parse_json(exchange.request.body);
    if (!json) return std::unexpected(json.error());
    if (!json->is_object()) {
        std::vector<FieldError> fields{{"", "wrong_type", "The body must be a JSON object."}};
        return std::unexpected(Error(schema::invalid).with_fields(std::move(fields)));
    }
    return std::move(json->get_object());
}

/// Takes `name` out of the row: it is not one of the provider's keys.
Result<std::string> take_name(schema::JsonObject& row) {
    auto* name = row.if_contains("name");
    if (name == nullptr || !name->is_string()) {
        std::vector<FieldError> fields{
            {"name", "missing", "Say which name the provider has in URLs."}};
        return std::unexpected(Error(schema::invalid).with_fields(std::move(fields)));
    }
    std::string text(name->get_string());
    row.erase("name");
    return text;
}

}  // namespace

void Providers::add_routes(http::Router& router, const http::Route::Wrapper& idempotent) {
    using http::Access;
    using http::Method;
    router.add(http::route(Method::get, "/v1/providers", Access::anyone,
                           "Providers to sign in with", *this, &Providers::offered));
    router.add(http::route(Method::get, "/v1/admin/providers", Access::admin, "List providers",
                           *this, &Providers::list));
    router.add(http::route(Method::post, "/v1/admin/providers", Access::admin, "Add a provider",
                           *this, &Providers::add)
                   .answers(201)
                   .may_fail(provider::exists, oauth::provider_invalid)
                   .around(idempotent));
    router.add(http::route(Method::get, "/v1/admin/providers/{name}", Access::admin,
                           "A provider's values and where each comes from", *this, &Providers::show)
                   .may_fail(provider::unknown));
    router.add(http::route(Method::put, "/v1/admin/providers/{name}", Access::admin,
                           "Replace a provider's row; secrets that are left out stay", *this,
                           &Providers::replace)
                   .may_fail(oauth::provider_invalid));
    router.add(http::route(Method::patch, "/v1/admin/providers/{name}", Access::admin,
                           "Change some keys of a provider; null takes a key out", *this,
                           &Providers::update)
                   .may_fail(provider::unknown, oauth::provider_invalid));
    router.add(http::route(Method::delete_, "/v1/admin/providers/{name}", Access::admin,
                           "Remove a provider's row", *this, &Providers::remove)
                   .may_fail(provider::unknown));
    router.add(
        http::route(Method::post, "/v1/admin/providers/{name}/check", Access::admin,
                    "Try a provider without a user: its configuration, its endpoints and the "
                    "client's credentials",
                    *this, &Providers::check)
            .may_fail(provider::unknown));
}

Task<ProviderItems> Providers::offered() {
    auto enabled = co_await parts_.providers.enabled();
    if (!enabled) co_return std::unexpected(enabled.error());
    ProviderItems view;
    for (const auto& item : *enabled) {
        view.items.push_back({item->name, item->title, parts_.public_url + "/auth/" + item->name});
    }
    co_return view;
}

Task<ListedProviders> Providers::list() {
    auto listed = co_await parts_.providers.list();
    if (!listed) co_return std::unexpected(listed.error());
    ListedProviders view;
    view.items = std::move(*listed);
    co_return view;
}

Task<provider::Shown> Providers::show(NamePath path) {
    co_return co_await parts_.providers.show(std::move(path.name));
}

Task<http::Response> Providers::shown(std::string name, int status) {
    auto shown = co_await parts_.providers.show(std::move(name));
    if (!shown) co_return std::unexpected(shown.error());
    http::Reply<provider::Shown> reply(std::move(*shown), status);
    co_return http::encode(std::move(reply));
}

Task<void> Providers::note(std::string what, std::string name, http::Exchange& exchange) {
    audit::Event event{
        std::move(what), std::nullopt, origin_of(exchange), {{"provider", std::move(name)}}};
    co_return co_await parts_.trail.write(parts_.database, std::move(event));
}

Task<http::Response> Providers::add(http::Exchange& exchange) {
    auto row = row_of(exchange);
    if (!row) co_return std::unexpected(row.error());
    auto name = take_name(*row);
    if (!name) co_return std::unexpected(name.error());
    auto added = co_await parts_.providers.add(*name, std::move(*row));
    if (!added) co_return std::unexpected(added.error());
    auto noted = co_await note("provider.added", *name, exchange);
    if (!noted) co_return std::unexpected(noted.error());
    co_return co_await shown(*name, 201);
}

Task<http::Response> Providers::replace(http::Exchange& exchange) {
    std::string name(exchange.parameter("name"));
    auto row = row_of(exchange);
    if (!row) co_return std::unexpected(row.error());
    auto replaced = co_await parts_.providers.replace(name, std::move(*row));
    if (!replaced) co_return std::unexpected(replaced.error());
    auto noted = co_await note("provider.replaced", name, exchange);
    if (!noted) co_return std::unexpected(noted.error());
    co_return co_await shown(name, 200);
}

Task<http::Response> Providers::update(http::Exchange& exchange) {
    std::string name(exchange.parameter("name"));
    auto changes = row_of(exchange);
    if (!changes) co_return std::unexpected(changes.error());
    auto updated = co_await parts_.providers.update(name, std::move(*changes));
    if (!updated) co_return std::unexpected(updated.error());
    auto noted = co_await note("provider.changed", name, exchange);
    if (!noted) co_return std::unexpected(noted.error());
    co_return co_await shown(name, 200);
}

Task<provider::CheckReport> Providers::check(http::Exchange& exchange) {
    // Not an input struct: a POST with one wants a body.
    std::string name(exchange.parameter("name"));
    co_return co_await parts_.providers.check(std::move(name));
}

Task<http::NoContent> Providers::remove(NamePath path, http::Exchange& exchange) {
    auto removed = co_await parts_.providers.remove(path.name);
    if (!removed) co_return std::unexpected(removed.error());
    auto noted = co_await note("provider.removed", path.name, exchange);
    if (!noted) co_return std::unexpected(noted.error());
    co_return http::NoContent();
}

}  // namespace cardea::api
