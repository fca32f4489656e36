// LeavingFlow: taking a provider's connection away, and deleting an account.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cardea/account/accounts.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/db/database.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::sign_in {

/// The connection is the only way to sign in.
inline constexpr Reason last_way_in{
    Code::conflict, "account.last_way_in",
    "This is the only way into your account. Set a password or connect another provider first."};

/// What is stored is gone at once; the provider is asked to forget the tokens in the background,
/// and where it does not answer, nothing here waits for it.
class LeavingFlow {
  public:
    struct Parts {
        db::Database& database;
        provider::Providers& providers;
        account::Accounts& accounts;
        vault::Vault& vault;
        audit::Trail& trail;
        runtime::TaskGroup& background;
    };
    explicit LeavingFlow(Parts parts) : parts_(parts) {}

    /// Fails with `vault.connection_missing` (also for another account's) and `last_way_in`.
    Task<void> unlink(std::string account_id, std::string connection_id, audit::Origin origin);
    /// Sessions, connections and verifications go with it; the audit trail forgets who it was.
    /// Fails with `account.missing`.
    Task<void> remove_account(std::string account_id, audit::Origin origin);

  private:
    struct Grant {
        std::string provider;
        oauth::TokenSet tokens;
    };
    using Grants = std::vector<Grant>;

    /// Names of providers that can be used now.
    Task<std::set<std::string>> usable_providers();
    Task<void> check_other_way_in(db::Executor& executor, vault::Connection leaving,
                                  std::set<std::string> usable);
    Task<std::optional<Grant>> grant_of(db::Executor& executor, vault::Connection connection);
    void revoke_later(Grants grants);
    Task<void> revoke(Grants grants);

    Parts parts_;
};

}  // namespace cardea::sign_in
