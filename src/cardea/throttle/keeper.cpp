#include "cardea/throttle/keeper.hpp"

#include "cardea/base/log.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::throttle {
namespace {

constexpr db::Statement select_live{
    "throttle.load", "SELECT key, value, ends_at FROM throttle_counters WHERE ends_at > $1"};
constexpr db::Statement upsert{
    "throttle.save",
    "INSERT INTO throttle_counters (key, value, ends_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at"};
constexpr db::Statement delete_ended{
    "throttle.sweep",
    "DELETE FROM throttle_counters WHERE key IN "
    "(SELECT key FROM throttle_counters WHERE ends_at <= $1 ORDER BY ends_at LIMIT 500)"};

struct Row {
    Bytes key;
    std::int64_t value = 0;
    Instant ends_at;
};
BOOST_DESCRIBE_STRUCT(Row, (), (key, value, ends_at))

Task<void> write(db::Executor& executor, std::vector<cache::KeptCounter> changes, Instant now) {
    for (auto& change : changes) {
        db::Values values{to_bytes(change.key), change.value, change.ends_at};
        auto written = co_await executor.run(upsert, std::move(values));
        if (!written) co_return std::unexpected(written.error());
    }
    db::Values until{now};
    auto swept = co_await executor.run(delete_ended, std::move(until));
    if (!swept) co_return std::unexpected(swept.error());
    co_return Result<void>();
}

}  // namespace

Task<void> Keeper::load() {
    db::Values now{clock_.now()};
    auto rows = co_await database_.run(select_live, std::move(now));
    if (!rows) co_return std::unexpected(rows.error());
    for (auto& row : db::to_structs<Row>(*rows)) {
        counters_.restore({std::string(as_text(row.key)), row.value, row.ends_at});
    }
    co_return Result<void>();
}

Task<void> Keeper::save() {
    auto changes = counters_.take_changes();
    if (changes.empty()) co_return Result<void>();
    auto stored = co_await store(changes);
    if (!stored) counters_.return_changes(changes);
    co_return stored;
}

Task<void> Keeper::store(std::vector<cache::KeptCounter> changes) {
    auto transaction = co_await database_.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto written = co_await write(**transaction, std::move(changes), clock_.now());
    if (!written) co_return written;
    co_return co_await (*transaction)->commit();
}

Task<void> Keeper::run(Milliseconds pause) {
    for (;;) {
        auto slept = co_await runtime::sleep(pause);
        if (!slept) co_return Result<void>();
        auto saved = co_await save();
        if (!saved) log::warn("throttle.not_saved", log::kv("why", saved.error().describe()));
    }
}

}  // namespace cardea::throttle
