#include "cardea/engine/server.hpp"

#include "cardea/api/accounts.hpp"
#include "cardea/api/caller.hpp"
#include "cardea/api/connections.hpp"
#include "cardea/api/health.hpp"
#include "cardea/api/idempotency.hpp"
#include "cardea/api/keys.hpp"
#include "cardea/api/operations.hpp"
#include "cardea/api/providers.hpp"
#include "cardea/base/encoding.hpp"
#include "cardea/base/log.hpp"
#include "cardea/cache/memory/memory_counters.hpp"
#include "cardea/engine/canonical_host.hpp"
#include "cardea/engine/jobs.hpp"
#include "cardea/http/gates.hpp"
#include "cardea/http/openapi.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/lifecycle/drain.hpp"
#include "cardea/lifecycle/health.hpp"
#include "cardea/lifecycle/signals.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/sign_in/bcrypt_side.hpp"
#include "cardea/throttle/keeper.hpp"
#include "cardea/throttle/nameless_counters.hpp"
#include "cardea/web/site.hpp"

namespace cardea::engine {

namespace {

/// Where a session's cookie may go: plain only in development mode without an https origin.
session::Origin origin_of(const Core& core) {
    const auto& url = core.settings().server.public_url;
    bool plain = url ? !url->is_https() : core.mode() == Mode::development;
    return plain ? session::Origin::plain_loopback : session::Origin::https;
}

http::Site site_of(const Core& core) {
    http::Site site;
    site.public_url = core.settings().server.public_url;
    return site;
}

http::ServerSettings listener_of(const Settings& settings) {
    http::ServerSettings listener = settings.http;
    listener.host = settings.server.host;
    listener.port = settings.server.port;
    listener.certificate_file = settings.server.certificate_file;
    listener.key_file = settings.server.key_file;
    return listener;
}

std::vector<http::Url> origins_of(const Core& core) {
    auto origins = core.settings().server.return_origins;
    auto own = http::Url::parse(core.public_url());
    if (own) origins.push_back(*own);
    return origins;
}

/// How much of the throttle's counting a crash may forget.
constexpr Milliseconds save_pause = 1s;

/// What the steps behind the requests have where those took all of drain_limit.
constexpr Milliseconds after_requests = 2s;
Seconds drain_limit(const Core& core) {
    return core.settings().lifecycle.drain_limit;
}

Task<void> end(runtime::TaskGroup& group) {
    group.cancel();
    co_return co_await group.wait_until_empty();
}

/// Nobody can sign in with a password while no further hash may wait.
Task<void> check_hashing(password::formats::AnyHasher& hasher, int queue_limit) {
    if (hasher.waiting() >= static_cast<std::size_t>(queue_limit)) co_return fail(password::busy);
    co_return Result<void>();
}

}  // namespace

/// In the order of their making; torn down in reverse.
struct Server::Parts {
    Parts(const asio::any_io_executor& executor, Core& c)
        : core(c),
          origin(origin_of(c)),
          hasher(c.settings().password, sign_in::bcrypt_side(c.settings().password)),
          counters(c.clock(), static_cast<std::size_t>(c.settings().throttle.entries)),
          known_browsers(c.keyring().derive("known browser"), c.clock(), origin),
          keeper(c.database(), counters, c.clock()),
          nameless(counters, c.keyring().derive("throttle")),
          throttle(c.settings().throttle, nameless),
          passwords({c.database(), c.accounts(), c.sessions(), c.trail(), hasher, throttle,
                     c.background(), c.password_policy(), known_browsers},
                    c.settings().sign_in),
          sessions(c.database(), c.sessions(), c.trail()),
          accounts({c.database(), c.accounts(), c.sessions(), c.trail(), hasher,
                    c.password_policy(), &throttle}),
          oauth({c.database(), c.providers(), c.accounts(), c.verifications(), c.sessions(),
                 c.vault(), c.trail(), c.clock(), c.random(), origin, throttle},
                c.settings().sign_in),
          leaving(
              {c.database(), c.providers(), c.accounts(), c.vault(), c.trail(), c.background()}),
          idempotency(c.database(), c.keyring(), c.clock()),
          tasks(executor),
          health(management.lifecycle(), c.clock()),
          scheduler(c.database(), c.random(), executor),
          job_group(executor),
          keeper_group(executor),
          account_api({c.database(), c.accounts(), c.sessions(), passwords, sessions, accounts,
                       c.clock(), origin, c.settings().sign_in.recent_sign_in}),
          connection_api({c.database(), c.accounts(), c.vault(), leaving, c.trail(), origin}),
          key_api({c.database(), c.keys(), c.trail()}),
          provider_api({c.database(), c.providers(), c.trail(), c.public_url()}),
          health_api({health, management, tasks, c.database(), c.trail()}),
          operations(router),
          site({c.database(), c.providers(), c.sessions(), c.vault(), passwords, oauth, sessions,
                leaving, c.clock(), origin, c.settings().sign_in, origins_of(c),
                c.password_policy().minimum_length()}),
          listener(executor, listener_of(c.settings()), router, c.clock()) {
        add_gates();
        add_routes();
        add_checks();
        add_jobs(scheduler, core, idempotency);
    }

    void add_gates() {
        const auto& settings = core.settings();
        if (core.mode() == Mode::development && settings.server.public_url) {
            router.add_gate(canonical_host_gate(*settings.server.public_url));
        }
        http::add_generic_gates(router, site_of(core), settings.gates, settings.cors,
                                core.random());
        api::CallerSettings caller{origin, settings.sign_in.recent_sign_in};
        router.add_gate(
            std::make_unique<api::CallerGate>(core.sessions(), core.keys(), core.clock(), caller));
    }

    void add_routes() {
        account_api.add_routes(router, idempotency.wrapper());
        connection_api.add_routes(router);
        key_api.add_routes(router, idempotency.wrapper());
        provider_api.add_routes(router, idempotency.wrapper());
        health_api.add_routes(router);
        operations.add_routes(router);
        site.add_routes(router);
    }

    void add_checks() {
        health.add("database", lifecycle::Health::Weight::unhealthy,
                   [this]() { return core.database().ping(); });
        health.add("hashing", lifecycle::Health::Weight::unhealthy, [this]() {
            return check_hashing(hasher, core.settings().password.queue_limit);
        });
        health.add("renewal", lifecycle::Health::Weight::degraded,
                   [this]() { return core.vault().check_renewals(); });
    }

    Task<void> drain();
    Task<void> keep_counters();

    Core& core;
    session::Origin origin;
    password::formats::AnyHasher hasher;
    cache::MemoryCounters counters;
    sign_in::KnownBrowsers known_browsers;
    throttle::Keeper keeper;
    throttle::NamelessCounters nameless;
    throttle::Throttle throttle;
    sign_in::PasswordFlow passwords;
    sign_in::SessionFlow sessions;
    sign_in::AccountFlow accounts;
    sign_in::OAuthFlow oauth;
    sign_in::LeavingFlow leaving;
    api::Idempotency idempotency;
    ServerManagement management;
    BackgroundTasks tasks;
    lifecycle::Health health;
    jobs::Scheduler scheduler;
    runtime::TaskGroup job_group;
    runtime::TaskGroup keeper_group;
    http::Router router;
    api::Accounts account_api;
    api::Connections connection_api;
    api::Keys key_api;
    api::Providers provider_api;
    api::Health health_api;
    api::Operations operations;
    web::Site site;
    http::Server listener;
};

Server::Server(const asio::any_io_executor& executor, Core& core)
    : parts_(std::make_unique<Parts>(executor, core)) {}
Server::~Server() = default;

ServerManagement& Server::management() {
    return parts_->management;
}
jobs::Scheduler& Server::scheduler() {
    return parts_->scheduler;
}
const http::Router& Server::router() const {
    return parts_->router;
}

Task<void> Server::Parts::drain() {
    // Readiness turned false with the request to stop; load balancers get a moment to notice.
    auto delay = core.settings().lifecycle.readiness_delay;
    if (delay > 0s) (void)co_await runtime::sleep(delay);
    lifecycle::Drain steps;
    auto limit = drain_limit(core);
    auto total = limit + after_requests;
    steps.add("requests", limit + 1s, [this, limit] { return listener.drain(limit); });
    steps.add("background tasks", total, [this] { return tasks.wait_until_empty(); });
    scheduler.stop();
    steps.add("jobs", total, [this] { return job_group.wait_until_empty(); });
    steps.add("throttle", total, [this] { return keep_counters(); });
    // Hashes that are renewed and grants that are revoked: they use the flows, which end with this.
    steps.add("what runs behind", total, [this] { return core.background().wait_until_empty(); });
    auto done = co_await steps.run(total);
    // What was late for its step ends here, at its next wait.
    auto ended = co_await end(job_group);
    auto ended_behind = co_await end(core.background());
    hasher.stop();
    if (!ended) co_return ended;
    if (!ended_behind) co_return ended_behind;
    if (!done) co_return std::unexpected(done.error());
    co_return Result<void>();
}

Task<void> Server::Parts::keep_counters() {
    auto ended = co_await end(keeper_group);
    if (!ended) co_return ended;
    co_return co_await keeper.save();
}

Task<void> Server::serve(std::function<void(std::uint16_t)> ready) {
    auto& parts = *parts_;
    auto able = parts.hasher.ready();
    if (!able) co_return able;
    auto loaded = co_await parts.keeper.load();
    if (!loaded) co_return loaded;
    auto listening = parts.listener.listen();
    if (!listening) co_return listening;
    auto reopen_log = [&parts] {
        auto opened = log::open(log_settings(parts.core.settings()));
        if (!opened) log::error("log.not_reopened", log::kv("error", opened.error().describe()));
    };
    lifecycle::Signals signals(co_await asio::this_coro::executor, parts.management.lifecycle(),
                               std::move(reopen_log));
    parts.scheduler.start(parts.job_group);
    parts.keeper_group.add("throttle.keep", parts.keeper.run(save_pause));
    parts.management.lifecycle().started();
    ready(parts.listener.port());
    auto stop = co_await parts.management.lifecycle().wait_for_stop();
    auto drained = co_await parts.drain();
    parts.management.lifecycle().stopped();
    log::info("server.stopped");
    if (!stop) co_return stop;
    co_return drained;
}

Task<std::string> describe_api() {
    crypto::SystemRandom random;
    Settings settings;
    settings.database.url = SecretText(std::string("sqlite:") + std::string(db::sqlite::in_memory));
    CoreOptions options;
    options.mode = Mode::development;
    schema::Environment::Variables variables{{"SECRET_KEY", to_base64url(random.bytes(32))}};
    options.environment = schema::Environment(variables);
    auto core = co_await Core::open(std::move(settings), std::move(options));
    if (!core) co_return std::unexpected(core.error());
    std::string document;
    {
        Server server(co_await asio::this_coro::executor, **core);
        http::OpenApiInfo info;
        info.version = CARDEA_VERSION;
        info.description = "Signs people in and keeps their provider tokens fresh.";
        document = http::openapi_document(server.router(), info);
    }
    auto closed = co_await (*core)->close(1s);
    if (!closed) co_return std::unexpected(closed.error());
    co_return document;
}

}  // namespace cardea::engine
