// Asking the checks, not more often than once a second.
#include "cardea/lifecycle/health.hpp"

#include <algorithm>

#include "cardea/runtime/deadline.hpp"
#include "cardea/runtime/single_flight.hpp"

namespace cardea::lifecycle {
namespace {

constexpr Milliseconds good_for = 1s;
constexpr Milliseconds check_limit = 1s;

struct NamedCheck {
    std::string name;
    Health::Weight weight;
    Health::Check check;
};

HealthStatus worse(HealthStatus a, HealthStatus b) {
    return std::max(a, b);
}

}  // namespace

struct Health::State {
    State(const Lifecycle& l, const Clock& c) : lifecycle(l), clock(c) {}

    HealthStatus status_of_state() const;
    Task<HealthReport> ask();
    Task<CheckReport> ask(NamedCheck named);

    const Lifecycle& lifecycle;
    const Clock& clock;
    std::vector<NamedCheck> checks;
    std::optional<HealthReport> last;
    Instant asked_at;
    runtime::SingleFlight<HealthReport> flight;
};

int HealthReport::http_status() const {
    return status == HealthStatus::healthy || status == HealthStatus::degraded ? 200 : 503;
}

HealthReport HealthReport::in_public() const {
    HealthReport report;
    report.status = status;
    report.uptime_seconds = uptime_seconds;
    return report;
}

Health::Health(const Lifecycle& lifecycle, const Clock& clock)
    : state_(std::make_unique<State>(lifecycle, clock)) {}
Health::~Health() = default;

void Health::add(std::string name, Weight weight, Check check) {
    state_->checks.push_back({std::move(name), weight, std::move(check)});
}

bool Health::is_live() const {
    return state_->lifecycle.state() != lifecycle::State::stopped;
}

bool Health::is_ready() const {
    return state_->lifecycle.state() == lifecycle::State::running;
}

HealthStatus Health::State::status_of_state() const {
    switch (lifecycle.state()) {
        case lifecycle::State::starting:
            return HealthStatus::unhealthy;
        case lifecycle::State::running:
            return HealthStatus::healthy;
        case lifecycle::State::stopping:
        case lifecycle::State::stopped:
            return HealthStatus::stopping;
    }
    return HealthStatus::unhealthy;
}

Task<CheckReport> Health::State::ask(NamedCheck named) {
    CheckReport report;
    report.name = named.name;
    Result<void> result;
    try {
        auto check = named.check();
        result = co_await runtime::within(check_limit, std::move(check));
    } catch (const std::exception& e) {
        result = fail(internal, e.what());
    }
    report.passed = result.has_value();
    // The reason's own words: the detail may name hosts and files.
    if (!result) report.text = result.error().reason().text;
    co_return report;
}

Task<HealthReport> Health::State::ask() {
    HealthReport report;
    report.status = HealthStatus::healthy;
    report.version = CARDEA_VERSION;
    report.checks.emplace();
    for (const auto& named : checks) {
        auto one = co_await ask(named);
        if (!one) co_return std::unexpected(one.error());
        if (!one->passed) {
            const bool heavy = named.weight == Weight::unhealthy;
            report.status =
                worse(report.status, heavy ? HealthStatus::unhealthy : HealthStatus::degraded);
        }
        report.checks->push_back(std::move(*one));
    }
    last = report;
    asked_at = clock.now();
    co_return report;
}

Task<HealthReport> Health::report() {
    const auto age = state_->clock.now() - state_->asked_at;
    if (!state_->last || age < 0ms || age >= good_for) {
        runtime::SingleFlight<HealthReport>::Attempt attempt = [state = state_.get()] {
            return state->ask();
        };
        auto asked = co_await state_->flight.run("checks", std::move(attempt));
        if (!asked) co_return std::unexpected(asked.error());
    }
    auto report = *state_->last;
    report.status = worse(report.status, state_->status_of_state());
    report.uptime_seconds = state_->lifecycle.uptime().count();
    co_return report;
}

}  // namespace cardea::lifecycle
