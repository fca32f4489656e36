// HTTP traffic as a server of sign-ins meets it: at a fixed rate or as fast as it is answered, and
// every answer is kept.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/load.hpp"

namespace cardea::bench {

struct TrafficOptions {
    std::uint16_t port = 0;
    /// At most; requests beyond wait for one to become free.
    int connections = 32;
    /// Requests a second, whether answers come or not; 0: each connection sends as soon as it is
    /// answered.
    double rate = 0;
    std::chrono::milliseconds duration{2000};
    /// A connection is made anew, from another address, after so many requests; 0 = never.
    int requests_per_address = 0;
    const std::atomic<bool>* stop = nullptr;  ///< Ends it early.
};

struct Answer {
    int status = 0;
    /// From when it was due, so that a server that stalls does not hide what it kept waiting.
    double latency_ms = 0;
    bool has_retry_after = false;
};

struct TrafficResult {
    std::vector<Answer> answers;
    double seconds = 0;

    double rate() const { return static_cast<double>(answers.size()) / seconds; }
    /// Of the answers with that status; 0 when there is none.
    double quantile_ms(int status, double quantile) const;
    std::size_t count(int status) const;
};

/// Throws when a connection breaks in the midst of a request.
TrafficResult run_traffic(const TrafficOptions& options, Addresses& addresses,
                          const NextRequest& next);

}  // namespace cardea::bench
