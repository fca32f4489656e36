#include "cardea/sign_in/leaving_flow.hpp"

#include <algorithm>

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/linking.hpp"

namespace cardea::sign_in {

Task<void> LeavingFlow::unlink(std::string account_id, std::string connection_id,
                               audit::Origin origin) {
    auto usable = co_await usable_providers();
    if (!usable) co_return std::unexpected(usable.error());
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto connection = co_await parts_.vault.find(**transaction, connection_id);
    if (!connection) co_return std::unexpected(connection.error());
    if (connection->account_id != account_id) co_return fail(vault::missing, "of another account");
    auto safe = co_await check_other_way_in(**transaction, *connection, std::move(*usable));
    if (!safe) co_return safe;

    auto event = unlinked_event(*connection, std::move(account_id), std::move(origin));
    auto grant = co_await grant_of(**transaction, std::move(*connection));
    if (!grant) co_return std::unexpected(grant.error());
    auto removed = co_await parts_.vault.remove(**transaction, std::move(connection_id));
    if (!removed) co_return removed;
    auto written = co_await parts_.trail.write(**transaction, std::move(event));
    if (!written) co_return written;
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return committed;
    Grants grants;
    if (*grant) grants.push_back(std::move(**grant));
    revoke_later(std::move(grants));
    co_return Result<void>();
}

Task<std::set<std::string>> LeavingFlow::usable_providers() {
    auto enabled = co_await parts_.providers.enabled();
    if (!enabled) co_return std::unexpected(enabled.error());
    std::set<std::string> names;
    for (const auto& provider : *enabled) names.insert(provider->name);
    co_return names;
}

// A connection to a provider that is switched off, or not configured any more, opens nothing.
Task<void> LeavingFlow::check_other_way_in(db::Executor& executor, vault::Connection leaving,
                                           std::set<std::string> usable) {
    auto account = co_await parts_.accounts.find(executor, *leaving.account_id);
    if (!account) co_return std::unexpected(account.error());
    if (account->has_password && account->email) co_return Result<void>();
    auto connections = co_await parts_.vault.list(executor, *leaving.account_id);
    if (!connections) co_return std::unexpected(connections.error());
    auto opens = [&](const vault::Connection& other) {
        return other.id != leaving.id && usable.contains(other.provider);
    };
    if (std::ranges::none_of(*connections, opens)) co_return fail(last_way_in);
    co_return Result<void>();
}

Task<void> LeavingFlow::remove_account(std::string account_id, audit::Origin origin) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto connections = co_await parts_.vault.list(**transaction, account_id);
    if (!connections) co_return std::unexpected(connections.error());
    Grants grants;
    for (auto& connection : *connections) {
        auto grant = co_await grant_of(**transaction, std::move(connection));
        if (!grant) co_return std::unexpected(grant.error());
        if (*grant) grants.push_back(std::move(**grant));
    }
    auto removed = co_await parts_.accounts.remove(**transaction, account_id);
    if (!removed) co_return removed;
    audit::Event event{"account.removed", account_id, std::move(origin), {}};
    auto written = co_await parts_.trail.write(**transaction, std::move(event));
    if (!written) co_return written;
    auto forgotten = co_await parts_.trail.forget(**transaction, std::move(account_id));
    if (!forgotten) co_return forgotten;
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return committed;
    revoke_later(std::move(grants));
    co_return Result<void>();
}

// What cannot be opened cannot be revoked either, and must not keep anybody from leaving.
Task<std::optional<LeavingFlow::Grant>> LeavingFlow::grant_of(db::Executor& executor,
                                                              vault::Connection connection) {
    auto tokens = co_await parts_.vault.tokens(executor, connection.id);
    if (tokens) {
        std::optional<Grant> grant;
        grant.emplace(std::move(connection.provider), std::move(*tokens));
        co_return grant;
    }
    if (!tokens.error().is(crypto::not_opened)) co_return std::unexpected(tokens.error());
    log::error("connection.not_opened", log::kv("connection", connection.id));
    co_return std::optional<Grant>();
}

void LeavingFlow::revoke_later(Grants grants) {
    if (grants.empty()) return;
    parts_.background.add("connection.revoke", revoke(std::move(grants)));
}

Task<void> LeavingFlow::revoke(Grants grants) {
    for (auto& grant : grants) {
        auto revoked = co_await parts_.providers.revoke(grant.provider, std::move(grant.tokens));
        if (revoked) continue;
        log::warn("connection.not_revoked", log::kv("provider", grant.provider),
                  log::kv("why", revoked.error().describe()));
    }
    co_return Result<void>();
}

}  // namespace cardea::sign_in
