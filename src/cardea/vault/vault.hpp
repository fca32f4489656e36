// The vault: keeps providers' tokens sealed and renews them before they expire.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "cardea/audit/trail.hpp"
#include "cardea/crypto/keyring.hpp"
#include "cardea/db/database.hpp"
#include "cardea/runtime/task.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/vault/connection.hpp"
#include "cardea/vault/settings.hpp"

namespace cardea::vault {

inline constexpr Reason missing{Code::not_found, "vault.connection_missing",
                                "There is no such connection."};
/// Only the person can help: they must sign in with the provider again.
inline constexpr Reason needs_consent{
    Code::conflict, "vault.needs_consent",
    "The provider wants the person's consent again. They must sign in with it once more."};
/// Linked to another account.
inline constexpr Reason taken{Code::conflict, "vault.connection_taken",
                              "That sign-in belongs to another account already."};
/// The token has run out, and the provider, which was in trouble, is not asked again just yet;
/// `retry_after` is set.
inline constexpr Reason waits_for_provider{
    Code::unavailable, "vault.waits_for_provider",
    "The provider is in trouble and will be asked again in a moment."};
/// Somebody else renews it and takes long.
inline constexpr Reason renewal_under_way{Code::unavailable, "vault.renewal_under_way",
                                          "The token is being renewed. Try again in a moment."};

/// Renewals fail again and again: somebody should look at the provider and at the log.
inline constexpr Reason renewal_in_trouble{
    Code::unavailable, "vault.renewal_in_trouble",
    "Renewing tokens has failed several times in a row for at least one connection."};

/// One answer to a refresh of what is kept (there is a refresh token), to be merged with it. Fails
/// with `oauth.consent_withdrawn` when trying again will not help.
using Renewer = std::function<Task<oauth::TokenSet>(std::string provider, oauth::TokenSet kept)>;
/// One answer to a companion's refresh: see oauth::with_companion(). Fails with
/// `provider.no_companion` when the provider's row has none of that name.
using CompanionRenewer = std::function<Task<oauth::TokenSet>(
    std::string provider, oauth::TokenSet kept, std::string companion)>;
/// SHA-256 of what the provider's row has a companion asked for with. Fails with
/// `provider.no_companion` when it has none of that name.
using CompanionHash = std::function<Task<std::string>(std::string provider, std::string companion)>;
/// How long before its end a provider's token is renewed, where the provider has a margin of its
/// own.
using Margins = std::function<std::optional<Seconds>(const std::string& provider)>;

/// The table `connections`. Writes take the executor to run on, so that a flow can pass its
/// transaction.
///
/// A renewal is one at a time: one flight per connection in this process, one claimed row among all
/// processes (a lease by the database's clock), and a write that counts only in the generation that
/// was claimed. An answer received is committed before anything else is done with it.
class Vault {
  public:
    struct Parts {
        db::Database& database;
        const crypto::Keyring& keyring;
        const Clock& clock;
        crypto::Random& random;
        audit::Trail& trail;
        Renewer renewer;
        /// Renewals under way: to be awaited before the database closes, for an answer may be the
        /// only copy of a rotated token.
        runtime::TaskGroup& renewals;
        Margins margins = {};
        CompanionRenewer companions = {};
        CompanionHash companion_hash = {};
    };
    Vault(Parts parts, Settings settings);
    ~Vault();

    /// Creates or updates the connection of (issuer, subject) with the tokens of a sign-in. An
    /// answer without a refresh token or scopes leaves those as they were, if they are of the same
    /// provider. Companions end with the grant before.
    Task<Connection> keep(db::Executor& executor, Identity identity, oauth::TokenSet tokens);
    /// Links it to the account; fails with `taken` when it has another one.
    Task<void> link(db::Executor& executor, std::string id, std::string account_id);

    /// Each fails with `missing`.
    Task<Connection> find(db::Executor& executor, std::string id);
    Task<Connection> find(db::Executor& executor, std::string issuer, std::string subject);
    Task<std::vector<Connection>> list(db::Executor& executor, std::string account_id);
    /// By id, ascending: the oldest first. `limit` is 1 to 200.
    Task<Page> list(db::Executor& executor, Filter filter, std::string cursor, int limit);
    /// What the provider is asked to forget; for revocation.
    Task<oauth::TokenSet> tokens(db::Executor& executor, std::string id);
    Task<void> remove(db::Executor& executor, std::string id);
    /// Who has this refresh token, or had it before the last renewal; nothing when nobody does.
    Task<std::optional<Holder>> holder_of(db::Executor& executor, std::string provider,
                                          SecretText refresh_token);

    /// A token that can be used now, renewed first when inside its margin; the old one while it
    /// lives and the provider is in trouble. Fails with `missing`, `needs_consent`, or the
    /// provider's failure; with
    /// `waits_for_provider` while that failure is fresh.
    /// `origin` is who asks, for the events of a renewal; without it the vault itself (`job`).
    Task<AccessToken> fresh_token(std::string id);
    Task<AccessToken> fresh_token(std::string id, audit::Origin origin);
    /// A second token for another audience, which the provider's row names; got with the refresh
    /// token when it is first asked for, again when its end is near (after an hour, where that is
    /// unknown) and when the row has changed. Its failure is no failure of the connection. Fails as
    /// fresh_token(), and with `provider.no_companion`.
    Task<AccessToken> companion_token(std::string id, std::string companion);
    Task<AccessToken> companion_token(std::string id, std::string companion, audit::Origin origin);
    /// Renews now. Fails as fresh_token(), and with `renewal_under_way`. Of several who ask at once
    /// the first stands in the events.
    Task<Connection> renew(std::string id);
    Task<Connection> renew(std::string id, audit::Origin origin);
    /// Renews everything that is due, in expiry order; tells how many were renewed.
    Task<std::size_t> renew_due();
    /// Fails with `renewal_in_trouble` while the last few attempts at a connection all failed. For
    /// health checks: it costs one look at an index.
    Task<void> check_renewals();
    /// Removes up to `limit` connections that nobody has linked to an account within
    /// `keep_unlinked`; tells how many.
    Task<std::size_t> sweep(int limit = 500);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// All statements of the module, for the test that prepares each on every engine.
std::span<const db::Statement> statements();

}  // namespace cardea::vault
