// Statements of the table `jobs`.
#include "cardea/jobs/store.hpp"

#include "cardea/runtime/coroutine.hpp"

namespace cardea::jobs {
namespace {

constexpr db::Statement add_missing_row{
    "jobs.add_missing",
    "INSERT INTO jobs (name, next_run_at, failures) VALUES ($1, $2, 0) ON CONFLICT (name) DO "
    "NOTHING"};
constexpr db::Statement find_row{
    "jobs.find",
    "SELECT name, next_run_at, lease_holder, lease_until, last_started_at, last_finished_at, "
    "last_outcome, last_ms, failures FROM jobs WHERE name = $1",
    db::Cost::lookup};
constexpr db::Statement all_rows{
    "jobs.all",
    "SELECT name, next_run_at, lease_holder, lease_until, last_started_at, last_finished_at, "
    "last_outcome, last_ms, failures FROM jobs ORDER BY name"};
constexpr db::Statement claim_row{
    "jobs.claim",
    "UPDATE jobs SET lease_holder = $3, lease_until = $4, last_started_at = $5 "
    "WHERE name = $1 AND next_run_at = $2 "
    "AND (lease_holder IS NULL OR lease_until <= $5 OR lease_holder = $6) RETURNING name"};
constexpr db::Statement finish_row{
    "jobs.finish",
    "UPDATE jobs SET lease_holder = NULL, lease_until = NULL, next_run_at = $3, "
    "last_finished_at = $4, last_outcome = $5, last_ms = $6, failures = $7 "
    "WHERE name = $1 AND lease_holder = $2 RETURNING name"};

}  // namespace

Task<void> Store::add_missing(std::string name, Instant next_run_at) {
    db::Values values{name, next_run_at};
    auto rows = co_await executor_.run(add_missing_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return Result<void>();
}

Task<std::optional<JobRow>> Store::find(std::string name) {
    db::Values values{name};
    auto rows = co_await executor_.run(find_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_optional<JobRow>(*rows);
}

Task<std::vector<JobRow>> Store::all() {
    auto rows = co_await executor_.run(all_rows, db::Values());
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_structs<JobRow>(*rows);
}

Task<bool> Store::claim(JobRow seen, Claim claim) {
    db::Values values{seen.name,   seen.next_run_at, claim.holder,
                      claim.until, claim.now,        claim.abandoned_by};
    auto rows = co_await executor_.run(claim_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return !rows->empty();
}

Task<bool> Store::finish(JobRow ended, std::string holder) {
    db::Values values{ended.name,         holder,        ended.next_run_at, ended.last_finished_at,
                      ended.last_outcome, ended.last_ms, ended.failures};
    auto rows = co_await executor_.run(finish_row, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return !rows->empty();
}

}  // namespace cardea::jobs
