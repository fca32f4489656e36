#include "cardea/sign_in/registration.hpp"

#include <algorithm>

#include "cardea/runtime/coroutine.hpp"

namespace cardea::sign_in {

Result<void> RegistrationRules::check(const std::optional<account::Email>& email) const {
    if (settings_.registration == Registration::closed) return fail(registration_closed, "closed");
    const auto& domains = settings_.allowed_email_domains;
    if (domains.empty()) return {};
    if (!email) return fail(registration_closed, "no address");
    auto is_its_domain = [&](const EmailDomain& domain) {
        return domain.text() == email->domain();
    };
    if (std::ranges::none_of(domains, is_its_domain)) return fail(registration_closed, "domain");
    return {};
}

Task<account::Account> RegistrationRules::admit(db::Executor& executor,
                                                account::NewAccount account) {
    if (auto allowed = check(account.email); !allowed) co_return std::unexpected(allowed.error());
    if (account.email) {
        auto existing = co_await accounts_.find_by_email(executor, *account.email);
        if (existing) {
            co_return co_await admit_to(executor, std::move(*existing), std::move(account));
        }
        if (!existing.error().is(account::missing)) co_return existing;
    }
    if (settings_.registration != Registration::open)
        co_return fail(registration_closed, "invited");
    co_return co_await accounts_.create(executor, std::move(account));
}

// Where not everybody may come, a taken address and an unknown one are refused alike.
Task<account::Account> RegistrationRules::admit_to(db::Executor& executor,
                                                   account::Account existing,
                                                   account::NewAccount account) {
    bool open = settings_.registration == Registration::open;
    const auto& refusal = open ? account::email_taken : registration_closed;
    if (!existing.is_invitation() || existing.is_disabled()) co_return fail(refusal, "taken");
    // What a provider has not proven is no claim at all: those who give addresses away unseen would
    // hand out invitations. Without a password, it was a provider that brought the address.
    if (!account.password_hash && !account.email_verified) co_return fail(refusal, "unproven");
    // A provider's word for an address that it does not give out is not worth an administrator.
    if (!existing.roles.empty() && !account.email_authoritative) co_return fail(refusal, "roles");
    if (account.name.empty()) account.name = existing.name;
    co_return co_await accounts_.claim(executor, existing.id, std::move(account));
}

}  // namespace cardea::sign_in
