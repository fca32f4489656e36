// The steps of a stop, one after the other.
#include "cardea/lifecycle/drain.hpp"

#include <algorithm>
#include <chrono>

#include "cardea/base/log.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::lifecycle {

void Drain::add(std::string name, Milliseconds limit, Step step) {
    steps_.push_back({std::move(name), limit, std::move(step)});
}

Task<void> Drain::attempt(Named& named, Milliseconds limit) {
    try {
        auto work = named.step();
        co_return co_await runtime::within(limit, std::move(work));
    } catch (const std::exception& e) {
        co_return fail(internal, e.what());
    }
}

Task<std::vector<Drain::Done>> Drain::run(Milliseconds total) {
    using Steady = std::chrono::steady_clock;
    std::vector<Done> result;
    Milliseconds spent{};
    for (auto& named : steps_) {
        const auto begun = Steady::now();
        const auto left = std::max(least_limit, total - spent);
        auto ended = co_await attempt(named, std::min(named.limit, left));
        const auto took = std::chrono::duration_cast<Milliseconds>(Steady::now() - begun);
        spent += took;
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
