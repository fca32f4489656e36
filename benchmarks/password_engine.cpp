#include "benchmarks/password_engine.hpp"

#include <crypt.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <future>

#include "benchmarks/process.hpp"
#include "cardea/password/engine.hpp"
#include "cardea/password/examination.hpp"

namespace cardea::bench {

namespace {

using namespace password;

constexpr int cost = 10;
constexpr int john_cost = 5;  // the one that `john --test` measures
constexpr int rounds = 11;
constexpr int john_rounds = 5;
constexpr double most_start_ms = 20;

double seconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// What the work took on a clock.
template <class Work>
double measure(clockid_t clock, Work work) {
    auto before = seconds_of(clock);
    work();
    return seconds_of(clock) - before;
}

void crypt_one(int with_cost) {
    static crypt_data data;
    auto setting = fmt::format("$2b${:02}$abcdefghijklmnopqrstuu", with_cost);
    const char* made = crypt_rn("correct horse battery", setting.c_str(), &data, sizeof data);
    if (made == nullptr) throw std::runtime_error("crypt_rn failed");
}

double crypt_rate(int with_cost, int count) {
    auto work = [&] {
        for (int i = 0; i < count; ++i) crypt_one(with_cost);
    };
    return count / measure(CLOCK_PROCESS_CPUTIME_ID, work);
}

Job job(int with_cost) {
    return {.password = SecretText("correct horse battery"), .cost = with_cost};
}

/// Hashes a second of processor time. The number of jobs is a multiple of the lanes, so that five
/// or more are always waiting or being computed until the last ones are done together.
double engine_rate(Engine& engine, int with_cost, std::size_t turns) {
    auto count = engine.lanes() * turns;
    std::atomic<std::size_t> done = 0;
    std::promise<void> all;
    auto work = [&] {
        for (std::size_t i = 0; i < count; ++i) {
            auto finish = [&](auto) {
                if (++done == count) all.set_value();
            };
            if (!engine.submit(job(with_cost), finish)) throw std::runtime_error("engine is busy");
        }
        all.get_future().wait();
    };
    return static_cast<double>(count) / measure(CLOCK_PROCESS_CPUTIME_ID, work);
}

double lane_rate(std::size_t count) {
    constexpr std::uint32_t some_rounds = 1U << 7U;
    Lanes lanes;
    while (lanes.active() < count) lanes.admit("correct horse battery", Variant::b, {});
    auto took = measure(CLOCK_PROCESS_CPUTIME_ID, [&] { lanes.run(some_rounds); });
    return static_cast<double>(count) * some_rounds / (1U << cost) / took;
}

/// Hashes a second of processor time, as John the Ripper says; 0 when it is not installed.
double john_rate() {
    // Debian has it where only root's PATH leads.
    auto* answer =
        popen("PATH=$PATH:/usr/sbin OMP_NUM_THREADS=1 john --test=1 --format=bcrypt 2>&1", "r");
    if (answer == nullptr) return 0;
    std::string text;
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, answer) != nullptr) text += buffer;
    pclose(answer);
    auto real = text.find("c/s real, ");
    if (real == std::string::npos || text.find("32 iterations") == std::string::npos) return 0;
    return std::strtod(text.c_str() + real + 10, nullptr);
}

void measure_start(Report& report) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        times.push_back(1000 * measure(CLOCK_PROCESS_CPUTIME_ID,
                                       [] { (void)examine(measure_instructions()); }));
    }
    report.add_at_most({.name = "self-test and measurement of the lanes at the start",
                        .value = median(times),
                        .unit = "ms",
                        .baseline = {},
                        .ratio = {},
                        .note = {}},
                       most_start_ms);
}

void measure_lanes(Report& report, LaneRatios& ratios) {
    std::array<std::vector<double>, most_lanes + 1> rates;
    std::vector<double> baseline;
    for (int i = 0; i < rounds; ++i) {
        baseline.push_back(crypt_rate(cost, 1));
        for (std::size_t count = 1; count <= most_lanes; ++count) {
            rates[count].push_back(lane_rate(count));
        }
    }
    for (std::size_t count = 1; count <= most_lanes; ++count) {
        auto name = fmt::format("{} of 8 lanes, one core, cost 10", count);
        auto figure = compare(name, "1/s", rates[count], baseline);
        ratios.lanes[count] = figure.ratio.value_or(0);
        report.add(figure);
    }
}

void measure_crowd(Report& report) {
    Engine engine({.threads = 1, .nice = 0});
    std::vector<double> rates;
    std::vector<double> baseline;
    for (int i = 0; i < rounds; ++i) {
        baseline.push_back(crypt_rate(cost, 2));
        rates.push_back(engine_rate(engine, cost, 2));
    }
    auto figure = compare("five or more waiting, one core, cost 10", "1/s", rates, baseline);
    figure.note = fmt::format("{} lanes", engine.lanes());
    report.add_ratio_at_least(figure, 3.0);
}

/// Wall time: a caller waits for the hand-over to the hashing thread, too.
void measure_single(Report& report) {
    Engine engine({.threads = 1, .nice = 0});
    std::vector<double> rates;
    std::vector<double> baseline;
    for (int i = 0; i < 3 * rounds; ++i) {
        auto wait = [&] { (void)engine.compute(job(cost)).value(); };
        baseline.push_back(1 / measure(CLOCK_MONOTONIC, [] { crypt_one(cost); }));
        rates.push_back(1 / measure(CLOCK_MONOTONIC, wait));
    }
    // At most 1.05 times crypt_r's time.
    report.add_ratio_at_least(compare("one waiting, cost 10", "1/s", rates, baseline), 1 / 1.05);
}

void measure_john(Report& report, LaneRatios& ratios) {
    if (john_rate() == 0) {
        fmt::print(stderr, "John the Ripper is not installed (package john): not compared.\n");
        return;
    }
    Engine engine({.threads = 1, .queue_limit = 1024, .nice = 0});
    std::vector<double> rates;
    std::vector<double> john;
    std::vector<double> crypt;
    for (int i = 0; i < john_rounds; ++i) {
        crypt.push_back(crypt_rate(john_cost, 200));
        john.push_back(john_rate());
        rates.push_back(engine_rate(engine, john_cost, 100));
    }
    ratios.john = compare("", "", john, crypt).ratio.value_or(0);
    report.add_ratio_at_least(compare("against John the Ripper, cost 5", "1/s", rates, john), 1.1);
}

}  // namespace

LaneRatios measure_engine(Report& report) {
    pin_to_core(cores().client);
    LaneRatios ratios;
    measure_start(report);
    measure_lanes(report, ratios);
    measure_crowd(report);
    measure_single(report);
    measure_john(report, ratios);
    return ratios;
}

}  // namespace cardea::bench
