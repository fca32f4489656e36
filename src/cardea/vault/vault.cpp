// The vault's front: keeping and finding are here, what renews is behind it.
#include "cardea/vault/vault.hpp"

#include "cardea/crypto/id.hpp"
#include "cardea/vault/claims.hpp"
#include "cardea/vault/companion_renewals.hpp"
#include "cardea/vault/store.hpp"
#include "cardea/vault/token_renewals.hpp"

namespace cardea::vault {

struct Vault::Impl {
    Impl(Parts all, Settings chosen) : parts(std::move(all)), settings(chosen) {}

    Parts parts;
    Settings settings;
    Store store{parts.keyring};
    Claims claims{parts, settings, store};
    TokenRenewals renewals{parts, settings, store, claims};
    CompanionRenewals companions{parts, settings, store, claims, renewals};
};

Vault::Vault(Parts parts, Settings settings)
    : impl_(std::make_unique<Impl>(std::move(parts), settings)) {}
Vault::~Vault() = default;

// Keeping and finding.

Task<Connection> Vault::keep(db::Executor& executor, Identity identity, oauth::TokenSet tokens) {
    auto& store = impl_->store;
    auto now = impl_->parts.clock.now();
    auto found = co_await store.find(executor, identity.issuer, identity.subject);
    if (!found) co_return std::unexpected(found.error());
    std::string id = *found ? (*found)->id : crypto::uuid7(now, impl_->parts.random);
    if (*found && (*found)->state == "fresh" && (*found)->provider == identity.provider) {
        // What cannot be opened any more, or was taken back, is replaced by what has just come.
        auto kept = store.open(**found);
        if (kept) kept->companions.clear();
        if (kept) tokens = oauth::merged(*kept, std::move(tokens));
    }
    impl_->companions.forget_failures(id);
    auto renew_at = impl_->renewals.renewal_time(identity.provider, tokens);
    Result<Row> row{Row()};
    if (*found) {
        row = co_await store.replace(executor, std::move(id), std::move(identity),
                                     std::move(tokens), renew_at, now);
    } else {
        row = co_await store.insert(executor, std::move(id), std::move(identity), std::move(tokens),
                                    renew_at, now);
    }
    if (!row) co_return std::unexpected(row.error());
    co_return co_await view(impl_->parts.database, std::move(*row));
}

Task<void> Vault::link(db::Executor& executor, std::string id, std::string account_id) {
    auto linked = co_await impl_->store.link(executor, std::move(id), std::move(account_id),
                                             impl_->parts.clock.now());
    if (!linked) co_return std::unexpected(linked.error());
    if (!*linked) co_return fail(taken);
    co_return Result<void>();
}

Task<Connection> Vault::find(db::Executor& executor, std::string id) {
    auto row = co_await impl_->store.load(executor, std::move(id));
    if (!row) co_return std::unexpected(row.error());
    co_return co_await view(impl_->parts.database, std::move(*row));
}

Task<Connection> Vault::find(db::Executor& executor, std::string issuer, std::string subject) {
    auto row = co_await impl_->store.find(executor, std::move(issuer), std::move(subject));
    if (!row) co_return std::unexpected(row.error());
    if (!*row) co_return fail(missing);
    co_return co_await view(impl_->parts.database, std::move(**row));
}

Task<std::vector<Connection>> Vault::list(db::Executor& executor, std::string account_id) {
    auto now = co_await impl_->parts.database.server_now();
    if (!now) co_return std::unexpected(now.error());
    auto rows = co_await impl_->store.list(executor, std::move(account_id));
    if (!rows) co_return std::unexpected(rows.error());
    std::vector<Connection> connections;
    connections.reserve(rows->size());
    for (const auto& row : *rows) connections.push_back(to_connection(row, *now));
    co_return connections;
}

Task<Page> Vault::list(db::Executor& executor, Filter filter, std::string cursor, int limit) {
    auto now = co_await impl_->parts.database.server_now();
    if (!now) co_return std::unexpected(now.error());
    auto rows =
        co_await impl_->store.page(executor, std::move(filter), std::move(cursor), limit + 1);
    if (!rows) co_return std::unexpected(rows.error());
    Page page;
    bool more = rows->size() > static_cast<std::size_t>(limit);
    if (more) rows->pop_back();
    page.items.reserve(rows->size());
    for (const auto& row : *rows) page.items.push_back(to_connection(row, *now));
    if (more) page.next_cursor = page.items.back().id;
    co_return page;
}

Task<oauth::TokenSet> Vault::tokens(db::Executor& executor, std::string id) {
    auto row = co_await impl_->store.load(executor, std::move(id));
    if (!row) co_return std::unexpected(row.error());
    auto tokens = impl_->store.open(*row);
    if (!tokens) co_return tokens;
    auto answer = impl_->store.open_answer(*row);
    if (!answer) co_return std::unexpected(answer.error());
    tokens->answer = std::move(*answer);
    co_return tokens;
}

Task<void> Vault::remove(db::Executor& executor, std::string id) {
    auto removed = co_await impl_->store.remove(executor, std::move(id));
    if (!removed) co_return std::unexpected(removed.error());
    if (!*removed) co_return fail(missing);
    co_return Result<void>();
}

Task<std::optional<Holder>> Vault::holder_of(db::Executor& executor, std::string provider,
                                             SecretText refresh_token) {
    co_return co_await impl_->store.find_holder_of(executor, std::move(provider),
                                                   std::move(refresh_token));
}

Task<std::size_t> Vault::sweep(int limit) {
    auto before = impl_->parts.clock.now() - impl_->settings.keep_unlinked;
    co_return co_await impl_->store.sweep_unlinked(impl_->parts.database, before, limit);
}

// Renewing.

Task<AccessToken> Vault::fresh_token(std::string id) {
    return fresh_token(std::move(id), by_itself());
}

Task<AccessToken> Vault::fresh_token(std::string id, audit::Origin origin) {
    return impl_->renewals.fresh_token(std::move(id), std::move(origin));
}

Task<AccessToken> Vault::companion_token(std::string id, std::string companion) {
    return companion_token(std::move(id), std::move(companion), by_itself());
}

Task<AccessToken> Vault::companion_token(std::string id, std::string companion,
                                         audit::Origin origin) {
    return impl_->companions.companion_token(std::move(id), std::move(companion),
                                             std::move(origin));
}

Task<Connection> Vault::renew(std::string id) {
    return renew(std::move(id), by_itself());
}

Task<Connection> Vault::renew(std::string id, audit::Origin origin) {
    return impl_->renewals.renew(std::move(id), When::now, std::move(origin));
}

Task<std::size_t> Vault::renew_due() {
    return impl_->renewals.renew_due();
}

Task<void> Vault::check_renewals() {
    return impl_->renewals.check();
}

}  // namespace cardea::vault
