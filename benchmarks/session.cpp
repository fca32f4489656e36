// Requests a second of GET /v1/session with a bearer token, beside a bare Beast server that sends
// the same bytes; with 100 and with 100 000 sessions, and what the cache of them costs.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "benchmarks/cardea.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/report.hpp"

namespace {

using namespace cardea::bench;
using namespace std::chrono_literals;

constexpr int few_sessions = 100;
constexpr int many_sessions = 100'000;
constexpr int rounds = 11;
constexpr auto round_time = 700ms;
constexpr int cold_rounds = 5;
constexpr int small_cache = 10'000;
constexpr double bytes_a_mib = 1024 * 1024;
constexpr double bytes_a_session = 600;  // what the setting's note promises

/// One server of the comparison with what was measured on it.
struct Side {
    std::uint16_t port = 0;
    std::unique_ptr<Process> process;
    std::vector<std::string> tokens;
    std::vector<double> rates;
    std::vector<double> cpu_rates;  ///< Requests a second of processor time.
};

std::string request(const Side& side, const std::string& token) {
    return fmt::format(
        "GET /v1/session HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\r\n",
        side.port, token);
}

class Bench {
  public:
    Bench();
    int run();

  private:
    Site seed(const std::string& name, int sessions, Side& side);
    void start_bare(const std::string& response);
    std::string answer_of(Side& side);

    LoadResult load(Side& side, const LoadOptions& options, const NextRequest& next);
    void measure(Side& side);
    /// Every token once, in `parts` parts, with the bare server measured before each.
    void pass_through_all(Side& side, int parts);
    void measure_cold();
    void measure_warm();
    void measure_bounded_cache();

    WorkFolder work_;
    Addresses addresses_;
    std::mt19937_64 random_{std::random_device{}()};
    Side few_;
    Side many_;
    Side bare_;
    Site many_site_;
    double cache_mib_ = 0;  // of all sessions
    Report report_{"session"};
};

Bench::Bench() {
    pin_to_core(cores().client);
    auto few_site = seed("few", few_sessions, few_);
    many_site_ = seed("many", many_sessions, many_);
    few_.process = serve(few_site, CARDEA_PROGRAM);
    start_bare(answer_of(few_));
}

Site Bench::seed(const std::string& name, int sessions, Side& side) {
    auto site = make_site(work_, name);
    side.tokens = seed_sessions(site, sessions);
    side.port = site.port;
    return site;
}

void Bench::start_bare(const std::string& response) {
    auto folder = work_.make("bare");
    std::ofstream(folder + "/response", std::ios::binary) << response;
    bare_.port = free_port();
    bare_.tokens = few_.tokens;
    Command command{{BARE_BEAST_PROGRAM, std::to_string(bare_.port), "response"}, {}, folder};
    bare_.process = std::make_unique<Process>(command);
    bare_.process->wait_until_healthy(bare_.port);
    if (answer_of(bare_).size() != response.size()) {
        throw std::runtime_error("the baseline does not send the same number of bytes");
    }
}

std::string Bench::answer_of(Side& side) {
    LoadOptions once{.port = side.port, .connections = 1, .limit = 1};
    auto ask = [&] { return request(side, side.tokens[0]); };
    return load(side, once, ask).first_response;
}

LoadResult Bench::load(Side& side, const LoadOptions& options, const NextRequest& next) {
    auto before = side.process->cpu_seconds();
    auto result = run_load(options, addresses_, next);
    auto spent = side.process->cpu_seconds() - before;
    side.rates.push_back(result.rate());
    side.cpu_rates.push_back(static_cast<double>(result.requests) / spent);
    return result;
}

void Bench::measure(Side& side) {
    std::uniform_int_distribution<std::size_t> any(0, side.tokens.size() - 1);
    auto next = [&] { return request(side, side.tokens[any(random_)]); };
    (void)load(side, {.port = side.port, .duration = round_time}, next);
}

void Bench::pass_through_all(Side& side, int parts) {
    std::size_t at = 0;
    auto next = [&] { return request(side, side.tokens[at++ % side.tokens.size()]); };
    auto part = side.tokens.size() / static_cast<std::size_t>(parts);
    for (int i = 0; i < parts; ++i) {
        measure(bare_);
        (void)load(side, {.port = side.port, .duration = 10min, .limit = part}, next);
    }
}

void forget(Side& side) {
    side.rates.clear();
    side.cpu_rates.clear();
}

void Bench::measure_cold() {
    many_.process = serve(many_site_, CARDEA_PROGRAM);
    auto before = many_.process->memory().anonymous_mib;
    forget(bare_);
    pass_through_all(many_, cold_rounds);
    cache_mib_ = many_.process->memory().anonymous_mib - before;
    report_.add(compare("cache cold", "1/s", many_.rates, bare_.rates));
    Figure memory{.name = "memory of a cached session",
                  .value = cache_mib_ * bytes_a_mib / many_sessions,
                  .unit = "bytes"};
    report_.add_at_most(memory, bytes_a_session);
}

void Bench::measure_warm() {
    for (auto* side : {&few_, &many_, &bare_}) {
        measure(*side);
        forget(*side);
    }
    for (int i = 0; i < rounds; ++i) {
        for (auto* side : {&many_, &bare_, &few_}) measure(*side);
    }
    auto against_bare = [this](std::string name, const Side& side) {
        report_.add_ratio_at_least(compare(name, "1/s", side.rates, bare_.rates), 0.5);
        // Where the client is what limits the bare server, this ratio still tells.
        report_.add_ratio_at_least(
            compare(name + ", a second of CPU", "1/s", side.cpu_rates, bare_.cpu_rates), 0.5);
    };
    against_bare("100 sessions", few_);
    against_bare("100 000 sessions", many_);
    report_.add_ratio_at_least(
        compare("100 000 sessions against 100", "1/s", many_.rates, few_.rates), 0.85);
}

void Bench::measure_bounded_cache() {
    many_.process.reset();
    many_site_.settings = {fmt::format("CARDEA_SESSION_CACHE_ENTRIES={}", small_cache)};
    many_.process = serve(many_site_, CARDEA_PROGRAM);
    auto before = many_.process->memory().anonymous_mib;
    pass_through_all(many_, 1);
    auto grown = many_.process->memory().anonymous_mib - before;
    Figure memory{.name = "memory of a cache of 10 000 after 100 000 sessions",
                  .value = grown,
                  .unit = "MiB",
                  .baseline = cache_mib_,
                  .ratio = grown / cache_mib_};
    report_.add_at_most(memory, small_cache * bytes_a_session / bytes_a_mib + 4);
}

int Bench::run() {
    measure_cold();
    measure_warm();
    measure_bounded_cache();
    return report_.end();
}

}  // namespace

int main() {
    return guarded("session", [] { return Bench().run(); });
}
