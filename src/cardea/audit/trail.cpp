#include "cardea/audit/trail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/base/log.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::audit {
namespace {

constexpr db::Statement insert{
    "audit.insert",
    "INSERT INTO events (id, at, type, account_id, actor, client_address, request_id, reference, "
    "detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
// NULL as a filter leaves it out; the casts tell PostgreSQL what type a lone NULL has. One text for
// both would keep the database from using the index on account_id.
#define EVENT_COLUMNS \
    "id, at, type, account_id, actor, client_address, request_id, reference, detail"
constexpr db::Statement select_all{
    "audit.list", "SELECT " EVENT_COLUMNS
                  " FROM events "
                  "WHERE (CAST($1 AS TEXT) IS NULL OR type = $1) "
                  "AND (CAST($2 AS TEXT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"};
constexpr db::Statement select_of_account{
    "audit.list_of_account", "SELECT " EVENT_COLUMNS
                             " FROM events "
                             "WHERE account_id = $4 AND (CAST($1 AS TEXT) IS NULL OR type = $1) "
                             "AND (CAST($2 AS TEXT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"};
constexpr db::Statement select_of_reference{
    "audit.list_of_reference",
    "SELECT " EVENT_COLUMNS
    " FROM events "
    "WHERE reference = $4 AND (CAST($1 AS TEXT) IS NULL OR type = $1) "
    "AND (CAST($2 AS TEXT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"};
#undef EVENT_COLUMNS
constexpr db::Statement blank_account{
    "audit.forget", "UPDATE events SET client_address = '', detail = '{}' WHERE account_id = $1"};
constexpr db::Statement delete_old{
    "audit.sweep",
    "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < $1 ORDER BY id LIMIT $2)"};

constexpr std::size_t longest_text = 200;

/// The columns as they are stored; `detail` is JSON there.
struct Row {
    std::string id;
    Instant at;
    std::string type;
    std::optional<std::string> account_id;
    std::string actor;
    std::string client_address;
    std::string request_id;
    std::string reference;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(Row, (),
                      (id, at, type, account_id, actor, client_address, request_id, reference,
                       detail))

using Detail = std::map<std::string, std::string>;

Detail shortened(Detail detail) {
    for (auto& [key, text] : detail) text = std::string(cut(text, longest_text));
    return detail;
}

Entry to_entry(Row row) {
    auto detail = schema::read_json<Detail>(row.detail);
    return {std::move(row.id),
            row.at,
            std::move(row.type),
            std::move(row.account_id),
            std::move(row.actor),
            std::move(row.client_address),
            std::move(row.request_id),
            std::move(row.reference),
            detail ? std::move(*detail) : Detail{}};
}

void log_event(const Event& event) {
    log::info(event.type, log::kv("account", event.account_id.value_or("")),
              log::kv("actor", event.origin.actor), log::kv("client", event.origin.client_address),
              log::kv("request", event.origin.request_id),
              log::kv("reference", event.origin.reference));
}

}  // namespace

// RFC 9562 section 6.2, method 1: the twelve bits behind the version count the events of one
// millisecond, so that ids of one process sort in the order of what happened. A clock that goes
// back, or 4096 events in one millisecond, are met by staying with, or going to, a later one.
std::string Trail::next_id(Instant now) {
    auto ms = std::max(to_unix_ms(now), last_ms_);
    in_this_ms_ = ms == last_ms_ ? in_this_ms_ + 1 : 0;
    if (in_this_ms_ > 0xfff) {
        in_this_ms_ = 0;
        ++ms;
    }
    last_ms_ = ms;
    auto id = crypto::uuid7(from_unix_ms(ms), random_);
    return id.replace(15, 3, fmt::format("{:03x}", in_this_ms_));
}

Task<void> Trail::write(db::Executor& executor, Event event) {
    auto now = clock_.now();
    db::Values values{next_id(now),
                      now,
                      event.type,
                      event.account_id,
                      event.origin.actor,
                      event.origin.client_address,
                      event.origin.request_id,
                      event.origin.reference,
                      schema::write_json(shortened(event.detail))};
    auto written = co_await executor.run(insert, std::move(values));
    if (!written) co_return std::unexpected(written.error());
    log_event(event);
    co_return Result<void>();
}

Task<Page> Trail::list(db::Executor& executor, Filter filter, std::string cursor, int limit) {
    auto wanted = static_cast<std::size_t>(std::clamp(limit, 1, 200));
    auto before = cursor.empty() ? std::nullopt : std::optional(std::move(cursor));
    db::Values values{filter.type, before, wanted + 1};
    auto statement = select_all;
    if (filter.account_id) {
        statement = select_of_account;
        values.emplace_back(*filter.account_id);
    } else if (filter.reference) {
        statement = select_of_reference;
        values.emplace_back(*filter.reference);
    }
    auto rows = co_await executor.run(statement, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());

    Page page;
    for (auto& row : db::to_structs<Row>(*rows)) page.items.push_back(to_entry(std::move(row)));
    if (page.items.size() > wanted) {
        page.items.resize(wanted);
        page.next_cursor = page.items.back().id;
    }
    co_return page;
}

Task<void> Trail::forget(db::Executor& executor, std::string account_id) {
    db::Values values{std::move(account_id)};
    auto done = co_await executor.run(blank_account, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    co_return Result<void>();
}

Task<std::size_t> Trail::sweep(db::Executor& executor, Instant before, int limit) {
    db::Values values{before, limit};
    auto done = co_await executor.run(delete_old, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    co_return static_cast<std::size_t>(done->changes);
}

}  // namespace cardea::audit
