#include "cardea/vault/companion_renewals.hpp"

#include <fmt/format.h>

#include "cardea/base/log.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/vault/same_person.hpp"

namespace cardea::vault {

namespace {

/// Begins with the connection: see CompanionFailures.
std::string key_of(const std::string& id, const Wanted& wanted) {
    return fmt::format("{} {} {}", id, wanted.name, wanted.params_hash);
}

}  // namespace

CompanionRenewals::CompanionRenewals(const Vault::Parts& parts, const Settings& settings,
                                     const Store& store, Claims& claims, TokenRenewals& renewals)
    : parts_(parts),
      settings_(settings),
      store_(store),
      claims_(claims),
      renewals_(renewals),
      flights_(parts.renewals) {}

void CompanionRenewals::forget_failures(const std::string& id) {
    failures_.forget(id + ' ');
}

Task<AccessToken> CompanionRenewals::companion_token(std::string id, std::string companion,
                                                     audit::Origin origin) {
    auto row = co_await store_.load_fresh(parts_.database, id);
    if (!row) co_return std::unexpected(row.error());
    auto wanted = co_await wanted_of(row->provider, std::move(companion));
    if (!wanted) co_return std::unexpected(wanted.error());
    auto tokens = co_await renewals_.open_or_give_up(std::move(*row), origin);
    if (!tokens) co_return std::unexpected(tokens.error());
    std::optional<Error> failure;
    if (companion_is_due(*tokens, *wanted, parts_.clock.now(), settings_.margin)) {
        auto renewed = co_await renew(id, *wanted, origin);
        // What still lives is served while the provider is in trouble.
        if (!renewed) failure = renewed.error();
        row = co_await store_.load_fresh(parts_.database, std::move(id));
        if (!row) co_return std::unexpected(row.error());
        tokens = co_await renewals_.open_or_give_up(std::move(*row), std::move(origin));
        if (!tokens) co_return std::unexpected(tokens.error());
    }
    auto living = living_companion(*tokens, *wanted, parts_.clock.now());
    if (living) co_return std::move(*living);
    if (failure) co_return std::unexpected(std::move(*failure));
    Error expired(waits_for_provider, "the companion's token came expired");
    co_return std::unexpected(std::move(expired).with_retry_after(1s));
}

Task<Wanted> CompanionRenewals::wanted_of(std::string provider, std::string name) {
    if (!parts_.companion_hash) co_return fail(internal, "nobody knows companions");
    auto hash = co_await parts_.companion_hash(std::move(provider), name);
    if (!hash) co_return std::unexpected(hash.error());
    Wanted companion{std::move(name), std::move(*hash)};
    co_return companion;
}

Task<Connection> CompanionRenewals::renew(std::string id, Wanted wanted, audit::Origin origin) {
    auto key = key_of(id, wanted);
    runtime::SingleFlight<Connection>::Attempt attempt = [this, id, wanted, origin] {
        return renew_claimed(id, wanted, origin);
    };
    co_return co_await flights_.run(std::move(key), std::move(attempt));
}

// The refresh token may rotate with the answer, and is sent by one at a time.
Task<Connection> CompanionRenewals::renew_claimed(std::string id, Wanted wanted,
                                                  audit::Origin origin) {
    auto key = key_of(id, wanted);
    if (auto failure = failures_.find(key, parts_.clock.now()))
        co_return std::unexpected(std::move(*failure));
    auto row = co_await claims_.take_in_turn(std::move(id));
    if (!row) co_return std::unexpected(row.error());
    auto connection = co_await ask(*row, std::move(wanted), std::move(origin));
    if (connection) co_return connection;
    auto retry_at = parts_.clock.now() + renewals_.retry_delay(0, connection.error());
    failures_.remember(std::move(key), connection.error(), retry_at);
    auto released = co_await store_.release(parts_.database, *row);
    if (!released) log::error("vault.not_released", log::kv("error", released.error().describe()));
    co_return connection;
}

Task<Connection> CompanionRenewals::ask(Row row, Wanted wanted, audit::Origin origin) {
    if (row.state != "fresh") co_return fail(needs_consent, row.reason.value_or(""));
    auto tokens = store_.open(row);
    if (!tokens) co_return std::unexpected(tokens.error());
    // Another process was first.
    if (!companion_is_due(*tokens, wanted, parts_.clock.now(), settings_.margin))
        co_return co_await claims_.release(std::move(row));
    if (!tokens->refresh_token) co_return fail(needs_consent, "there is no refresh token");
    if (!parts_.companions) co_return fail(internal, "nobody renews companions");
    auto limit = claims_.time_to_answer();
    auto call = parts_.companions(row.provider, *tokens, wanted.name);
    auto answer = co_await runtime::within(limit, std::move(call));
    if (!answer) {
        log::warn("vault.companion_failed", log::kv("connection", row.id),
                  log::kv("provider", row.provider), log::kv("companion", wanted.name),
                  log::kv("error", answer.error().describe()));
        if (answer.error().is(oauth::consent_withdrawn))
            co_return fail(needs_consent, answer.error());
        co_return std::unexpected(answer.error());
    }
    if (auto same = check_same_person(*tokens, *answer); !same) {
        log::error("vault.identity_changed", log::kv("connection", row.id),
                   log::kv("provider", row.provider), log::kv("error", same.error().describe()));
        co_return std::unexpected(same.error());
    }
    auto both = oauth::with_companion(std::move(*tokens), wanted.name, std::move(*answer));
    both.companions[wanted.name].params_hash = std::move(wanted.params_hash);
    auto event = event_of(row, "connection.companion_renewed", std::move(origin));
    event.detail["companion"] = std::move(wanted.name);
    Claims::Write write = [this, row, both](db::Executor& executor) {
        return store_.companion_renewed(executor, row, both);
    };
    co_return co_await claims_.store_answer(std::move(row), std::move(write), std::move(event));
}

}  // namespace cardea::vault
