// The scheduler's loop, claims and outcomes.
#include "cardea/jobs/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <deque>

#include "cardea/base/log.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/jobs/pace.hpp"
#include "cardea/jobs/store.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::jobs {
namespace {

constexpr Milliseconds lease_margin = 1min;
constexpr Milliseconds after_trouble = 30s;  // the database did not answer
constexpr Milliseconds least_wait = 100ms;   // no row makes the loop spin
constexpr Milliseconds first_spread = 10s;   // a new job begins within this

Milliseconds lease_length(const Job& job) {
    return job.deadline + lease_margin;
}

bool is_held(const JobRow& row, Instant now) {
    return row.lease_holder && row.lease_until && *row.lease_until > now;
}

void log_end(const JobRow& row, const Result<std::string>& done) {
    if (done) {
        log::info("job.finished", log::kv("job", row.name), log::kv("outcome", *done),
                  log::kv("ms", *row.last_ms));
    } else {
        log::warn("job.failed", log::kv("job", row.name), log::kv("ms", *row.last_ms),
                  log::kv("failures", row.failures), log::kv("error", done.error().describe()));
    }
}

JobStatus status_of(const Job& job, const JobRow* row, Instant now) {
    JobStatus status;
    status.name = job.name;
    status.enabled = job.enabled;
    status.interval = job.interval;
    if (row == nullptr) return status;
    status.running = is_held(*row, now);
    if (job.enabled) status.next_run_at = row->next_run_at;
    status.last_started_at = row->last_started_at;
    status.last_finished_at = row->last_finished_at;
    status.last_outcome = row->last_outcome;
    status.last_ms = row->last_ms;
    status.failures = row->failures;
    return status;
}

}  // namespace

struct Scheduler::State {
    struct Entry {
        Entry(Job j, const asio::any_io_executor& executor) : job(std::move(j)), timer(executor) {}
        Job job;
        asio::steady_timer timer;
        bool has_row = false;
        std::string suspect;  // a holder whose lease ends later than any lease begun now would
    };

    State(db::Database& d, crypto::Random& r, const asio::any_io_executor& e)
        : database(d), store(d), random(r), executor(e) {}

    Entry* find(std::string_view name) {
        auto found = std::ranges::find(entries, name, [](auto& e) { return e.job.name; });
        return found == entries.end() ? nullptr : &*found;
    }

    Task<void> loop(Entry* entry);
    Task<JobRow> row_of(Entry* entry);
    Task<Milliseconds> visit(Entry* entry);
    Task<Outcome> claim_and_run(Entry* entry, JobRow row, std::string abandoned_by);
    Task<Outcome> run_claimed(Entry* entry, JobRow row, std::string holder);
    Task<std::string> attempt(Entry* entry);
    std::string abandoned_holder(Entry* entry, const JobRow& row, Instant now);

    db::Database& database;
    Store store;
    crypto::Random& random;
    asio::any_io_executor executor;
    std::deque<Entry> entries;
    StopSignal stop;
};

Scheduler::Scheduler(db::Database& database, crypto::Random& random,
                     const asio::any_io_executor& executor)
    : state_(std::make_unique<State>(database, random, executor)) {}

Scheduler::~Scheduler() = default;

void Scheduler::add(Job job) {
    state_->entries.emplace_back(std::move(job), state_->executor);
}

void Scheduler::start(runtime::TaskGroup& group) {
    for (auto& entry : state_->entries) {
        if (entry.job.enabled) group.add("job " + entry.job.name, state_->loop(&entry));
    }
}

void Scheduler::stop() {
    state_->stop.request();
    for (auto& entry : state_->entries) entry.timer.cancel();
}

Task<void> Scheduler::State::loop(Entry* entry) {
    while (!stop.requested()) {
        auto wait = co_await visit(entry);
        if (!wait) {
            log::warn("job.not_visited", log::kv("job", entry->job.name),
                      log::kv("error", wait.error().describe()));
        }
        if (stop.requested()) break;
        entry->timer.expires_after(std::max(wait.value_or(after_trouble), least_wait));
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await entry->timer.async_wait(token);
        if (error) break;
    }
    co_return Result<void>();
}

Task<JobRow> Scheduler::State::row_of(Entry* entry) {
    if (!entry->has_row) {
        auto now = co_await database.server_now();
        if (!now) co_return std::unexpected(now.error());
        const Milliseconds spread = std::min<Milliseconds>(entry->job.interval, first_spread);
        const auto first = *now + Milliseconds(random.below(std::uint64_t(spread.count())));
        auto added = co_await store.add_missing(entry->job.name, first);
        if (!added) co_return std::unexpected(added.error());
        entry->has_row = true;
    }
    auto row = co_await store.find(entry->job.name);
    if (!row) co_return std::unexpected(row.error());
    if (!*row) {
        entry->has_row = false;  // somebody emptied the table: the next visit writes it again
        co_return fail(unknown, "the row of " + entry->job.name + " is gone");
    }
    co_return std::move(**row);
}

// A lease that ends later than one begun now would was written before the clock went back. Its
// holder may still be at work, so it is given the length of a lease by our steady clock: visit()
// waits that long, and then finds the same holder again.
std::string Scheduler::State::abandoned_holder(Entry* entry, const JobRow& row, Instant now) {
    const bool implausible = is_held(row, now) && *row.lease_until > now + lease_length(entry->job);
    const std::string holder = implausible ? *row.lease_holder : "";
    const bool seen_before = implausible && entry->suspect == holder;
    entry->suspect = holder;
    return seen_before ? holder : "";
}

Task<Milliseconds> Scheduler::State::visit(Entry* entry) {
    auto row = co_await row_of(entry);
    if (!row) co_return std::unexpected(row.error());
    auto now = co_await database.server_now();
    if (!now) co_return std::unexpected(now.error());

    const auto longest = longest_delay(entry->job.interval, row->failures);
    const auto left = time_until_due(*now, row->next_run_at, longest);
    if (left > 0ms) co_return left;
    const auto abandoned = abandoned_holder(entry, *row, *now);
    if (is_held(*row, *now) && abandoned.empty()) {
        co_return std::min<Milliseconds>(*row->lease_until - *now, lease_length(entry->job));
    }
    auto outcome = co_await claim_and_run(entry, *row, abandoned);
    if (!outcome && outcome.error().is(running)) co_return least_wait;  // look again who has it
    if (!outcome) co_return std::unexpected(outcome.error());
    auto after = co_await database.server_now();
    if (!after) co_return std::unexpected(after.error());
    co_return std::clamp<Milliseconds>(outcome->next_run_at - *after, 0ms, longest);
}

Task<Outcome> Scheduler::State::claim_and_run(Entry* entry, JobRow row, std::string abandoned_by) {
    auto now = co_await database.server_now();
    if (!now) co_return std::unexpected(now.error());
    Claim claim;
    claim.holder = crypto::uuid4(random);
    claim.now = *now;
    claim.until = *now + lease_length(entry->job);
    claim.abandoned_by = std::move(abandoned_by);
    const auto holder = claim.holder;
    auto claimed = co_await store.claim(row, std::move(claim));
    if (!claimed) co_return std::unexpected(claimed.error());
    if (!*claimed) co_return fail(running, entry->job.name);
    co_return co_await run_claimed(entry, std::move(row), holder);
}

Task<std::string> Scheduler::State::attempt(Entry* entry) {
    try {
        auto work = entry->job.work(stop);
        co_return co_await runtime::within(entry->job.deadline, std::move(work));
    } catch (const std::exception& e) {
        co_return fail(internal, e.what());
    }
}

Task<Outcome> Scheduler::State::run_claimed(Entry* entry, JobRow row, std::string holder) {
    using Steady = std::chrono::steady_clock;
    const auto begun = Steady::now();
    auto done = co_await attempt(entry);
    const auto took = std::chrono::duration_cast<Milliseconds>(Steady::now() - begun);
    auto now = co_await database.server_now();
    if (!now) co_return std::unexpected(now.error());

    row.failures = done ? 0 : row.failures + 1;
    row.next_run_at = *now + next_delay(entry->job.interval, row.failures, random);
    row.last_finished_at = *now;
    row.last_outcome = done ? *done : std::string(done.error().reason().slug);
    row.last_ms = took.count();
    log_end(row, done);
    auto finished = co_await store.finish(row, std::move(holder));
    if (!finished) co_return std::unexpected(finished.error());
    if (!*finished) log::warn("job.lease_lost", log::kv("job", row.name));
    co_return Outcome{row.name, done.has_value(), *row.last_outcome, took.count(), row.next_run_at};
}

Task<Outcome> Scheduler::run_once(std::string name) {
    auto* entry = state_->find(name);
    if (entry == nullptr) co_return fail(unknown, name);
    if (state_->stop.requested()) co_return fail(stopping, name);
    auto row = co_await state_->row_of(entry);
    if (!row) co_return std::unexpected(row.error());
    std::string nobody;
    co_return co_await state_->claim_and_run(entry, std::move(*row), std::move(nobody));
}

Task<Milliseconds> Scheduler::visit(std::string name) {
    auto* entry = state_->find(name);
    if (entry == nullptr) co_return fail(unknown, name);
    co_return co_await state_->visit(entry);
}

Task<std::vector<JobStatus>> Scheduler::list() {
    auto rows = co_await state_->store.all();
    if (!rows) co_return std::unexpected(rows.error());
    auto now = co_await state_->database.server_now();
    if (!now) co_return std::unexpected(now.error());
    std::vector<JobStatus> result;
    for (const auto& entry : state_->entries) {
        const auto row = std::ranges::find(*rows, entry.job.name, &JobRow::name);
        result.push_back(status_of(entry.job, row == rows->end() ? nullptr : &*row, *now));
    }
    co_return result;
}

}  // namespace cardea::jobs
