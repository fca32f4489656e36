#include "cardea/vault/claims.hpp"

#include <algorithm>

#include "cardea/base/log.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::vault {

namespace {

/// What is left of a lease when the provider's time is over: to store the answer.
constexpr Milliseconds time_to_store = 5s;
/// How long an answer that cannot be stored is held before it is reported lost.
constexpr int store_attempts = 60;

}  // namespace

audit::Event event_of(const Row& row, std::string type, audit::Origin origin) {
    audit::Event event{std::move(type), row.account_id, std::move(origin), {}};
    event.detail["connection"] = row.id;
    event.detail["provider"] = row.provider;
    return event;
}

Claims::Claims(const Vault::Parts& parts, const Settings& settings, const Store& store)
    : parts_(parts), settings_(settings), store_(store), holder_(crypto::uuid4(parts.random)) {}

Milliseconds Claims::time_to_answer() const {
    return settings_.lease - time_to_store;
}

Task<std::optional<Row>> Claims::take(std::string id) {
    auto now = co_await parts_.database.server_now();
    if (!now) co_return std::unexpected(now.error());
    auto until = *now + settings_.lease;
    co_return co_await store_.claim(parts_.database, std::move(id), holder_, *now, until);
}

Task<Row> Claims::take_in_turn(std::string id) {
    for (auto waited = Milliseconds(0); waited <= settings_.lease; waited += look_every) {
        auto claimed = co_await take(id);
        if (!claimed) co_return std::unexpected(claimed.error());
        if (*claimed) co_return std::move(**claimed);
        auto slept = co_await runtime::sleep(look_every);
        if (!slept) co_return std::unexpected(slept.error());
    }
    co_return fail(renewal_under_way);
}

Task<Connection> Claims::release(Row row) {
    auto released = co_await store_.release(parts_.database, row);
    if (!released) co_return std::unexpected(released.error());
    if (row.state != "fresh") co_return fail(needs_consent, row.reason.value_or(""));
    row.lease_until.reset();
    co_return co_await view(parts_.database, std::move(row));
}

Task<bool> Claims::commit(Write write, audit::Event event) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto ours = co_await write(**transaction);
    if (!ours || !*ours) co_return ours;
    auto noted = co_await parts_.trail.write(**transaction, std::move(event));
    if (!noted) co_return std::unexpected(noted.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return true;
}

Task<Connection> Claims::store_answer(Row row, Write write, audit::Event event) {
    for (int attempt = 0;; ++attempt) {
        auto ours = co_await commit(write, event);
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
    auto stored = co_await store_.load(parts_.database, row.id);
    if (!stored) co_return std::unexpected(stored.error());
    co_return co_await view(parts_.database, std::move(*stored));
}

}  // namespace cardea::vault
