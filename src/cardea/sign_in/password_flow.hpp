// PasswordFlow: signing up, signing in and changing the password.
#pragma once

#include <optional>

#include "cardea/account/accounts.hpp"
#include "cardea/account/name.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/db/database.hpp"
#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/password/password.hpp"
#include "cardea/password/policy/policy.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/session/sessions.hpp"
#include "cardea/sign_in/known_browser.hpp"
#include "cardea/sign_in/registration.hpp"
#include "cardea/sign_in/visit.hpp"
#include "cardea/throttle/throttle.hpp"

namespace cardea::sign_in {

/// Unknown address, no password, wrong password: one answer, after the same time.
inline constexpr Reason credentials_wrong{Code::unauthenticated, "sign_in.credentials_wrong",
                                          "The email address or the password is wrong."};
/// The account has a password, and changing it takes the old one.
inline constexpr Reason current_password_needed{Code::invalid, "password.current_needed",
                                                "Give your current password, too."};
inline constexpr Reason current_password_wrong{Code::forbidden, "password.current_wrong",
                                               "The current password is wrong."};

struct SignUp {
    account::Email email;
    password::Password password;
    account::Name name;
};

/// `signed_in` is empty when `reveal_existing_accounts` is off: then every address gets the same
/// answer, and its owner signs in as a second step.
struct SignUpOutcome {
    std::optional<SignedIn> signed_in;
};

struct Credentials {
    account::Email email;
    password::Attempt password;
};

struct ChangePassword {
    std::optional<password::Attempt> current;
    password::Password fresh;
};

class PasswordFlow {
  public:
    struct Parts {
        db::Database& database;
        account::Accounts& accounts;
        session::Sessions& sessions;
        audit::Trail& trail;
        password::formats::AnyHasher& hasher;
        throttle::Throttle& throttle;
        runtime::TaskGroup& background;
        const password::Policy& policy;
        const KnownBrowsers& known_browsers;
    };
    PasswordFlow(Parts parts, Settings settings);

    /// Fails with `account.registration_closed`, `account.email_taken`, `throttle.slow_down`,
    /// `password.busy`, and as password::Policy does.
    Task<SignUpOutcome> sign_up(SignUp wish, Visit visit);
    /// Fails with `credentials_wrong`; with `account.disabled` only after the right password; with
    /// `throttle.slow_down` and `password.busy` (Error::retry_after()).
    Task<SignedIn> sign_in(Credentials credentials, Visit visit);
    /// Ends all other sessions of the account. The caller has checked that the sign-in is recent.
    /// Fails with `current_password_needed`, `current_password_wrong`, `throttle.slow_down`,
    /// `password.busy`, and as password::Policy does, about the field `new_password`.
    Task<void> change_password(session::SessionPointer caller, ChangePassword change, Visit visit);

  private:
    Task<SignUpOutcome> store_sign_up(account::NewAccount account, Visit visit);
    Task<SignedIn> try_credentials(Credentials credentials, Visit visit, throttle::Ticket ticket);
    Task<account::Credential> prove(Credentials credentials, Visit visit);
    Task<SignedIn> admit(account::Credential proven, Visit visit);
    Task<void> note_failure(std::optional<std::string> account_id, Visit visit);
    Task<password::Verdict> check(password::Attempt attempt, std::optional<SecretText> hash);
    Task<void> check_current(account::Credential credential,
                             std::optional<password::Attempt> current, Visit visit);
    Task<void> store_change(account::Credential seen, std::string keep_session, SecretText hash,
                            Visit visit);
    void upgrade_when_due(const account::Credential& proven, const password::Attempt& attempt);
    Task<void> upgrade(std::string account_id, SecretText old_hash, SecretText password);

    Parts parts_;
    RegistrationRules rules_;
};

}  // namespace cardea::sign_in
