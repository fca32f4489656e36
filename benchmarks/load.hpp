// A closed-loop HTTP client for benches: many keep-alive connections, one thread, epoll.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cardea::bench {

/// Hands out the addresses of 127.0.0.0/8, each once.
class Addresses {
  public:
    std::uint32_t take() { return 0x7F000000u | next_++; }

  private:
    std::uint32_t next_ = 0x000100;
};

struct LoadOptions {
    std::uint16_t port = 0;
    int connections = 64;
    int expected_status = 200;
    std::chrono::milliseconds duration{1000};
    /// Requests after which the run ends, whatever the time; 0 = by time alone.
    std::uint64_t limit = 0;
    /// Requests after which a connection is made anew from another address; 0 = never.
    std::uint64_t requests_per_address = 0;
};

struct LoadResult {
    std::uint64_t requests = 0;
    double seconds = 0;
    std::vector<float> latencies_ms;  ///< One a request, unordered.
    std::string first_response;       ///< Header and body bytes, for a baseline to repeat.

    double rate() const { return static_cast<double>(requests) / seconds; }
    double quantile_ms(double q);
};

/// Makes the next request, whole.
using NextRequest = std::function<std::string()>;

/// Each connection comes from an address of its own and sends a request as soon as the last one is
/// answered. Throws when a connection breaks and when a status is another than the expected one: a
/// figure of refused requests is none.
LoadResult run_load(const LoadOptions& options, Addresses& addresses, const NextRequest& next);

}  // namespace cardea::bench
