// cardea job list | run
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/api/idempotency.hpp"
#include "cardea/engine/jobs.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

/// The same jobs as the server's, run from here; the claim on the row keeps the two apart.
struct Jobs {
    Jobs(const asio::any_io_executor& executor, engine::Core& core)
        : idempotency(core.database(), core.keyring(), core.clock()),
          scheduler(core.database(), core.random(), executor) {
        engine::add_jobs(scheduler, core, idempotency);
    }
    api::Idempotency idempotency;
    jobs::Scheduler scheduler;
};

Task<void> list(engine::Core& core, bool json) {
    Jobs jobs(co_await asio::this_coro::executor, core);
    auto listed = co_await jobs.scheduler.list();
    if (!listed) co_return std::unexpected(listed.error());
    if (json) {
        print_json(schema::to_json(*listed));
        co_return Result<void>();
    }
    Table table({"NAME", "EVERY", "LAST RUN", "OUTCOME", "NEXT RUN", "FAILURES"});
    auto when = [](const std::optional<Instant>& at) { return at ? to_rfc3339(*at) : "-"; };
    for (const auto& job : *listed) {
        auto every = job.enabled ? fmt::format("{} s", job.interval.count()) : "off";
        table.add({job.name, every, when(job.last_started_at), job.last_outcome.value_or("-"),
                   when(job.next_run_at), std::to_string(job.failures)});
    }
    table.print("There is no job.");
    co_return Result<void>();
}

Task<void> run(engine::Core& core, std::string name, bool json) {
    Jobs jobs(co_await asio::this_coro::executor, core);
    auto outcome = co_await jobs.scheduler.run_once(name);
    if (!outcome) co_return std::unexpected(outcome.error());
    if (json) {
        print_json(schema::to_json(*outcome));
    } else {
        std::cout << outcome->name << ": " << outcome->text << " (" << outcome->ms << " ms)\n";
    }
    if (!outcome->succeeded) co_return fail(internal, "the job failed");
    co_return Result<void>();
}

}  // namespace

void add_job(CLI::App& app, Invocation& invocation) {
    auto* job =
        app.add_subcommand("job", "Work that is done again and again, such as renewing tokens");
    job->require_subcommand(1);
    job->add_subcommand("list", "List the jobs with their last and next run")
        ->callback([&invocation] {
            invocation.action = [&invocation] {
                return on_core(invocation,
                               [&](engine::Core& core) { return list(core, invocation.json); });
            };
        });
    auto name = std::make_shared<std::string>();
    auto* run_command = job->add_subcommand("run", "Run a job now:\n  cardea job run renew_oaths");
    run_command->add_option("NAME", *name, "As `cardea job list` shows it")->required();
    run_command->callback([&invocation, name] {
        invocation.action = [&invocation, name] {
            return on_core(invocation,
                           [&](engine::Core& core) { return run(core, *name, invocation.json); });
        };
    });
}

}  // namespace cardea::cli
