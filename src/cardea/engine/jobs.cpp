#include "cardea/engine/jobs.hpp"

#include "cardea/jobs/sweep.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::engine {

namespace {

Task<std::string> renew(Core& core) {
    auto renewed = co_await core.vault().renew_due();
    if (!renewed) co_return std::unexpected(renewed.error());
    co_return fmt::format("renewed {}", *renewed);
}

Task<std::size_t> sweep_events(Core& core, int limit) {
    auto before = core.clock().now() - core.settings().crons.keep_events;
    co_return co_await core.trail().sweep(core.database(), before, limit);
}

void add_sweep(jobs::Scheduler& scheduler, std::string name, bool enabled, Seconds interval,
               jobs::SweepBatch batch) {
    jobs::Job job;
    job.name = std::move(name);
    job.enabled = enabled;
    job.interval = interval;
    job.work = [batch = std::move(batch)](jobs::StopSignal stop) {
        return jobs::sweep(stop, batch);
    };
    scheduler.add(std::move(job));
}

}  // namespace

void add_jobs(jobs::Scheduler& scheduler, Core& core, api::Idempotency& idempotency) {
    const auto& crons = core.settings().crons;
    jobs::Job renewal;
    renewal.name = "renew_oaths";
    renewal.enabled = crons.renew_oaths;
    renewal.interval = crons.renew_oaths_interval;
    renewal.work = [&core](jobs::StopSignal) { return renew(core); };
    scheduler.add(std::move(renewal));
    add_sweep(scheduler, "clean_expired_verifications", crons.clean_expired_verifications,
              crons.clean_expired_verifications_interval,
              [&core](int limit) { return core.verifications().sweep(core.database(), limit); });
    add_sweep(scheduler, "clean_expired_sessions", crons.clean_expired_sessions,
              crons.clean_expired_sessions_interval,
              [&core](int limit) { return core.sessions().sweep(core.database(), limit); });
    add_sweep(scheduler, "clean_expired_idempotency_keys", crons.clean_expired_idempotency_keys,
              crons.clean_expired_idempotency_keys_interval,
              [&idempotency](int limit) { return idempotency.sweep(limit); });
    add_sweep(scheduler, "clean_unlinked_connections", crons.clean_unlinked_connections,
              crons.clean_unlinked_connections_interval,
              [&core](int limit) { return core.vault().sweep(limit); });
    add_sweep(scheduler, "clean_old_events", crons.clean_old_events,
              crons.clean_old_events_interval,
              [&core](int limit) { return sweep_events(core, limit); });
}

}  // namespace cardea::engine
