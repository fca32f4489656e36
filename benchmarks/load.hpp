// A closed-loop HTTP client for benches: many keep-alive connections, one thread, epoll.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cardea::bench {

struct LoadOptions {
    std::uint16_t port = 0;
    int connections = 64;
    std::chrono::milliseconds duration{2000};
    /// Requests after which the run ends, whatever the time; 0 = by time alone.
    std::uint64_t limit = 0;
};

struct LoadResult {
    std::uint64_t requests = 0;
    double seconds = 0;
    std::map<int, std::uint64_t> statuses;
    std::vector<float> latencies_ms;  ///< One a request, unordered.
    std::string first_response;       ///< Header and body bytes, for the baseline to repeat.

    double rate() const { return static_cast<double>(requests) / seconds; }
    double quantile_ms(double q);
};

/// Each connection comes from an address of its own in 127.0.0.0/8 and sends what `next` gives (a
/// whole request) as soon as its answer is complete. Throws when a connection breaks.
LoadResult run_load(const LoadOptions& options, const std::function<std::string()>& next);

/// Pins the calling thread to one core; does nothing on a machine with one.
void pin_to_core(int core);

/// One line of JSON: {"bench","case","value","unit","baseline","ratio"}; baseline 0 prints null.
void report(const std::string& bench, const std::string& name, double value,
            const std::string& unit, double baseline, double ratio);

double median(std::vector<double> values);

}  // namespace cardea::bench
