#include "cardea/vault/token_renewals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cardea/base/log.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/vault/same_person.hpp"

namespace cardea::vault {

namespace {

/// In a row. One is an accident.
constexpr std::int64_t failures_that_are_trouble = 3;

Error waiting(const Row& row, Instant now) {
    auto left = row.renew_at ? std::chrono::ceil<Seconds>(*row.renew_at - now) : 1s;
    return Error(waits_for_provider, fmt::format("after {} failures", row.failures))
        .with_retry_after(std::max(left, 1s));
}

/// What may leave the vault.
AccessToken to_access_token(oauth::TokenSet tokens) {
    AccessToken token;
    token.access_token = std::move(tokens.access_token);
    token.token_type = std::move(tokens.token_type);
    token.dpop_key = std::move(tokens.dpop_key);
    token.expiry = tokens.expiry;
    token.expires_at = tokens.expires_at;
    token.scopes = std::move(tokens.scopes).value_or(std::vector<std::string>());
    token.kept = std::move(tokens.kept);
    return token;
}

}  // namespace

audit::Origin by_itself() {
    return {"job", "", ""};
}

TokenRenewals::TokenRenewals(const Vault::Parts& parts, const Settings& settings,
                             const Store& store, Claims& claims)
    : parts_(parts),
      settings_(settings),
      store_(store),
      claims_(claims),
      flights_(parts.renewals) {}

// When.

bool TokenRenewals::is_due(const Row& row) const {
    return row.renew_at && *row.renew_at <= parts_.clock.now();
}

std::optional<Instant> TokenRenewals::renewal_time(const std::string& provider,
                                                   const oauth::TokenSet& tokens) const {
    if (!tokens.expires_at || !tokens.refresh_token) return std::nullopt;
    auto life = std::max(*tokens.expires_at - tokens.received_at, Milliseconds(0));
    auto own = parts_.margins ? parts_.margins(provider) : std::nullopt;
    Milliseconds margin = std::min<Milliseconds>(own.value_or(settings_.margin), life / 3);
    auto spread = static_cast<std::uint64_t>(margin.count() / 10 + 1);
    return *tokens.expires_at - margin - Milliseconds(parts_.random.below(spread));
}

Milliseconds TokenRenewals::retry_delay(std::int64_t failures, const Error& error) const {
    auto doubled =
        settings_.first_retry * (std::int64_t{1} << std::clamp<std::int64_t>(failures, 0, 20));
    Milliseconds delay = std::min<Milliseconds>(doubled, settings_.longest_retry);
    delay += Milliseconds(parts_.random.below(static_cast<std::uint64_t>(delay.count() / 4 + 1)));
    if (error.retry_after()) delay = std::max<Milliseconds>(delay, *error.retry_after());
    return delay;
}

// For whom.

Task<AccessToken> TokenRenewals::fresh_token(std::string id, audit::Origin origin) {
    auto now = parts_.clock.now();
    auto row = co_await store_.load_fresh(parts_.database, id);
    if (!row) co_return std::unexpected(row.error());
    if (is_due(*row)) {
        auto renewed = co_await renew(id, When::if_due, origin);
        bool alive = row->expires_at && *row->expires_at > now;
        // The provider is in trouble: what still lives is served.
        if (!renewed && (renewed.error().is(needs_consent) || !alive))
            co_return std::unexpected(renewed.error());
        row = co_await store_.load(parts_.database, id);
        if (!row) co_return std::unexpected(row.error());
    }
    now = parts_.clock.now();
    bool over = row->expires_at && *row->expires_at <= now;
    if (over && !row->refresh_token)
        co_return fail(needs_consent, "it has expired and there is no refresh token");
    if (over) co_return std::unexpected(waiting(*row, now));
    auto tokens = co_await open_or_give_up(std::move(*row), std::move(origin));
    if (!tokens) co_return std::unexpected(tokens.error());
    co_return to_access_token(std::move(*tokens));
}

// A renewal finds the same and gives the connection up, with its event.
Task<oauth::TokenSet> TokenRenewals::open_or_give_up(Row row, audit::Origin origin) {
    auto tokens = store_.open(row);
    if (tokens) co_return tokens;
    auto given_up = co_await renew(std::move(row.id), When::now, std::move(origin));
    if (!given_up) co_return std::unexpected(given_up.error());
    co_return fail(needs_consent, tokens.error());
}

Task<Connection> TokenRenewals::renew(std::string id, When when, audit::Origin origin) {
    runtime::SingleFlight<Connection>::Attempt attempt = [this, id, when, origin] {
        return fly(id, when, origin);
    };
    co_return co_await flights_.run(id, std::move(attempt));
}

Task<std::size_t> TokenRenewals::renew_due() {
    std::size_t renewed = 0;
    std::set<std::string> tried;
    for (;;) {
        auto server_now = co_await parts_.database.server_now();
        if (!server_now) co_return std::unexpected(server_now.error());
        auto ids = co_await store_.due(parts_.database, parts_.clock.now(), *server_now,
                                       settings_.at_once);
        if (!ids) co_return std::unexpected(ids.error());
        // Once each in a run: a token that comes already expired must not keep it going.
        std::erase_if(*ids, [&tried](const std::string& id) { return !tried.insert(id).second; });
        if (ids->empty()) co_return renewed;
        runtime::TaskGroup group(co_await asio::this_coro::executor);
        for (auto& id : *ids)
            group.add("vault.renew", renew_in_background(std::move(id), &renewed));
        auto ended = co_await group.wait_until_empty();
        if (!ended) co_return std::unexpected(ended.error());
    }
}

Task<void> TokenRenewals::renew_in_background(std::string id, std::size_t* renewed) {
    auto connection = co_await renew(std::move(id), When::if_due, by_itself());
    if (connection) ++*renewed;
    // Refusals were logged and stored where they happened.
    co_return Result<void>();
}

Task<void> TokenRenewals::check() {
    // Back-off moves the next attempt ahead; what is due later than this is fresh again.
    auto before = parts_.clock.now() + 1h;
    auto trouble =
        co_await store_.is_in_trouble(parts_.database, before, failures_that_are_trouble);
    if (!trouble) co_return std::unexpected(trouble.error());
    if (*trouble) co_return fail(renewal_in_trouble);
    co_return Result<void>();
}

// How.

Task<Connection> TokenRenewals::fly(std::string id, When when, audit::Origin origin) {
    auto before = co_await store_.load(parts_.database, id);
    if (!before) co_return std::unexpected(before.error());
    for (auto waited = Milliseconds(0); waited <= settings_.lease; waited += look_every) {
        auto row = co_await store_.load_fresh(parts_.database, id);
        if (!row) co_return std::unexpected(row.error());
        // Another holder was at it and is done: its outcome is ours.
        if (waited > 0ms && !row->lease_until) {
            if (row->failures > before->failures)
                co_return std::unexpected(waiting(*row, parts_.clock.now()));
            co_return co_await view(parts_.database, std::move(*row));
        }
        if (when == When::if_due && !is_due(*row))
            co_return co_await view(parts_.database, std::move(*row));
        auto claimed = co_await claims_.take(id);
        if (!claimed) co_return std::unexpected(claimed.error());
        // Read again under the lease: it may have been given up in the meantime.
        if (*claimed)
            co_return co_await renew_claimed(std::move(**claimed), when, std::move(origin));
        auto slept = co_await runtime::sleep(look_every);
        if (!slept) co_return std::unexpected(slept.error());
    }
    co_return fail(renewal_under_way);
}

Task<Connection> TokenRenewals::renew_claimed(Row row, When when, audit::Origin origin) {
    bool unwanted = when == When::if_due && !is_due(row);
    if (row.state != "fresh" || unwanted) co_return co_await claims_.release(std::move(row));
    auto tokens = store_.open(row);
    if (!tokens) {
        log::error("vault.unreadable", log::kv("connection", row.id),
                   log::kv("error", tokens.error().describe()));
        co_return co_await give_up(std::move(row), tokens.error(), std::move(origin));
    }
    if (!tokens->refresh_token) {
        auto released = co_await store_.release(parts_.database, row);
        if (!released) co_return std::unexpected(released.error());
        co_return fail(needs_consent, "there is no refresh token");
    }
    auto answer = co_await ask(row, std::move(*tokens), origin);
    if (answer)
        co_return co_await store_answer(std::move(row), std::move(*answer), std::move(origin));
    if (answer.error().is(oauth::consent_withdrawn))
        co_return co_await give_up(std::move(row), answer.error(), std::move(origin));
    co_return co_await back_off(std::move(row), answer.error(), std::move(origin));
}

Task<oauth::TokenSet> TokenRenewals::ask(Row row, oauth::TokenSet kept, audit::Origin origin) {
    auto limit = claims_.time_to_answer();
    auto call = parts_.renewer(row.provider, kept);
    auto answer = co_await runtime::within(limit, std::move(call));
    if (!answer) co_return answer;
    auto same = check_same_person(kept, *answer);
    if (!same) {
        log::error("vault.identity_changed", log::kv("connection", row.id),
                   log::kv("provider", row.provider), log::kv("error", same.error().describe()));
        auto event = event_of(row, "connection.identity_changed", std::move(origin));
        event.detail["reason"] = same.error().detail();
        auto noted = co_await parts_.trail.write(parts_.database, std::move(event));
        if (!noted) log::error("vault.not_noted", log::kv("error", noted.error().describe()));
        co_return std::unexpected(same.error());
    }
    co_return oauth::merged(kept, std::move(*answer));
}

Task<Connection> TokenRenewals::store_answer(Row row, oauth::TokenSet tokens,
                                             audit::Origin origin) {
    auto event = event_of(row, "connection.renewed", std::move(origin));
    Claims::Write write = [this, row, tokens](db::Executor& executor) {
        auto renew_at = renewal_time(row.provider, tokens);
        return store_.renewed(executor, row, tokens, renew_at, parts_.clock.now());
    };
    co_return co_await claims_.store_answer(std::move(row), std::move(write), std::move(event));
}

Task<Connection> TokenRenewals::give_up(Row row, Error error, audit::Origin origin) {
    std::string reason(error.reason().slug);
    auto event = event_of(row, "connection.needs_consent", std::move(origin));
    event.detail["reason"] = reason;
    Claims::Write write = [this, row, reason](db::Executor& executor) {
        return store_.give_up(executor, row, reason, parts_.clock.now());
    };
    auto ours = co_await claims_.commit(std::move(write), std::move(event));
    if (!ours) co_return std::unexpected(ours.error());
    if (*ours) co_return fail(needs_consent, error);
    // Another holder has moved the connection on: its word counts.
    auto now = co_await store_.load(parts_.database, row.id);
    if (!now) co_return std::unexpected(now.error());
    if (now->state != "fresh") co_return fail(needs_consent, error);
    co_return co_await view(parts_.database, std::move(*now));
}

Task<Connection> TokenRenewals::back_off(Row row, Error error, audit::Origin origin) {
    auto retry_at = parts_.clock.now() + retry_delay(row.failures, error);
    log::warn("vault.renewal_failed", log::kv("connection", row.id),
              log::kv("provider", row.provider), log::kv("failures", row.failures + 1),
              log::kv("error", error.describe()));
    auto event = event_of(row, "connection.renewal_failed", std::move(origin));
    event.detail["reason"] = error.reason().slug;
    Claims::Write write = [this, row, retry_at](db::Executor& executor) {
        return store_.back_off(executor, row, retry_at);
    };
    auto written = co_await claims_.commit(std::move(write), std::move(event));
    if (!written) co_return std::unexpected(written.error());
    co_return std::unexpected(error);
}

}  // namespace cardea::vault
