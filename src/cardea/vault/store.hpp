// The rows of `connections` as they are stored: tokens sealed, with lease and generation.
#pragma once

#include "cardea/crypto/keyring.hpp"
#include "cardea/db/database.hpp"
#include "cardea/vault/connection.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::vault {

struct Row {
    std::string id;
    std::optional<std::string> account_id;
    std::string provider;
    std::string issuer;
    std::string subject;
    std::optional<std::string> email;
    bool email_verified = false;
    std::optional<std::string> scopes;
    std::string token_type;
    Bytes access_token;
    std::optional<Bytes> refresh_token;
    std::optional<Bytes> id_token;
    std::optional<Bytes> answer;
    std::optional<Bytes> kept;
    std::optional<Bytes> dpop_key;
    std::string expiry;
    Instant received_at;
    std::optional<Instant> expires_at;
    std::optional<Instant> refresh_token_expires_at;
    std::optional<Instant> renew_at;
    std::string state;
    std::optional<std::string> reason;
    std::int64_t failures = 0;
    std::int64_t generation = 0;
    std::optional<Instant> lease_until;
    Instant connected_at;
    Instant updated_at;
};
BOOST_DESCRIBE_STRUCT(Row, (),
                      (id, account_id, provider, issuer, subject, email, email_verified, scopes,
                       token_type, access_token, refresh_token, id_token, answer, kept, dpop_key,
                       expiry, received_at, expires_at, refresh_token_expires_at, renew_at, state,
                       reason, failures, generation, lease_until, connected_at, updated_at))

/// `now` by the database's clock decides whether it is `renewing`.
Connection to_connection(const Row& row, Instant now);
/// The same with that clock asked.
Task<Connection> view(db::Database& database, Row row);

/// What a renewal may write; each says whether the claimed generation was still ours.
class Store {
  public:
    explicit Store(const crypto::Keyring& keyring) : keyring_(keyring) {}

    Task<Row> load(db::Executor& executor, std::string id) const;
    /// The row, if its tokens can be used. Fails with `needs_consent` and what led to that.
    Task<Row> load_fresh(db::Executor& executor, std::string id) const;
    Task<std::optional<Row>> find(db::Executor& executor, std::string issuer,
                                  std::string subject) const;
    Task<std::optional<Holder>> find_holder_of(db::Executor& executor, std::string provider,
                                               SecretText refresh_token) const;
    Task<std::vector<Row>> list(db::Executor& executor, std::string account_id) const;
    Task<std::vector<Row>> page(db::Executor& executor, Filter filter, std::string cursor,
                                int limit) const;
    Task<std::vector<std::string>> due(db::Executor& executor, Instant now, Instant server_now,
                                       int limit) const;
    /// Whether a connection that is due before `before` has failed `failures` times in a row.
    Task<bool> is_in_trouble(db::Executor& executor, Instant before, std::int64_t failures) const;
    Task<Row> insert(db::Executor& executor, std::string id, Identity identity,
                     oauth::TokenSet tokens, std::optional<Instant> renew_at, Instant now) const;
    /// Replaces the tokens, whoever holds a lease: a sign-in is newer than any renewal.
    Task<Row> replace(db::Executor& executor, std::string id, Identity identity,
                      oauth::TokenSet tokens, std::optional<Instant> renew_at, Instant now) const;
    Task<bool> link(db::Executor& executor, std::string id, std::string account_id,
                    Instant now) const;
    Task<bool> remove(db::Executor& executor, std::string id) const;
    Task<std::size_t> sweep_unlinked(db::Executor& executor, Instant before, int limit) const;

    /// The row with its lease taken, or nothing while another holder has it.
    Task<std::optional<Row>> claim(db::Executor& executor, std::string id, std::string holder,
                                   Instant server_now, Instant lease_until) const;
    Task<bool> renewed(db::Executor& executor, Row row, oauth::TokenSet tokens,
                       std::optional<Instant> renew_at, Instant now) const;
    /// The companions and a rotated refresh token, nothing else: the connection's own token is not
    /// the newer for it.
    Task<bool> companion_renewed(db::Executor& executor, Row row, oauth::TokenSet tokens) const;
    Task<bool> back_off(db::Executor& executor, Row row, Instant retry_at) const;
    Task<bool> give_up(db::Executor& executor, Row row, std::string reason, Instant now) const;
    Task<bool> release(db::Executor& executor, Row row) const;

    /// Without the answer, which only few ask for. Fails with `crypto.not_opened`.
    Result<oauth::TokenSet> open(const Row& row) const;
    /// Empty when there is none.
    Result<SecretText> open_answer(const Row& row) const;

  private:
    db::Values sealed(const std::string& id, const oauth::TokenSet& tokens,
                      std::optional<Instant> renew_at, Instant now) const;
    db::Value seal(std::string_view column, const std::string& id,
                   const std::optional<SecretText>& plain) const;
    Result<std::optional<SecretText>> open(std::string_view column, const std::string& id,
                                           const std::optional<Bytes>& sealed) const;
    const crypto::Keyring& keyring_;
};

}  // namespace cardea::vault
