// AccountFlow: what an owner or an administrator does to an account, with its events.
#pragma once

#include <optional>
#include <string>

#include "cardea/account/accounts.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/db/database.hpp"
#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/password/password.hpp"
#include "cardea/password/policy/policy.hpp"
#include "cardea/session/sessions.hpp"
#include "cardea/throttle/throttle.hpp"

namespace cardea::sign_in {

/// An account that an administrator makes. Without a password it is an invitation (see
/// RegistrationRules); with one, the administrator answers for the address, which counts as proven.
struct AddAccount {
    account::Email email;
    std::optional<password::Password> password;
    account::Name name;
    account::Roles roles;
};

class AccountFlow {
  public:
    struct Parts {
        db::Database& database;
        account::Accounts& accounts;
        session::Sessions& sessions;
        audit::Trail& trail;
        password::formats::AnyHasher& hasher;
        const password::Policy& policy;
        /// None for the command line, whose user may read the table anyway.
        throttle::Throttle* throttle = nullptr;
    };
    explicit AccountFlow(Parts parts) : parts_(parts) {}

    /// Not bound by the registration rules. Fails with `account.email_taken`, and as
    /// password::Policy does.
    Task<account::Account> add(AddAccount wish, audit::Origin origin);
    /// The owner's own changes. Fails with `account.email_taken`, and with `throttle.slow_down`
    /// when one address after the other is tried: the answer tells which of them have an account.
    Task<account::Account> update(std::string id, account::Changes changes, audit::Origin origin);

    // For administrators. Each fails with `account.missing`.

    /// Ends all of its sessions.
    Task<account::Account> disable(std::string id, audit::Origin origin);
    Task<account::Account> enable(std::string id, audit::Origin origin);
    Task<account::Account> set_roles(std::string id, account::Roles roles, audit::Origin origin);

  private:
    Task<void> count_email_change(std::string id, audit::Origin origin);
    /// With the event that tells of the change.
    Task<account::Account> commit(db::Transaction& transaction, account::Account account,
                                  audit::Event event);

    Parts parts_;
};

}  // namespace cardea::sign_in
