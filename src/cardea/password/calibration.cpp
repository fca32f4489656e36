#include "cardea/password/calibration.hpp"

#include <time.h>

#include <cmath>

namespace cardea::password {
namespace {

constexpr int turns = 20;

// What this thread has computed: other programs on the machine do not make it look slower.
std::chrono::duration<double> processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

struct Pace {
    std::uint64_t rounds = 0;
    std::chrono::duration<double> took{};

    double per_second() const { return static_cast<double>(rounds) / took.count(); }
};

void fill(Lanes& lanes, std::size_t count) {
    while (lanes.active() < count) lanes.admit("calibration", Variant::b, {});
}

void run(Lanes& lanes, Milliseconds time, Pace& pace) {
    constexpr std::uint32_t rounds = 4;
    auto begun = processor_time();
    do {
        lanes.run(rounds);
        pace.rounds += rounds * lanes.active();
    } while (processor_time() - begun < time);
    pace.took += processor_time() - begun;
}

double rounds_of(int cost) {
    return std::ldexp(1.0, cost);
}

}  // namespace

std::chrono::duration<double> Speed::alone(int cost) const {
    return std::chrono::duration<double>(rounds_of(cost) / one_lane);
}

std::chrono::duration<double> Speed::crowded(int cost) const {
    return std::chrono::duration<double>(rounds_of(cost) * static_cast<double>(lanes) / all_lanes);
}

double Speed::one_lane_per_second(int cost) const {
    return one_lane / rounds_of(cost);
}

double Speed::all_lanes_per_second(int cost) const {
    return all_lanes / rounds_of(cost);
}

Speed measure_speed(std::size_t lanes, Milliseconds time) {
    Lanes one;
    Lanes all;
    fill(one, 1);
    fill(all, lanes);
    Pace one_pace;
    Pace all_pace;
    for (int turn = 0; turn < turns; ++turn) {
        run(one, time / turns, one_pace);
        run(all, time / turns, all_pace);
    }
    return {lanes, one_pace.per_second(), all_pace.per_second()};
}

int suggest_cost(const Speed& speed, Milliseconds target) {
    int cost = least_suggested_cost;
    while (cost < highest_cost && speed.alone(cost + 1) <= target) ++cost;
    return cost;
}

}  // namespace cardea::password
