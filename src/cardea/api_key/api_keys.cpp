#include "cardea/api_key/api_keys.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::api_key {

BOOST_DESCRIBE_STRUCT(ApiKey, (),
                      (id, name, scopes, created_by, created_at, expires_at, last_used_at))

namespace {

constexpr db::Statement insert{
    "api_key.create",
    "INSERT INTO api_keys (id, name, key_hash, scopes, created_by, created_at, expires_at, "
    "last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)"};
constexpr db::Statement select_by_hash{
    "api_key.find",
    "SELECT id, name, scopes, created_by, created_at, expires_at, last_used_at FROM api_keys "
    "WHERE key_hash = $1",
    db::Cost::lookup};
constexpr db::Statement select_page{
    "api_key.list",
    "SELECT id, name, scopes, created_by, created_at, expires_at, last_used_at FROM api_keys "
    "WHERE id > $1 ORDER BY id LIMIT $2"};
constexpr db::Statement set_last_used{
    "api_key.note_use",
    "UPDATE api_keys SET last_used_at = $2 "
    "WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)"};
constexpr db::Statement delete_key{"api_key.remove", "DELETE FROM api_keys WHERE id = $1"};

constexpr Milliseconds use_is_noted_every = 1min;
constexpr std::size_t longest_name = 100;

Bytes digest_of(const SecretText& token) {
    auto digest = crypto::sha256(token.reveal());
    return {digest.begin(), digest.end()};
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && is_utf8(text) && !has_control(text);
}

}  // namespace

Result<void> demand_scope(const ApiKey& key, std::string_view scope) {
    if (!key.scopes.has(scope)) return fail(scope_missing, std::string(scope));
    return {};
}

ApiKeys::ApiKeys(db::Database& database, const Clock& clock, crypto::Random& random,
                 runtime::TaskGroup& background)
    : database_(database), clock_(clock), random_(random), background_(background) {}

Task<Created> ApiKeys::create(db::Executor& executor, NewApiKey key) {
    auto now = clock_.now();
    std::string name(trim(key.name));
    if (!is_name(name)) co_return fail(name_malformed);
    if (key.expires_at && *key.expires_at <= now) co_return fail(ends_in_the_past);
    auto token = crypto::make_token(token_prefix, random_);
    ApiKey made{crypto::uuid7(now, random_),
                std::move(name),
                std::move(key.scopes),
                std::move(key.created_by),
                now,
                key.expires_at,
                std::nullopt};
    db::Values values{made.id,         made.name,       digest_of(token), made.scopes.to_column(),
                      made.created_by, made.created_at, made.expires_at};
    auto stored = co_await executor.run(insert, std::move(values));
    if (!stored) co_return std::unexpected(stored.error());
    Created created{std::move(made), std::move(token)};
    co_return created;
}

Task<ApiKey> ApiKeys::find(SecretText token) {
    if (!crypto::is_token(token_prefix, token.reveal())) co_return fail(unknown, "no token");
    db::Values values{digest_of(token)};
    auto rows = co_await database_.run(select_by_hash, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    auto key = db::to_optional<ApiKey>(*rows);
    if (!key) co_return fail(unknown, "not there");
    if (key->expires_at && *key->expires_at <= clock_.now()) co_return fail(expired, key->id);
    note_use(*key);
    co_return std::move(*key);
}

void ApiKeys::note_use(const ApiKey& key) {
    auto now = clock_.now();
    if (key.last_used_at && now - *key.last_used_at < use_is_noted_every) return;
    if (!noting_.insert(key.id).second) return;
    background_.add("api_key.note_use", store_use(key.id, now));
}

Task<void> ApiKeys::store_use(std::string id, Instant at) {
    db::Values values{id, at};
    auto stored = co_await database_.run(set_last_used, std::move(values));
    noting_.erase(id);
    if (!stored) co_return std::unexpected(stored.error());
    co_return Result<void>();
}

Task<Page> ApiKeys::list(db::Executor& executor, std::string cursor, int limit) {
    auto wanted = static_cast<std::size_t>(std::clamp(limit, 1, 200));
    db::Values values{std::move(cursor), wanted + 1};
    auto rows = co_await executor.run(select_page, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());

    Page page;
    page.items = db::to_structs<ApiKey>(*rows);
    if (page.items.size() > wanted) {
        page.items.resize(wanted);
        page.next_cursor = page.items.back().id;
    }
    co_return page;
}

Task<void> ApiKeys::remove(db::Executor& executor, std::string id) {
    db::Values values{std::move(id)};
    auto done = co_await executor.run(delete_key, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    if (done->changes == 0) co_return fail(missing);
    co_return Result<void>();
}

}  // namespace cardea::api_key
