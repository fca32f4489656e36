// Statements on oauth_providers.
#include "cardea/provider/store.hpp"

#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

BOOST_DESCRIBE_STRUCT(StoredProvider, (),
                      (name, config, client_secret, client_secret_previous, created_at, updated_at))

namespace {

constexpr db::Statement select_all{
    "provider.list",
    "SELECT name, config, client_secret, client_secret_previous, created_at, updated_at "
    "FROM oauth_providers ORDER BY name",
    db::Cost::lookup};
constexpr db::Statement select_one{
    "provider.find",
    "SELECT name, config, client_secret, client_secret_previous, created_at, updated_at "
    "FROM oauth_providers WHERE name = $1",
    db::Cost::lookup};
constexpr db::Statement insert_one{
    "provider.insert",
    "INSERT INTO oauth_providers (name, config, client_secret, client_secret_previous, created_at, "
    "updated_at) VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr db::Statement update_one{
    "provider.update",
    "UPDATE oauth_providers SET config = $2, client_secret = $3, client_secret_previous = $4, "
    "updated_at = $5 WHERE name = $1"};
constexpr db::Statement delete_one{"provider.delete",
                                   "DELETE FROM oauth_providers WHERE name = $1"};

}  // namespace

Task<std::vector<StoredProvider>> ProviderStore::list(db::Executor& executor) {
    db::Values none;
    auto rows = co_await executor.run(select_all, std::move(none));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_structs<StoredProvider>(*rows);
}

Task<std::optional<StoredProvider>> ProviderStore::find(db::Executor& executor, std::string name) {
    db::Values values;
    values.push_back(std::move(name));
    auto rows = co_await executor.run(select_one, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_optional<StoredProvider>(*rows);
}

Task<void> ProviderStore::insert(db::Executor& executor, StoredProvider row) {
    db::Values values;
    values.push_back(std::move(row.name));
    values.push_back(std::move(row.config));
    values.push_back(std::move(row.client_secret));
    values.push_back(std::move(row.client_secret_previous));
    values.push_back(row.created_at);
    values.push_back(row.updated_at);
    auto inserted = co_await executor.run(insert_one, std::move(values));
    if (!inserted) co_return std::unexpected(inserted.error());
    co_return Result<void>();
}

Task<bool> ProviderStore::update(db::Executor& executor, StoredProvider row) {
    db::Values values;
    values.push_back(std::move(row.name));
    values.push_back(std::move(row.config));
    values.push_back(std::move(row.client_secret));
    values.push_back(std::move(row.client_secret_previous));
    values.push_back(row.updated_at);
    auto updated = co_await executor.run(update_one, std::move(values));
    if (!updated) co_return std::unexpected(updated.error());
    co_return updated->changes > 0;
}

Task<bool> ProviderStore::remove(db::Executor& executor, std::string name) {
    db::Values values;
    values.push_back(std::move(name));
    auto removed = co_await executor.run(delete_one, std::move(values));
    if (!removed) co_return std::unexpected(removed.error());
    co_return removed->changes > 0;
}

}  // namespace cardea::provider
