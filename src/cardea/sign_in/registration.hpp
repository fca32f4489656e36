// Registration: the one place where somebody new gets an account, whatever way they came.
#pragma once

#include "cardea/account/accounts.hpp"
#include "cardea/sign_in/settings.hpp"

namespace cardea::sign_in {

inline constexpr Reason registration_closed{
    Code::forbidden, "account.registration_closed",
    "New accounts are not open to this address. Ask an administrator."};

/// The rules of `registration` and `allowed_email_domains`, the same for passwords and providers.
///
/// An invitation is an account that an administrator made for an address, without a password. Under
/// `open` and `invited` whoever signs up with that address claims it, through a provider only where
/// that has proven the address; of several at once, one. It is as good as the secrecy of the
/// address: as long as nobody has proven that it is theirs (a provider that gives it out does, see
/// OAuthFlow), a later proof takes it over. An invitation that carries roles therefore wants such a
/// proof first.
class RegistrationRules {
  public:
    RegistrationRules(account::Accounts& accounts, Settings settings)
        : accounts_(accounts), settings_(std::move(settings)) {}

    /// What can be said before any work: fails with `registration_closed`.
    Result<void> check(const std::optional<account::Email>& email) const;
    /// Makes or claims the account, inside the flow's transaction. Fails with
    /// `registration_closed`, and with `account.email_taken` where registration is open.
    Task<account::Account> admit(db::Executor& executor, account::NewAccount account);

    const Settings& settings() const { return settings_; }

  private:
    Task<account::Account> admit_to(db::Executor& executor, account::Account existing,
                                    account::NewAccount account);

    account::Accounts& accounts_;
    Settings settings_;
};

}  // namespace cardea::sign_in
