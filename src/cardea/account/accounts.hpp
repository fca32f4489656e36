// Accounts: create, find, change, disable, remove.
#pragma once

#include "cardea/account/account.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"

namespace cardea::account {

/// Another account has the address, or one that cannot be told from it.
inline constexpr Reason email_taken{Code::conflict, "account.email_taken",
                                    "There is an account with this email address already."};
inline constexpr Reason missing{Code::not_found, "account.missing", "There is no such account."};
inline constexpr Reason disabled{Code::forbidden, "account.disabled",
                                 "This account is disabled. Ask an administrator."};

/// The table `accounts`. Every call takes the executor to run on, so that a flow can pass its
/// transaction.
class Accounts {
  public:
    Accounts(const Clock& clock, crypto::Random& random) : clock_(clock), random_(random) {}

    /// Fails with `email_taken`; the transaction that it ran in goes on to live.
    Task<Account> create(db::Executor& executor, NewAccount account);
    /// Turns a waiting invitation into its person's account; one of several at once wins, the
    /// others get `email_taken`.
    Task<Account> claim(db::Executor& executor, std::string id, NewAccount account);

    /// Each fails with `missing`.
    Task<Account> find(db::Executor& executor, std::string id);
    Task<Account> find_by_email(db::Executor& executor, Email email);
    Task<Credential> find_credential(db::Executor& executor, Email email);
    Task<Credential> find_credential(db::Executor& executor, std::string id);
    /// By id, ascending: the oldest first. `limit` is 1 to 200.
    Task<Page> list(db::Executor& executor, Filter filter, std::string cursor, int limit);

    /// The stored password hashes, in the order of the accounts' ids; for counting their formats.
    Task<HashPage> list_hashes(db::Executor& executor, std::string cursor, int limit);

    /// Each fails with `missing`; what changes the address also with `email_taken`.
    Task<Account> update(db::Executor& executor, std::string id, Changes changes);
    Task<Account> set_roles(db::Executor& executor, std::string id, Roles roles);
    /// Disabling ends no session by itself; the session lookup refuses a disabled account at once.
    Task<Account> disable(db::Executor& executor, std::string id);
    Task<Account> enable(db::Executor& executor, std::string id);
    Task<void> set_password(db::Executor& executor, std::string id, SecretText hash);
    /// Stores a stronger hash of the same password, unless the password has changed meanwhile.
    Task<void> upgrade_password(db::Executor& executor, std::string id, SecretText old_hash,
                                SecretText new_hash);
    /// The address has been proven; only if it still is the account's. A proof that is merely
    /// claimed takes nothing from an earlier one.
    Task<void> verify_email(db::Executor& executor, std::string id, Email email,
                            AddressProof proof);
    /// Takes address and password away: somebody else proved that the address is theirs.
    Task<void> release_email(db::Executor& executor, std::string id);
    /// Sessions and verifications go with it.
    Task<void> remove(db::Executor& executor, std::string id);
    /// How many accounts there are, invitations not counted.
    Task<std::size_t> count(db::Executor& executor);

  private:
    const Clock& clock_;
    crypto::Random& random_;
};

}  // namespace cardea::account
