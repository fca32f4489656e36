#include "cardea/account/accounts.hpp"

#include <algorithm>

#include "cardea/crypto/id.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::account {

BOOST_DESCRIBE_STRUCT(Account, (),
                      (id, email, email_verified, email_authoritative, name, picture, has_password,
                       roles, invited_at, disabled_at, created_at, updated_at))

namespace {

// What an Account is made of; the hash stays behind.
#define ACCOUNT_COLUMNS                                                           \
    "id, email, email_verified, email_authoritative, name, picture, "             \
    "password_hash IS NOT NULL AS has_password, roles, invited_at, disabled_at, " \
    "created_at, updated_at"

// ON CONFLICT instead of an error: PostgreSQL would end the whole transaction. Nothing is returned:
// SQLite would make a table for it.
constexpr db::Statement insert{
    "account.create",
    "INSERT INTO accounts (id, email, email_key, email_verified, name, picture, password_hash, "
    "roles, invited_at, disabled_at, created_at, updated_at, email_authoritative) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12) "
    "ON CONFLICT (email_key) DO NOTHING"};
constexpr db::Statement claim_invitation{
    "account.claim",
    "UPDATE accounts SET email = $2, email_verified = $3, name = $4, picture = $5, "
    "password_hash = $6, invited_at = NULL, updated_at = $7, email_authoritative = $8 "
    "WHERE id = $1 AND invited_at IS NOT NULL AND disabled_at IS NULL "
    "RETURNING " ACCOUNT_COLUMNS};
constexpr db::Statement select_by_id{
    "account.find", "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE id = $1", db::Cost::lookup};
constexpr db::Statement select_by_email{
    "account.find_by_email", "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE email_key = $1",
    db::Cost::lookup};
constexpr db::Statement select_credential_by_id{
    "account.find_credential",
    "SELECT " ACCOUNT_COLUMNS ", password_hash FROM accounts WHERE id = $1", db::Cost::lookup};
constexpr db::Statement select_credential_by_email{
    "account.find_credential_by_email",
    "SELECT " ACCOUNT_COLUMNS ", password_hash FROM accounts WHERE email_key = $1",
    db::Cost::lookup};
constexpr db::Statement select_page{
    "account.list", "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE id > $1 ORDER BY id LIMIT $2"};
constexpr db::Statement select_hashes{
    "account.list_hashes",
    "SELECT id, password_hash FROM accounts WHERE id > $1 AND password_hash IS NOT NULL "
    "ORDER BY id LIMIT $2"};
constexpr db::Statement update_profile{
    "account.update",
    "UPDATE accounts SET name = COALESCE(CAST($2 AS TEXT), name), "
    "picture = COALESCE(CAST($3 AS TEXT), picture), updated_at = $4 WHERE id = $1 "
    "RETURNING " ACCOUNT_COLUMNS};
// The same address written differently stays proven.
constexpr db::Statement update_email{
    "account.change_email",
    "UPDATE accounts SET email = $2, "
    "email_verified = CASE WHEN email_key = $3 THEN email_verified ELSE FALSE END, "
    "email_authoritative = CASE WHEN email_key = $3 THEN email_authoritative ELSE FALSE END, "
    "email_key = $3, updated_at = $4 WHERE id = $1 AND NOT EXISTS "
    "(SELECT 1 FROM accounts AS other WHERE other.email_key = $3 AND other.id <> $1) "
    "RETURNING " ACCOUNT_COLUMNS};
constexpr db::Statement update_roles{
    "account.set_roles",
    "UPDATE accounts SET roles = $2, updated_at = $3 WHERE id = $1 RETURNING " ACCOUNT_COLUMNS};
constexpr db::Statement set_disabled{
    "account.disable",
    "UPDATE accounts SET disabled_at = COALESCE(disabled_at, $2), updated_at = $2 WHERE id = $1 "
    "RETURNING " ACCOUNT_COLUMNS};
constexpr db::Statement set_enabled{
    "account.enable",
    "UPDATE accounts SET disabled_at = NULL, updated_at = $2 WHERE id = $1 "
    "RETURNING " ACCOUNT_COLUMNS};
constexpr db::Statement update_password{
    "account.set_password",
    "UPDATE accounts SET password_hash = $2, invited_at = NULL, updated_at = $3 WHERE id = $1"};
constexpr db::Statement replace_password{
    "account.upgrade_password",
    "UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2"};
constexpr db::Statement set_email_verified{
    "account.verify_email",
    "UPDATE accounts SET email_verified = TRUE, "
    "email_authoritative = CASE WHEN $4 THEN TRUE ELSE email_authoritative END, updated_at = $3 "
    "WHERE id = $1 AND email_key = $2"};
constexpr db::Statement drop_email{
    "account.release_email",
    "UPDATE accounts SET email = NULL, email_key = NULL, email_verified = FALSE, "
    "email_authoritative = FALSE, password_hash = NULL, updated_at = $2 WHERE id = $1"};
constexpr db::Statement delete_account{"account.remove", "DELETE FROM accounts WHERE id = $1"};
constexpr db::Statement count_accounts{
    "account.count", "SELECT COUNT(*) AS count FROM accounts WHERE invited_at IS NULL"};

#undef ACCOUNT_COLUMNS

struct HashColumn {
    std::optional<std::string> password_hash;
};
BOOST_DESCRIBE_STRUCT(HashColumn, (), (password_hash))

std::optional<std::string> text_of(const std::optional<Email>& email) {
    return email ? std::optional(email->text()) : std::nullopt;
}
std::optional<std::string> key_of(const std::optional<Email>& email) {
    return email ? std::optional(email->key()) : std::nullopt;
}
std::optional<std::string> reveal(const std::optional<SecretText>& secret) {
    return secret ? std::optional(secret->reveal()) : std::nullopt;
}

/// The account of the one row, or `none` when the statement met no row.
Result<Account> one(const Result<db::Rows>& rows, const Reason& none = missing) {
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return fail(none);
    return db::to_struct<Account>(*rows, 0);
}

Result<Credential> one_credential(const Result<db::Rows>& rows) {
    auto account = one(rows);
    if (!account) return std::unexpected(account.error());
    auto hash = db::to_struct<HashColumn>(*rows, 0).password_hash;
    std::optional<SecretText> secret;
    if (hash) secret = SecretText(std::move(*hash));
    return Credential{std::move(*account), std::move(secret)};
}

Result<void> changed_one(const Result<db::Rows>& rows) {
    if (!rows) return std::unexpected(rows.error());
    if (rows->changes == 0) return fail(missing);
    return {};
}

}  // namespace

Task<Account> Accounts::create(db::Executor& executor, NewAccount account) {
    auto now = clock_.now();
    auto created_at = account.created_at.value_or(now);
    // list() goes by id, the oldest first: an id is as old as its account.
    Account made{.id = crypto::uuid7(created_at, random_),
                 .email = text_of(account.email),
                 .email_verified = account.email_verified,
                 .email_authoritative = account.email_authoritative,
                 .name = std::move(account.name),
                 .picture = std::move(account.picture),
                 .has_password = account.password_hash.has_value(),
                 .roles = std::move(account.roles),
                 .invited_at = account.invitation ? std::optional(now) : std::nullopt,
                 .disabled_at = std::nullopt,
                 .created_at = created_at,
                 .updated_at = now};
    db::Values values{made.id,
                      made.email,
                      key_of(account.email),
                      made.email_verified,
                      made.name,
                      made.picture,
                      reveal(account.password_hash),
                      made.roles.to_column(),
                      made.invited_at,
                      made.created_at,
                      made.updated_at,
                      made.email_authoritative};
    auto rows = co_await executor.run(insert, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    if (rows->changes == 0) co_return fail(email_taken);
    co_return made;
}

Task<Account> Accounts::claim(db::Executor& executor, std::string id, NewAccount account) {
    db::Values values{std::move(id),
                      text_of(account.email),
                      account.email_verified,
                      std::move(account.name),
                      std::move(account.picture),
                      reveal(account.password_hash),
                      clock_.now(),
                      account.email_authoritative};
    auto rows = co_await executor.run(claim_invitation, std::move(values));
    co_return one(rows, email_taken);
}

Task<Account> Accounts::find(db::Executor& executor, std::string id) {
    db::Values values{std::move(id)};
    auto rows = co_await executor.run(select_by_id, std::move(values));
    co_return one(rows);
}

Task<Account> Accounts::find_by_email(db::Executor& executor, Email email) {
    db::Values values{email.key()};
    auto rows = co_await executor.run(select_by_email, std::move(values));
    co_return one(rows);
}

Task<Credential> Accounts::find_credential(db::Executor& executor, Email email) {
    db::Values values{email.key()};
    auto rows = co_await executor.run(select_credential_by_email, std::move(values));
    co_return one_credential(rows);
}

Task<Credential> Accounts::find_credential(db::Executor& executor, std::string id) {
    db::Values values{std::move(id)};
    auto rows = co_await executor.run(select_credential_by_id, std::move(values));
    co_return one_credential(rows);
}

Task<Page> Accounts::list(db::Executor& executor, Filter filter, std::string cursor, int limit) {
    Page page;
    if (filter.email) {
        auto account = co_await find_by_email(executor, *filter.email);
        if (!account && !account.error().is(missing)) co_return std::unexpected(account.error());
        if (account) page.items.push_back(std::move(*account));
        co_return page;
    }
    auto wanted = static_cast<std::size_t>(std::clamp(limit, 1, 200));
    db::Values values{std::move(cursor), wanted + 1};
    auto rows = co_await executor.run(select_page, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());

    page.items = db::to_structs<Account>(*rows);
    if (page.items.size() > wanted) {
        page.items.resize(wanted);
        page.next_cursor = page.items.back().id;
    }
    co_return page;
}

Task<HashPage> Accounts::list_hashes(db::Executor& executor, std::string cursor, int limit) {
    db::Values values{std::move(cursor), limit};
    auto rows = co_await executor.run(select_hashes, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    HashPage page;
    for (auto& row : rows->rows) page.hashes.emplace_back(row.at(1).as_text());
    if (!rows->empty()) page.next_cursor = rows->rows.back().at(0).as_text();
    co_return page;
}

Task<Account> Accounts::update(db::Executor& executor, std::string id, Changes changes) {
    auto now = clock_.now();
    db::Values values{id, std::move(changes.name), std::move(changes.picture), now};
    auto rows = co_await executor.run(update_profile, std::move(values));
    auto account = one(rows);
    if (!account || !changes.email) co_return account;

    db::Values address{std::move(id), changes.email->text(), changes.email->key(), now};
    auto moved = co_await executor.run(update_email, std::move(address));
    if (!moved && moved.error().is(db::conflict)) co_return fail(email_taken, moved.error());
    co_return one(moved, email_taken);
}

Task<Account> Accounts::set_roles(db::Executor& executor, std::string id, Roles roles) {
    db::Values values{std::move(id), roles.to_column(), clock_.now()};
    auto rows = co_await executor.run(update_roles, std::move(values));
    co_return one(rows);
}

Task<Account> Accounts::disable(db::Executor& executor, std::string id) {
    db::Values values{std::move(id), clock_.now()};
    auto rows = co_await executor.run(set_disabled, std::move(values));
    co_return one(rows);
}

Task<Account> Accounts::enable(db::Executor& executor, std::string id) {
    db::Values values{std::move(id), clock_.now()};
    auto rows = co_await executor.run(set_enabled, std::move(values));
    co_return one(rows);
}

Task<void> Accounts::set_password(db::Executor& executor, std::string id, SecretText hash) {
    db::Values values{std::move(id), hash.reveal(), clock_.now()};
    auto rows = co_await executor.run(update_password, std::move(values));
    co_return changed_one(rows);
}

Task<void> Accounts::upgrade_password(db::Executor& executor, std::string id, SecretText old_hash,
                                      SecretText new_hash) {
    db::Values values{std::move(id), old_hash.reveal(), new_hash.reveal()};
    auto rows = co_await executor.run(replace_password, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return Result<void>();
}

Task<void> Accounts::verify_email(db::Executor& executor, std::string id, Email email,
                                  AddressProof proof) {
    bool authoritative = proof == AddressProof::authoritative;
    db::Values values{std::move(id), email.key(), clock_.now(), authoritative};
    auto rows = co_await executor.run(set_email_verified, std::move(values));
    co_return changed_one(rows);
}

Task<void> Accounts::release_email(db::Executor& executor, std::string id) {
    db::Values values{std::move(id), clock_.now()};
    auto rows = co_await executor.run(drop_email, std::move(values));
    co_return changed_one(rows);
}

Task<void> Accounts::remove(db::Executor& executor, std::string id) {
    db::Values values{std::move(id)};
    auto rows = co_await executor.run(delete_account, std::move(values));
    co_return changed_one(rows);
}

Task<std::size_t> Accounts::count(db::Executor& executor) {
    auto rows = co_await executor.run(count_accounts, db::Values());
    if (!rows) co_return std::unexpected(rows.error());
    co_return static_cast<std::size_t>(rows->rows.at(0).at(0).as_integer());
}

}  // namespace cardea::account
