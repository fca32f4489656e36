// The steps of a stop, one after the other.
#include "cardea/lifecycle/drain.hpp"

#include <chrono>

#include "cardea/base/log.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::lifecycle {

void Drain::add(std::string name, Milliseconds limit, Step step) {
    steps_.push_back({std::move(name), limit, std::move(step)});
}

Task<void> Drain::attempt(const Named& named) {
    try {
        auto work = named.step();
        co_return co_await runtime::within(named.limit, std::move(work));
    } catch (const std::exception& e) {
        co_return fail(internal, e.what());
    }
}

Task<std::vector<Drain::Done>> Drain::run() {
    using Steady = std::chrono::steady_clock;
    std::vector<Done> result;
    for (const auto& named : steps_) {
        const auto begun = Steady::now();
        auto ended = co_await attempt(named);
        const auto took = std::chrono::duration_cast<Milliseconds>(Steady::now() - begun);
        if (ended) {
            log::debug("stop.step", log::kv("step", named.name), log::kv("ms", took.count()));
        } else {
            log::warn("stop.step_failed", log::kv("step", named.name), log::kv("ms", took.count()),
                      log::kv("error", ended.error().describe()));
        }
        result.push_back({named.name, ended.has_value(), took});
    }
    co_return result;
}

}  // namespace cardea::lifecycle
