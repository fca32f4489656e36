// Sealing, opening and the statements: what a holder writes counts only in its generation.
#include "cardea/vault/store.hpp"

#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/vault/facts.hpp"

namespace cardea::vault {

namespace {

#define CARDEA_CONNECTION_COLUMNS                                                            \
    "id, account_id, provider, issuer, subject, email, email_verified, scopes, token_type, " \
    "access_token, refresh_token, id_token, answer, kept, dpop_key, expiry, received_at, "   \
    "expires_at, refresh_token_expires_at, renew_at, state, reason, failures, generation, "  \
    "lease_until, "                                                                          \
    "connected_at, updated_at"

constexpr db::Statement find_by_id{
    "vault.find", "SELECT " CARDEA_CONNECTION_COLUMNS " FROM connections WHERE id = $1",
    db::Cost::lookup};
constexpr db::Statement find_by_subject{"vault.find_by_subject",
                                        "SELECT " CARDEA_CONNECTION_COLUMNS
                                        " FROM connections WHERE issuer = $1 AND subject = $2",
                                        db::Cost::lookup};
constexpr db::Statement find_holder{
    "vault.find_holder",
    "SELECT id, refresh_token_hash FROM connections WHERE provider = $1 "
    "AND (refresh_token_hash = $2 OR previous_refresh_token_hash = $2) LIMIT 1",
    db::Cost::lookup};
constexpr db::Statement list_of_account{"vault.list",
                                        "SELECT " CARDEA_CONNECTION_COLUMNS
                                        " FROM connections WHERE account_id = $1 ORDER BY id",
                                        db::Cost::lookup};
constexpr db::Statement list_all{"vault.list_all",
                                 "SELECT " CARDEA_CONNECTION_COLUMNS
                                 " FROM connections WHERE id > $1 AND ($2 = '' OR provider = $2) "
                                 "AND ($3 = '' OR state = $3) ORDER BY id LIMIT $4"};
constexpr db::Statement page_of_account{
    "vault.page_of_account",
    "SELECT " CARDEA_CONNECTION_COLUMNS
    " FROM connections WHERE account_id = $5 AND id > $1 AND ($2 = '' OR provider = $2) "
    "AND ($3 = '' OR state = $3) ORDER BY id LIMIT $4"};
constexpr db::Statement list_due{
    "vault.list_due",
    "SELECT id FROM connections WHERE state = 'fresh' AND renew_at <= $1 "
    "AND (lease_until IS NULL OR lease_until <= $2) ORDER BY renew_at LIMIT $3"};
constexpr db::Statement find_trouble{
    "vault.find_trouble",
    "SELECT id FROM connections WHERE state = 'fresh' AND renew_at <= $1 AND failures >= $2 "
    "LIMIT 1"};
constexpr db::Statement insert_row{
    "vault.insert",
    "INSERT INTO connections (id, token_type, access_token, refresh_token, id_token, answer, "
    "scopes, "
    "expiry, received_at, expires_at, refresh_token_expires_at, renew_at, updated_at, kept, "
    "provider, issuer, "
    "subject, email, email_verified, refresh_token_hash, connected_at, state, failures, "
    "generation, dpop_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
    "$15, $16, $17, $18, $19, $20, $13, 'fresh', 0, 0, $21) RETURNING " CARDEA_CONNECTION_COLUMNS};
constexpr db::Statement replace_tokens{
    "vault.replace",
    "UPDATE connections SET token_type = $2, access_token = $3, refresh_token = $4, id_token = $5, "
    "answer = $6, scopes = $7, expiry = $8, received_at = $9, expires_at = $10, "
    "refresh_token_expires_at = $11, renew_at = $12, updated_at = $13, kept = $14, provider = "
    "$15, email = $16, "
    "email_verified = $17, previous_refresh_token_hash = refresh_token_hash, "
    "refresh_token_hash = $18, dpop_key = $19, "
    "connected_at = CASE WHEN account_id IS NULL THEN $13 ELSE connected_at END, state = 'fresh', "
    "reason = NULL, failures = 0, generation = generation + "
    "1, "
    "lease_holder = NULL, lease_until = NULL WHERE id = $1 RETURNING " CARDEA_CONNECTION_COLUMNS};
constexpr db::Statement link_row{"vault.link",
                                 "UPDATE connections SET account_id = $2, updated_at = $3 "
                                 "WHERE id = $1 AND (account_id IS NULL OR account_id = $2)"};
constexpr db::Statement remove_row{"vault.remove", "DELETE FROM connections WHERE id = $1"};
// A few at a time, like every sweep.
constexpr db::Statement sweep_rows{
    "vault.sweep_unlinked",
    "DELETE FROM connections WHERE account_id IS NULL AND id IN "
    "(SELECT id FROM connections WHERE account_id IS NULL AND connected_at <= $1 LIMIT $2)"};
constexpr db::Statement claim_row{
    "vault.claim",
    "UPDATE connections SET lease_holder = $2, lease_until = $3, generation = generation + 1 "
    "WHERE id = $1 AND (lease_until IS NULL OR lease_until <= $4) "
    "RETURNING " CARDEA_CONNECTION_COLUMNS};
// Everything a holder writes counts only in the generation that it claimed.
constexpr db::Statement store_renewed{
    "vault.renewed",
    "UPDATE connections SET token_type = $2, access_token = $3, refresh_token = $4, id_token = $5, "
    "answer = $6, scopes = $7, expiry = $8, received_at = $9, expires_at = $10, "
    "refresh_token_expires_at = $11, renew_at = $12, updated_at = $13, kept = $14, "
    "previous_refresh_token_hash = refresh_token_hash, refresh_token_hash = $16, "
    "dpop_key = $17, "
    "state = 'fresh', reason = NULL, "
    "failures = 0, lease_holder = NULL, lease_until = NULL WHERE id = $1 AND generation = $15"};
constexpr db::Statement store_companion{
    "vault.companion_renewed",
    "UPDATE connections SET kept = $2, refresh_token = $3, refresh_token_expires_at = $4, "
    "previous_refresh_token_hash = CASE WHEN refresh_token_hash = $5 "
    "THEN previous_refresh_token_hash ELSE refresh_token_hash END, refresh_token_hash = $5, "
    "lease_holder = NULL, lease_until = NULL WHERE id = $1 AND generation = $6"};
constexpr db::Statement store_back_off{
    "vault.back_off",
    "UPDATE connections SET failures = failures + 1, renew_at = $2, lease_holder = NULL, "
    "lease_until = NULL WHERE id = $1 AND generation = $3"};
constexpr db::Statement store_give_up{
    "vault.give_up",
    "UPDATE connections SET state = 'needs_consent', reason = $2, renew_at = NULL, updated_at = "
    "$3, "
    "lease_holder = NULL, lease_until = NULL WHERE id = $1 AND generation = $4"};
constexpr db::Statement release_row{"vault.release",
                                    "UPDATE connections SET lease_holder = NULL, lease_until = "
                                    "NULL WHERE id = $1 AND generation = $2"};

constexpr db::Statement all[] = {
    find_by_id,      find_by_subject, list_of_account, list_all,        list_due,
    find_trouble,    insert_row,      replace_tokens,  link_row,        remove_row,
    claim_row,       store_renewed,   store_back_off,  store_give_up,   release_row,
    page_of_account, sweep_rows,      find_holder,     store_companion,
};

State state_from(const Row& row, Instant now) {
    if (row.state == "needs_consent") return State::needs_consent;
    if (row.state == "revoked") return State::revoked;
    return row.lease_until && *row.lease_until > now ? State::renewing : State::fresh;
}

oauth::Expiry expiry_from(std::string_view text) {
    if (text == "at") return oauth::Expiry::at;
    return text == "never" ? oauth::Expiry::never : oauth::Expiry::unknown;
}

std::string_view expiry_text(oauth::Expiry expiry) {
    switch (expiry) {
        case oauth::Expiry::at:
            return "at";
        case oauth::Expiry::never:
            return "never";
        case oauth::Expiry::unknown:
            break;
    }
    return "unknown";
}

/// Absent without a token.
db::Value hash_of(const std::optional<SecretText>& refresh_token) {
    if (!refresh_token) return {};
    auto digest = crypto::sha256(refresh_token->reveal());
    return Bytes(digest.begin(), digest.end());
}

Result<Row> first_of(const db::Rows& rows) {
    if (rows.empty()) return fail(missing);
    return db::to_struct<Row>(rows, 0);
}

std::vector<std::string> words(const std::optional<std::string>& text) {
    std::vector<std::string> result;
    if (!text) return result;
    for (auto word : split(*text, ' ')) {
        if (!word.empty()) result.emplace_back(word);
    }
    return result;
}

}  // namespace

std::span<const db::Statement> statements() {
    return all;
}

Connection to_connection(const Row& row, Instant now) {
    Connection connection;
    connection.id = row.id;
    connection.account_id = row.account_id;
    connection.provider = row.provider;
    connection.issuer = row.issuer;
    connection.subject = row.subject;
    connection.email = row.email;
    connection.email_verified = row.email_verified;
    connection.scopes = words(row.scopes);
    connection.state = state_from(row, now);
    connection.reason = row.reason;
    connection.expiry = expiry_from(row.expiry);
    connection.expires_at = row.expires_at;
    connection.renew_at = row.renew_at;
    connection.connected_at = row.connected_at;
    connection.updated_at = row.updated_at;
    return connection;
}

Task<Connection> view(db::Database& database, Row row) {
    auto now = co_await database.server_now();
    if (!now) co_return std::unexpected(now.error());
    co_return to_connection(row, *now);
}

Task<Row> Store::load(db::Executor& executor, std::string id) const {
    db::Values values{std::move(id)};
    auto rows = co_await executor.run(find_by_id, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return first_of(*rows);
}

Task<Row> Store::load_fresh(db::Executor& executor, std::string id) const {
    auto row = co_await load(executor, std::move(id));
    if (row && row->state != "fresh") co_return fail(needs_consent, row->reason.value_or(""));
    co_return row;
}

Task<std::optional<Row>> Store::find(db::Executor& executor, std::string issuer,
                                     std::string subject) const {
    db::Values values{std::move(issuer), std::move(subject)};
    auto rows = co_await executor.run(find_by_subject, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_optional<Row>(*rows);
}

Task<std::optional<Holder>> Store::find_holder_of(db::Executor& executor, std::string provider,
                                                  SecretText refresh_token) const {
    auto hash = hash_of(refresh_token);
    db::Values values{std::move(provider), hash};
    auto rows = co_await executor.run(find_holder, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    if (rows->rows.empty()) co_return std::optional<Holder>();
    const auto& row = rows->rows[0];
    bool is_current = !row.at(1).is_null() && row.at(1).as_bytes() == hash.as_bytes();
    Holder holder{row.at(0).as_text(), is_current};
    co_return holder;
}

Task<std::vector<Row>> Store::list(db::Executor& executor, std::string account_id) const {
    db::Values values{std::move(account_id)};
    auto rows = co_await executor.run(list_of_account, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_structs<Row>(*rows);
}

Task<std::vector<Row>> Store::page(db::Executor& executor, Filter filter, std::string cursor,
                                   int limit) const {
    std::string state;
    if (filter.state) state = boost::describe::enum_to_string(*filter.state, "");
    db::Values values{std::move(cursor), filter.provider.value_or(""), std::move(state), limit};
    if (filter.account_id) values.emplace_back(*filter.account_id);
    const auto& statement = filter.account_id ? page_of_account : list_all;
    auto rows = co_await executor.run(statement, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_structs<Row>(*rows);
}

Task<bool> Store::is_in_trouble(db::Executor& executor, Instant before,
                                std::int64_t failures) const {
    db::Values values{before, failures};
    auto rows = co_await executor.run(find_trouble, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return !rows->rows.empty();
}

Task<std::vector<std::string>> Store::due(db::Executor& executor, Instant now, Instant server_now,
                                          int limit) const {
    db::Values values{now, server_now, limit};
    auto rows = co_await executor.run(list_due, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    std::vector<std::string> ids;
    for (const auto& row : rows->rows) ids.push_back(row[0].as_text());
    co_return ids;
}

db::Value Store::seal(std::string_view column, const std::string& id,
                      const std::optional<SecretText>& plain) const {
    if (!plain) return {};
    return keyring_.seal({"connections", column, id}, as_bytes(plain->reveal()));
}

Result<std::optional<SecretText>> Store::open(std::string_view column, const std::string& id,
                                              const std::optional<Bytes>& sealed) const {
    if (!sealed) return std::optional<SecretText>();
    auto opened = keyring_.open({"connections", column, id}, *sealed);
    if (!opened) return std::unexpected(opened.error());
    return std::optional<SecretText>(SecretText(to_text(opened->reveal())));
}

db::Values Store::sealed(const std::string& id, const oauth::TokenSet& tokens,
                         std::optional<Instant> renew_at, Instant now) const {
    db::Value scopes;
    if (tokens.scopes) scopes = join(*tokens.scopes, " ");
    db::Values values{id,
                      tokens.token_type,
                      seal("access_token", id, tokens.access_token),
                      seal("refresh_token", id, tokens.refresh_token),
                      seal("id_token", id, tokens.id_token),
                      seal("answer", id, tokens.answer),
                      std::move(scopes),
                      expiry_text(tokens.expiry),
                      tokens.received_at,
                      tokens.expires_at,
                      tokens.refresh_token_expires_at,
                      renew_at,
                      now,
                      seal("kept", id, facts_of(tokens))};
    return values;
}

Result<oauth::TokenSet> Store::open(const Row& row) const {
    oauth::TokenSet tokens;
    auto access_token = open("access_token", row.id, row.access_token);
    if (!access_token) return std::unexpected(access_token.error());
    auto refresh_token = open("refresh_token", row.id, row.refresh_token);
    if (!refresh_token) return std::unexpected(refresh_token.error());
    auto id_token = open("id_token", row.id, row.id_token);
    if (!id_token) return std::unexpected(id_token.error());
    auto dpop_key = open("dpop_key", row.id, row.dpop_key);
    if (!dpop_key) return std::unexpected(dpop_key.error());
    tokens.access_token = std::move(**access_token);
    tokens.refresh_token = std::move(*refresh_token);
    tokens.id_token = std::move(*id_token);
    tokens.dpop_key = std::move(*dpop_key);
    tokens.token_type = row.token_type;
    if (row.scopes) tokens.scopes = words(row.scopes);
    tokens.expiry = expiry_from(row.expiry);
    tokens.expires_at = row.expires_at;
    tokens.refresh_token_expires_at = row.refresh_token_expires_at;
    tokens.received_at = row.received_at;
    auto facts = open("kept", row.id, row.kept);
    if (!facts) return std::unexpected(facts.error());
    if (auto read = read_facts(*facts, tokens); !read) return std::unexpected(read.error());
    return tokens;
}

Result<SecretText> Store::open_answer(const Row& row) const {
    auto answer = open("answer", row.id, row.answer);
    if (!answer) return std::unexpected(answer.error());
    return std::move(*answer).value_or(SecretText());
}

Task<Row> Store::insert(db::Executor& executor, std::string id, Identity identity,
                        oauth::TokenSet tokens, std::optional<Instant> renew_at,
                        Instant now) const {
    auto values = sealed(id, tokens, renew_at, now);
    values.emplace_back(std::move(identity.provider));
    values.emplace_back(std::move(identity.issuer));
    values.emplace_back(std::move(identity.subject));
    values.emplace_back(std::move(identity.email));
    values.emplace_back(identity.email_verified);
    values.emplace_back(hash_of(tokens.refresh_token));
    values.emplace_back(seal("dpop_key", id, tokens.dpop_key));
    auto rows = co_await executor.run(insert_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return first_of(*rows);
}

Task<Row> Store::replace(db::Executor& executor, std::string id, Identity identity,
                         oauth::TokenSet tokens, std::optional<Instant> renew_at,
                         Instant now) const {
    auto values = sealed(id, tokens, renew_at, now);
    values.emplace_back(std::move(identity.provider));
    values.emplace_back(std::move(identity.email));
    values.emplace_back(identity.email_verified);
    values.emplace_back(hash_of(tokens.refresh_token));
    values.emplace_back(seal("dpop_key", id, tokens.dpop_key));
    auto rows = co_await executor.run(replace_tokens, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return first_of(*rows);
}

Task<bool> Store::link(db::Executor& executor, std::string id, std::string account_id,
                       Instant now) const {
    db::Values values{std::move(id), std::move(account_id), now};
    auto rows = co_await executor.run(link_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

Task<bool> Store::remove(db::Executor& executor, std::string id) const {
    db::Values values{std::move(id)};
    auto rows = co_await executor.run(remove_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

Task<std::size_t> Store::sweep_unlinked(db::Executor& executor, Instant before, int limit) const {
    db::Values values{before, limit};
    auto rows = co_await executor.run(sweep_rows, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return static_cast<std::size_t>(rows->changes);
}

Task<std::optional<Row>> Store::claim(db::Executor& executor, std::string id, std::string holder,
                                      Instant server_now, Instant lease_until) const {
    db::Values values{std::move(id), std::move(holder), lease_until, server_now};
    auto rows = co_await executor.run(claim_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_optional<Row>(*rows);
}

Task<bool> Store::renewed(db::Executor& executor, Row row, oauth::TokenSet tokens,
                          std::optional<Instant> renew_at, Instant now) const {
    auto values = sealed(row.id, tokens, renew_at, now);
    values.emplace_back(row.generation);
    values.emplace_back(hash_of(tokens.refresh_token));
    values.emplace_back(seal("dpop_key", row.id, tokens.dpop_key));
    auto rows = co_await executor.run(store_renewed, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

Task<bool> Store::companion_renewed(db::Executor& executor, Row row, oauth::TokenSet tokens) const {
    db::Values values{row.id,
                      seal("kept", row.id, facts_of(tokens)),
                      seal("refresh_token", row.id, tokens.refresh_token),
                      tokens.refresh_token_expires_at,
                      hash_of(tokens.refresh_token),
                      row.generation};
    auto rows = co_await executor.run(store_companion, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

Task<bool> Store::back_off(db::Executor& executor, Row row, Instant retry_at) const {
    db::Values values{row.id, retry_at, row.generation};
    auto rows = co_await executor.run(store_back_off, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

Task<bool> Store::give_up(db::Executor& executor, Row row, std::string reason, Instant now) const {
    db::Values values{row.id, std::move(reason), now, row.generation};
    auto rows = co_await executor.run(store_give_up, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

Task<bool> Store::release(db::Executor& executor, Row row) const {
    db::Values values{row.id, row.generation};
    auto rows = co_await executor.run(release_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->changes > 0;
}

}  // namespace cardea::vault
