// Keeping, finding, and the one path on which every renewal goes.
#include "cardea/vault/vault.hpp"

#include <algorithm>
#include <set>

#include "cardea/base/log.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/runtime/single_flight.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/vault/companions.hpp"
#include "cardea/vault/same_person.hpp"
#include "cardea/vault/store.hpp"

namespace cardea::vault {

namespace {

/// In a row. One is an accident.
constexpr std::int64_t failures_that_are_trouble = 3;

/// While another holder renews: how often to look.
constexpr Milliseconds look_every = 100ms;
/// What is left of a lease when the provider's time is over: to store the answer.
constexpr Milliseconds time_to_store = 5s;
/// How long an answer that cannot be stored is held before it is reported lost.
constexpr int store_attempts = 60;

/// The event of a companion's answer, which is stored otherwise than that of a renewal.
constexpr std::string_view companion_renewed = "connection.companion_renewed";

enum class When { now, if_due };

Error waiting(const Row& row, Instant now) {
    auto left = row.renew_at ? std::chrono::ceil<Seconds>(*row.renew_at - now) : 1s;
    return Error(waits_for_provider, fmt::format("after {} failures", row.failures))
        .with_retry_after(std::max(left, 1s));
}

/// Nobody asked: the job renews, or the library for its program.
audit::Origin by_itself() {
    return {"job", "", ""};
}

audit::Event event_of(std::string type, audit::Origin origin, std::string reason) {
    audit::Event event;
    event.type = std::move(type);
    event.origin = std::move(origin);
    if (!reason.empty()) event.detail["reason"] = std::move(reason);
    return event;
}

}  // namespace

struct Vault::Impl {
    Impl(Parts all, Settings chosen)
        : parts(std::move(all)),
          settings(chosen),
          store(parts.keyring),
          holder(crypto::uuid4(parts.random)),
          flights(parts.renewals) {}

    Task<Connection> view(Row row);
    Task<Connection> renew(std::string id, When when, audit::Origin origin);
    Task<Connection> fly(std::string id, When when, audit::Origin origin);
    Task<Connection> renew_claimed(Row row, When when, audit::Origin origin);
    Task<Connection> release(Row row);
    Task<std::optional<Row>> claim(std::string id);
    Task<oauth::TokenSet> ask(Row row, oauth::TokenSet kept, audit::Origin origin);
    Task<Connection> store_answer(Row row, oauth::TokenSet tokens, audit::Event event);
    Task<bool> try_to_store(Row row, oauth::TokenSet tokens, audit::Event event);
    Task<bool> write_answer(db::Executor& executor, Row row, oauth::TokenSet tokens,
                            std::string event);
    Task<Connection> give_up(Row row, Error error, audit::Origin origin);
    Task<Connection> back_off(Row row, Error error, audit::Origin origin);
    Task<void> note(db::Executor& executor, Row row, audit::Event event);
    Task<Row> load_fresh(std::string id);
    Task<oauth::TokenSet> open_or_give_up(Row row, audit::Origin origin);
    Task<Row> claim_in_turn(std::string id);
    Task<Wanted> companion_of(std::string provider, std::string name);
    Task<Connection> renew_companion(std::string id, Wanted wanted, audit::Origin origin);
    Task<Connection> ask_companion(Row row, Wanted wanted, audit::Origin origin);
    Task<void> renew_in_background(std::string id, std::size_t* renewed);

    bool is_due(const Row& row) const { return row.renew_at && *row.renew_at <= parts.clock.now(); }
    /// Inside the margin, at most a third of the token's life, spread by up to a tenth of it.
    std::optional<Instant> renewal_time(const std::string& provider,
                                        const oauth::TokenSet& tokens) const;
    Milliseconds retry_delay(std::int64_t failures, const Error& error) const;

    Parts parts;
    Settings settings;
    Store store;
    std::string holder;
    runtime::SingleFlight<Connection> flights;
    CompanionFailures companion_failures;
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
    impl_->companion_failures.forget(id + ' ');
    auto renew_at = impl_->renewal_time(identity.provider, tokens);
    Result<void> written;
    if (*found) {
        written = co_await store.replace(executor, id, std::move(identity), std::move(tokens),
                                         renew_at, now);
    } else {
        written = co_await store.insert(executor, id, std::move(identity), std::move(tokens),
                                        renew_at, now);
    }
    if (!written) co_return std::unexpected(written.error());
    co_return co_await find(executor, std::move(id));
}

Task<void> Vault::link(db::Executor& executor, std::string id, std::string account_id) {
    auto linked = co_await impl_->store.link(executor, std::move(id), std::move(account_id),
                                             impl_->parts.clock.now());
    if (!linked) co_return std::unexpected(linked.error());
    if (!*linked) co_return fail(taken);
    co_return Result<void>();
}

Task<Connection> Vault::Impl::view(Row row) {
    auto now = co_await parts.database.server_now();
    if (!now) co_return std::unexpected(now.error());
    co_return to_connection(row, *now);
}

Task<Connection> Vault::find(db::Executor& executor, std::string id) {
    auto row = co_await impl_->store.load(executor, std::move(id));
    if (!row) co_return std::unexpected(row.error());
    co_return co_await impl_->view(std::move(*row));
}

Task<Connection> Vault::find(db::Executor& executor, std::string issuer, std::string subject) {
    auto row = co_await impl_->store.find(executor, std::move(issuer), std::move(subject));
    if (!row) co_return std::unexpected(row.error());
    if (!*row) co_return fail(missing);
    co_return co_await impl_->view(std::move(**row));
}

Task<std::vector<Connection>> Vault::list(db::Executor& executor, std::string account_id) {
    auto now = co_await impl_->parts.database.server_now();
    if (!now) co_return std::unexpected(now.error());
    auto rows = co_await impl_->store.list(executor, std::move(account_id));
    if (!rows) co_return std::unexpected(rows.error());
    std::vector<Connection> connections;
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

// Renewing.

std::optional<Instant> Vault::Impl::renewal_time(const std::string& provider,
                                                 const oauth::TokenSet& tokens) const {
    if (!tokens.expires_at || !tokens.refresh_token) return std::nullopt;
    auto life = std::max(*tokens.expires_at - tokens.received_at, Milliseconds(0));
    auto own = parts.margins ? parts.margins(provider) : std::nullopt;
    Milliseconds margin = std::min<Milliseconds>(own.value_or(settings.margin), life / 3);
    auto spread = static_cast<std::uint64_t>(margin.count() / 10 + 1);
    return *tokens.expires_at - margin - Milliseconds(parts.random.below(spread));
}

Milliseconds Vault::Impl::retry_delay(std::int64_t failures, const Error& error) const {
    auto doubled =
        settings.first_retry * (std::int64_t{1} << std::clamp<std::int64_t>(failures, 0, 20));
    Milliseconds delay = std::min<Milliseconds>(doubled, settings.longest_retry);
    delay += Milliseconds(parts.random.below(static_cast<std::uint64_t>(delay.count() / 4 + 1)));
    if (error.retry_after()) delay = std::max<Milliseconds>(delay, *error.retry_after());
    return delay;
}

Task<AccessToken> Vault::fresh_token(std::string id) {
    return fresh_token(std::move(id), by_itself());
}

Task<AccessToken> Vault::fresh_token(std::string id, audit::Origin origin) {
    auto now = impl_->parts.clock.now();
    auto row = co_await impl_->store.load(impl_->parts.database, id);
    if (!row) co_return std::unexpected(row.error());
    if (row->state != "fresh") co_return fail(needs_consent, row->reason.value_or(""));
    if (impl_->is_due(*row)) {
        auto renewed = co_await impl_->renew(id, When::if_due, origin);
        bool alive = row->expires_at && *row->expires_at > now;
        // The provider is in trouble: what still lives is served.
        if (!renewed && (renewed.error().is(needs_consent) || !alive))
            co_return std::unexpected(renewed.error());
        row = co_await impl_->store.load(impl_->parts.database, id);
        if (!row) co_return std::unexpected(row.error());
    }
    now = impl_->parts.clock.now();
    bool over = row->expires_at && *row->expires_at <= now;
    if (over && !row->refresh_token)
        co_return fail(needs_consent, "it has expired and there is no refresh token");
    if (over) co_return std::unexpected(waiting(*row, now));
    auto tokens = co_await impl_->open_or_give_up(std::move(*row), std::move(origin));
    if (!tokens) co_return std::unexpected(tokens.error());
    AccessToken token;
    token.access_token = std::move(tokens->access_token);
    token.token_type = tokens->token_type;
    token.dpop_key = std::move(tokens->dpop_key);
    token.expiry = tokens->expiry;
    token.expires_at = tokens->expires_at;
    token.scopes = tokens->scopes.value_or(std::vector<std::string>());
    token.kept = std::move(tokens->kept);
    co_return token;
}

// A renewal finds the same and gives the connection up, with its event.
Task<oauth::TokenSet> Vault::Impl::open_or_give_up(Row row, audit::Origin origin) {
    auto tokens = store.open(row);
    if (tokens) co_return tokens;
    auto given_up = co_await renew(std::move(row.id), When::now, std::move(origin));
    if (!given_up) co_return std::unexpected(given_up.error());
    co_return fail(needs_consent, tokens.error());
}

// Companions.

Task<Row> Vault::Impl::load_fresh(std::string id) {
    auto row = co_await store.load(parts.database, std::move(id));
    if (!row) co_return std::unexpected(row.error());
    if (row->state != "fresh") co_return fail(needs_consent, row->reason.value_or(""));
    co_return row;
}

Task<Wanted> Vault::Impl::companion_of(std::string provider, std::string name) {
    if (!parts.companion_hash) co_return fail(internal, "nobody knows companions");
    auto hash = co_await parts.companion_hash(std::move(provider), name);
    if (!hash) co_return std::unexpected(hash.error());
    Wanted companion{std::move(name), std::move(*hash)};
    co_return companion;
}

Task<AccessToken> Vault::companion_token(std::string id, std::string companion) {
    return companion_token(std::move(id), std::move(companion), by_itself());
}

Task<AccessToken> Vault::companion_token(std::string id, std::string companion,
                                         audit::Origin origin) {
    auto row = co_await impl_->load_fresh(id);
    if (!row) co_return std::unexpected(row.error());
    auto wanted = co_await impl_->companion_of(row->provider, std::move(companion));
    if (!wanted) co_return std::unexpected(wanted.error());
    auto tokens = co_await impl_->open_or_give_up(std::move(*row), origin);
    if (!tokens) co_return std::unexpected(tokens.error());
    const auto& clock = impl_->parts.clock;
    std::optional<Error> failure;
    if (companion_is_due(*tokens, *wanted, clock.now(), impl_->settings.margin)) {
        auto key = id + ' ' + wanted->name + ' ' + wanted->params_hash;
        runtime::SingleFlight<Connection>::Attempt attempt = [this, id, asked = *wanted, origin] {
            return impl_->renew_companion(id, asked, origin);
        };
        auto flown = co_await impl_->flights.run(std::move(key), std::move(attempt));
        // What still lives is served while the provider is in trouble.
        if (!flown) failure = flown.error();
        row = co_await impl_->load_fresh(std::move(id));
        if (!row) co_return std::unexpected(row.error());
        tokens = co_await impl_->open_or_give_up(std::move(*row), std::move(origin));
        if (!tokens) co_return std::unexpected(tokens.error());
    }
    auto lease = companion_lease(*tokens, *wanted, clock.now());
    if (lease) co_return std::move(*lease);
    if (failure) co_return std::unexpected(std::move(*failure));
    Error expired(waits_for_provider, "the companion's token came expired");
    co_return std::unexpected(std::move(expired).with_retry_after(1s));
}

Task<Row> Vault::Impl::claim_in_turn(std::string id) {
    for (auto waited = Milliseconds(0); waited <= settings.lease; waited += look_every) {
        auto claimed = co_await claim(id);
        if (!claimed) co_return std::unexpected(claimed.error());
        if (*claimed) co_return std::move(**claimed);
        auto slept = co_await runtime::sleep(look_every);
        if (!slept) co_return std::unexpected(slept.error());
    }
    co_return fail(renewal_under_way);
}

/// Under the lease of a renewal: the refresh token may rotate, and is sent by one at a time.
Task<Connection> Vault::Impl::renew_companion(std::string id, Wanted wanted, audit::Origin origin) {
    auto key = id + ' ' + wanted.name + ' ' + wanted.params_hash;
    if (auto failure = companion_failures.find(key, parts.clock.now()))
        co_return std::unexpected(std::move(*failure));
    auto row = co_await claim_in_turn(std::move(id));
    if (!row) co_return std::unexpected(row.error());
    auto connection = co_await ask_companion(*row, std::move(wanted), std::move(origin));
    if (connection) co_return connection;
    auto retry_at = parts.clock.now() + retry_delay(0, connection.error());
    companion_failures.remember(std::move(key), connection.error(), retry_at);
    auto released = co_await store.release(parts.database, *row);
    if (!released) log::error("vault.not_released", log::kv("error", released.error().describe()));
    co_return connection;
}

Task<Connection> Vault::Impl::ask_companion(Row row, Wanted wanted, audit::Origin origin) {
    if (row.state != "fresh") co_return fail(needs_consent, row.reason.value_or(""));
    auto tokens = store.open(row);
    if (!tokens) co_return std::unexpected(tokens.error());
    // Another process was first.
    if (!companion_is_due(*tokens, wanted, parts.clock.now(), settings.margin))
        co_return co_await release(std::move(row));
    if (!tokens->refresh_token) co_return fail(needs_consent, "there is no refresh token");
    if (!parts.companions) co_return fail(internal, "nobody renews companions");
    auto limit = settings.lease - time_to_store;
    auto call = parts.companions(row.provider, *tokens, wanted.name);
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
    auto event = event_of(std::string(companion_renewed), std::move(origin), "");
    event.detail["companion"] = std::move(wanted.name);
    co_return co_await store_answer(std::move(row), std::move(both), std::move(event));
}

// Renewing.

Task<Connection> Vault::renew(std::string id) {
    return renew(std::move(id), by_itself());
}

Task<Connection> Vault::renew(std::string id, audit::Origin origin) {
    return impl_->renew(std::move(id), When::now, std::move(origin));
}

Task<Connection> Vault::Impl::renew(std::string id, When when, audit::Origin origin) {
    runtime::SingleFlight<Connection>::Attempt attempt = [this, id, when, origin] {
        return fly(id, when, origin);
    };
    co_return co_await flights.run(id, std::move(attempt));
}

// Nothing while another holder has it.
Task<std::optional<Row>> Vault::Impl::claim(std::string id) {
    auto now = co_await parts.database.server_now();
    if (!now) co_return std::unexpected(now.error());
    auto until = *now + settings.lease;
    co_return co_await store.claim(parts.database, std::move(id), holder, *now, until);
}

Task<Connection> Vault::Impl::fly(std::string id, When when, audit::Origin origin) {
    auto before = co_await store.load(parts.database, id);
    if (!before) co_return std::unexpected(before.error());
    for (auto waited = Milliseconds(0); waited <= settings.lease; waited += look_every) {
        auto row = co_await store.load(parts.database, id);
        if (!row) co_return std::unexpected(row.error());
        if (row->state != "fresh") co_return fail(needs_consent, row->reason.value_or(""));
        // Another holder was at it and is done: its outcome is ours.
        if (waited > 0ms && !row->lease_until) {
            if (row->failures > before->failures)
                co_return std::unexpected(waiting(*row, parts.clock.now()));
            co_return co_await view(std::move(*row));
        }
        if (when == When::if_due && !is_due(*row)) co_return co_await view(std::move(*row));
        auto claimed = co_await claim(id);
        if (!claimed) co_return std::unexpected(claimed.error());
        // Read again under the lease: it may have been given up in the meantime.
        if (*claimed)
            co_return co_await renew_claimed(std::move(**claimed), when, std::move(origin));
        auto slept = co_await runtime::sleep(look_every);
        if (!slept) co_return std::unexpected(slept.error());
    }
    co_return fail(renewal_under_way);
}

Task<Connection> Vault::Impl::release(Row row) {
    auto released = co_await store.release(parts.database, row);
    if (!released) co_return std::unexpected(released.error());
    if (row.state != "fresh") co_return fail(needs_consent, row.reason.value_or(""));
    row.lease_until.reset();
    co_return co_await view(std::move(row));
}

// The lease outlives the call: who comes after it finds either the answer or a free row.
Task<oauth::TokenSet> Vault::Impl::ask(Row row, oauth::TokenSet kept, audit::Origin origin) {
    auto limit = settings.lease - time_to_store;
    auto call = parts.renewer(row.provider, kept);
    auto answer = co_await runtime::within(limit, std::move(call));
    if (!answer) co_return answer;
    auto same = check_same_person(kept, *answer);
    if (!same) {
        log::error("vault.identity_changed", log::kv("connection", row.id),
                   log::kv("provider", row.provider), log::kv("error", same.error().describe()));
        auto event =
            event_of("connection.identity_changed", std::move(origin), same.error().detail());
        auto noted = co_await note(parts.database, row, std::move(event));
        if (!noted) log::error("vault.not_noted", log::kv("error", noted.error().describe()));
        co_return std::unexpected(same.error());
    }
    co_return oauth::merged(kept, std::move(*answer));
}

Task<Connection> Vault::Impl::renew_claimed(Row row, When when, audit::Origin origin) {
    bool unwanted = when == When::if_due && !is_due(row);
    if (row.state != "fresh" || unwanted) co_return co_await release(std::move(row));
    auto tokens = store.open(row);
    if (!tokens) {
        log::error("vault.unreadable", log::kv("connection", row.id),
                   log::kv("error", tokens.error().describe()));
        co_return co_await give_up(std::move(row), tokens.error(), std::move(origin));
    }
    if (!tokens->refresh_token) {
        auto released = co_await store.release(parts.database, row);
        if (!released) co_return std::unexpected(released.error());
        co_return fail(needs_consent, "there is no refresh token");
    }
    auto answer = co_await ask(row, std::move(*tokens), origin);
    if (answer) {
        auto event = event_of("connection.renewed", std::move(origin), "");
        co_return co_await store_answer(std::move(row), std::move(*answer), std::move(event));
    }
    if (answer.error().is(oauth::consent_withdrawn)) {
        co_return co_await give_up(std::move(row), answer.error(), std::move(origin));
    }
    co_return co_await back_off(std::move(row), answer.error(), std::move(origin));
}

Task<bool> Vault::Impl::write_answer(db::Executor& executor, Row row, oauth::TokenSet tokens,
                                     std::string event) {
    if (event == companion_renewed)
        return store.companion_renewed(executor, std::move(row), std::move(tokens));
    auto renew_at = renewal_time(row.provider, tokens);
    auto now = parts.clock.now();
    return store.renewed(executor, std::move(row), std::move(tokens), renew_at, now);
}

Task<bool> Vault::Impl::try_to_store(Row row, oauth::TokenSet tokens, audit::Event event) {
    auto transaction = co_await parts.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto ours = co_await write_answer(**transaction, row, std::move(tokens), event.type);
    if (!ours || !*ours) co_return ours;
    auto noted = co_await note(**transaction, row, std::move(event));
    if (!noted) co_return std::unexpected(noted.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return true;
}

Task<Connection> Vault::Impl::store_answer(Row row, oauth::TokenSet tokens, audit::Event event) {
    // The provider may have rotated: this answer is the only copy, so it is held until it is
    // stored.
    for (int attempt = 0;; ++attempt) {
        auto ours = co_await try_to_store(row, tokens, event);
        if (ours && *ours) break;
        if (ours) {
            log::warn("vault.fenced", log::kv("connection", row.id),
                      log::kv("generation", row.generation));
            break;
        }
        log::error("vault.not_stored", log::kv("connection", row.id), log::kv("attempt", attempt),
                   log::kv("error", ours.error().describe()));
        if (attempt == store_attempts) co_return std::unexpected(ours.error());
        auto slept = co_await runtime::sleep(std::min<Milliseconds>(100ms * (attempt + 1), 2s));
        if (!slept) co_return std::unexpected(ours.error());
    }
    auto stored = co_await store.load(parts.database, row.id);
    if (!stored) co_return std::unexpected(stored.error());
    co_return co_await view(std::move(*stored));
}

Task<Connection> Vault::Impl::give_up(Row row, Error error, audit::Origin origin) {
    auto transaction = co_await parts.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    std::string reason(error.reason().slug);
    auto ours = co_await store.give_up(**transaction, row, reason, parts.clock.now());
    if (!ours) co_return std::unexpected(ours.error());
    if (!*ours) {
        // Another holder has moved the connection on: its word counts.
        transaction->reset();
        auto now = co_await store.load(parts.database, row.id);
        if (!now) co_return std::unexpected(now.error());
        if (now->state != "fresh") co_return fail(needs_consent, error);
        co_return co_await view(std::move(*now));
    }
    auto event = event_of("connection.needs_consent", std::move(origin), reason);
    auto noted = co_await note(**transaction, row, std::move(event));
    if (!noted) co_return std::unexpected(noted.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return fail(needs_consent, error);
}

Task<Connection> Vault::Impl::back_off(Row row, Error error, audit::Origin origin) {
    auto retry_at = parts.clock.now() + retry_delay(row.failures, error);
    log::warn("vault.renewal_failed", log::kv("connection", row.id),
              log::kv("provider", row.provider), log::kv("failures", row.failures + 1),
              log::kv("error", error.describe()));
    auto transaction = co_await parts.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto ours = co_await store.back_off(**transaction, row, retry_at);
    if (!ours) co_return std::unexpected(ours.error());
    if (!*ours) co_return std::unexpected(error);
    auto event =
        event_of("connection.renewal_failed", std::move(origin), std::string(error.reason().slug));
    auto noted = co_await note(**transaction, row, std::move(event));
    if (!noted) co_return std::unexpected(noted.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return std::unexpected(error);
}

Task<void> Vault::Impl::note(db::Executor& executor, Row row, audit::Event event) {
    event.account_id = row.account_id;
    event.detail["connection"] = row.id;
    event.detail["provider"] = row.provider;
    co_return co_await parts.trail.write(executor, std::move(event));
}

Task<void> Vault::Impl::renew_in_background(std::string id, std::size_t* renewed) {
    auto connection = co_await renew(std::move(id), When::if_due, by_itself());
    if (connection) ++*renewed;
    // Refusals were logged and stored where they happened.
    co_return Result<void>();
}

Task<std::size_t> Vault::renew_due() {
    auto& parts = impl_->parts;
    std::size_t renewed = 0;
    std::set<std::string> tried;
    for (;;) {
        auto server_now = co_await parts.database.server_now();
        if (!server_now) co_return std::unexpected(server_now.error());
        auto ids = co_await impl_->store.due(parts.database, parts.clock.now(), *server_now,
                                             impl_->settings.at_once);
        if (!ids) co_return std::unexpected(ids.error());
        // Once each in a run: a token that comes already expired must not keep it going.
        std::erase_if(*ids, [&tried](const std::string& id) { return !tried.insert(id).second; });
        if (ids->empty()) co_return renewed;
        runtime::TaskGroup group(co_await asio::this_coro::executor);
        for (auto& id : *ids)
            group.add("vault.renew", impl_->renew_in_background(std::move(id), &renewed));
        auto ended = co_await group.wait_until_empty();
        if (!ended) co_return std::unexpected(ended.error());
    }
}

Task<void> Vault::check_renewals() {
    // Back-off moves the next attempt ahead; what is due later than this is fresh again.
    auto before = impl_->parts.clock.now() + 1h;
    auto trouble = co_await impl_->store.is_in_trouble(impl_->parts.database, before,
                                                       failures_that_are_trouble);
    if (!trouble) co_return std::unexpected(trouble.error());
    if (*trouble) co_return fail(renewal_in_trouble);
    co_return Result<void>();
}

Task<std::size_t> Vault::sweep(int limit) {
    auto before = impl_->parts.clock.now() - impl_->settings.keep_unlinked;
    co_return co_await impl_->store.sweep_unlinked(impl_->parts.database, before, limit);
}

}  // namespace cardea::vault
