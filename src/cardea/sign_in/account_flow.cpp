#include "cardea/sign_in/account_flow.hpp"

#include "cardea/runtime/coroutine.hpp"

namespace cardea::sign_in {

Task<account::Account> AccountFlow::add(AddAccount wish, audit::Origin origin) {
    if (wish.password) {
        password::Owner owner{.email = wish.email.text(), .name = wish.name.text()};
        auto fit = parts_.policy.check(*wish.password, owner);
        if (!fit) co_return std::unexpected(fit.error());
    }
    account::NewAccount fresh;
    fresh.email = std::move(wish.email);
    fresh.name = wish.name.text();
    fresh.roles = std::move(wish.roles);
    fresh.invitation = !wish.password;
    fresh.email_verified = wish.password.has_value();
    fresh.email_authoritative = fresh.email_verified;
    if (wish.password) {
        auto hash = co_await parts_.hasher.hash(wish.password->secret());
        if (!hash) co_return std::unexpected(hash.error());
        fresh.password_hash = SecretText(std::move(*hash));
    }
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto account = co_await parts_.accounts.create(**transaction, std::move(fresh));
    if (!account) co_return account;
    auto type = account->is_invitation() ? "account.invited" : "account.created";
    audit::Event event{type, account->id, std::move(origin), {}};
    event.detail["roles"] = account->roles.to_column();
    co_return co_await commit(**transaction, std::move(*account), std::move(event));
}

Task<account::Account> AccountFlow::update(std::string id, account::Changes changes,
                                           audit::Origin origin) {
    if (changes.email) {
        auto counted = co_await count_email_change(id, origin);
        if (!counted) co_return std::unexpected(counted.error());
    }
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    audit::Event event{"account.changed", id, std::move(origin), {}};
    if (changes.email) event.detail["email"] = "changed";
    if (changes.name) event.detail["name"] = "changed";
    if (changes.picture) event.detail["picture"] = "changed";
    auto account =
        co_await parts_.accounts.update(**transaction, std::move(id), std::move(changes));
    if (!account) co_return account;
    co_return co_await commit(**transaction, std::move(*account), std::move(event));
}

Task<void> AccountFlow::count_email_change(std::string id, audit::Origin origin) {
    if (parts_.throttle == nullptr) co_return Result<void>();
    auto address = http::IpAddress::parse(origin.client_address).value_or(http::IpAddress());
    co_return co_await parts_.throttle->count_email_change(std::move(id), address);
}

Task<account::Account> AccountFlow::disable(std::string id, audit::Origin origin) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto account = co_await parts_.accounts.disable(**transaction, id);
    if (!account) co_return account;
    auto ended = co_await parts_.sessions.end_others(**transaction, id, std::string());
    if (!ended) co_return std::unexpected(ended.error());
    audit::Event event{"account.disabled", std::move(id), std::move(origin), {}};
    event.detail["sessions_ended"] = std::to_string(*ended);
    co_return co_await commit(**transaction, std::move(*account), std::move(event));
}

Task<account::Account> AccountFlow::enable(std::string id, audit::Origin origin) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto account = co_await parts_.accounts.enable(**transaction, id);
    if (!account) co_return account;
    audit::Event event{"account.enabled", std::move(id), std::move(origin), {}};
    co_return co_await commit(**transaction, std::move(*account), std::move(event));
}

Task<account::Account> AccountFlow::set_roles(std::string id, account::Roles roles,
                                              audit::Origin origin) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    audit::Event event{"account.roles_changed", id, std::move(origin), {}};
    event.detail["roles"] = roles.to_column();
    auto account =
        co_await parts_.accounts.set_roles(**transaction, std::move(id), std::move(roles));
    if (!account) co_return account;
    co_return co_await commit(**transaction, std::move(*account), std::move(event));
}

Task<account::Account> AccountFlow::commit(db::Transaction& transaction, account::Account account,
                                           audit::Event event) {
    auto written = co_await parts_.trail.write(transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    auto committed = co_await transaction.commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return account;
}

}  // namespace cardea::sign_in
