// Health: what /health tells, from checks that modules register by name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/lifecycle/lifecycle.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::lifecycle {

enum class HealthStatus { healthy, degraded, unhealthy, stopping };
BOOST_DESCRIBE_ENUM(HealthStatus, healthy, degraded, unhealthy, stopping)

struct CheckReport {
    std::string name;
    bool passed = false;
    std::string text;
};
DESCRIBED(CheckReport, (name, "What was checked."), (passed, "Whether it works."),
          (text, "Why not; empty when it works."))

struct HealthReport {
    HealthStatus status = HealthStatus::unhealthy;
    std::int64_t uptime_seconds = 0;
    std::optional<std::string> version;
    std::optional<std::vector<CheckReport>> checks;

    /// 200 while the server serves, else 503.
    int http_status() const;
    /// For callers who may not see the inside: without version and checks.
    HealthReport in_public() const;
};
DESCRIBED(HealthReport, (status, "How the server is."),
          (uptime_seconds, "Seconds since it began to serve."),
          (version, "The program's version; for administrators."),
          (checks, "What was checked; for administrators."))

/// I/O thread only.
class Health {
  public:
    /// Fails when what it looks at does not work.
    using Check = std::function<Task<void>()>;
    /// What a failing check makes of the server.
    enum class Weight { degraded, unhealthy };

    Health(const Lifecycle& lifecycle, const Clock& clock);
    ~Health();

    void add(std::string name, Weight weight, Check check);
    /// Asks the checks, each for a second at most; an answer is good for a second, so that asking
    /// often costs nothing.
    Task<HealthReport> report();
    /// Alive: not stopped. Orchestrators restart what is not.
    bool is_live() const;
    /// Takes requests: running. The first thing that a stop turns false.
    bool is_ready() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea::lifecycle
