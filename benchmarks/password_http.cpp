#include "benchmarks/password_http.hpp"

#include <crypt.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <time.h>

#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>

#include "benchmarks/cardea.hpp"
#include "benchmarks/process.hpp"
#include "benchmarks/traffic.hpp"

namespace cardea::bench {

namespace {

using namespace std::chrono_literals;

constexpr int accounts = 1000;
constexpr int clients = 32;
constexpr int rounds = 5;
constexpr double offered_reads = 2000;  // a second
constexpr double overload = 10;
// Fewer than the throttle lets an address try.
constexpr int requests_per_address = 20;
constexpr std::string_view password = "correct horse battery";
constexpr const char* setting = "$2b$10$abcdefghijklmnopqrstuu";

struct Rates {
    std::vector<double> wall;
    std::vector<double> cpu;  ///< A second of processor time.

    void add(std::size_t count, double seconds, double cpu_seconds) {
        wall.push_back(static_cast<double>(count) / seconds);
        cpu.push_back(static_cast<double>(count) / cpu_seconds);
    }
};

double seconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Two threads that call crypt_r, one on each core.
void run_crypt(Rates& rates) {
    constexpr int hashes = 20;
    auto work = [](int core) {
        pin_to_core(core);
        crypt_data data{};
        for (int i = 0; i < hashes; ++i) crypt_rn(password.data(), setting, &data, sizeof data);
    };
    auto begun = seconds_of(CLOCK_MONOTONIC);
    auto cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    {
        std::jthread first(work, cores().server);
        std::jthread second(work, cores().client);
    }
    rates.add(2 * hashes, seconds_of(CLOCK_MONOTONIC) - begun,
              seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before);
}

/// Two logical processors of one core: what they do together is not twice what one does.
bool cores_are_siblings() {
    auto name = fmt::format("/sys/devices/system/cpu/cpu{}/topology/core_id", cores().server);
    auto other = fmt::format("/sys/devices/system/cpu/cpu{}/topology/core_id", cores().client);
    int first = -1;
    int second = -2;
    std::ifstream(name) >> first;
    std::ifstream(other) >> second;
    return first == second;
}

void give_everybody_the_password(const Site& site) {
    crypt_data data{};
    std::string hash = crypt_rn(password.data(), setting, &data, sizeof data);
    sqlite3* database = nullptr;
    auto statement = "UPDATE accounts SET password_hash = '" + hash + "'";
    bool done = sqlite3_open(site.database().c_str(), &database) == SQLITE_OK &&
                sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_close(database);
    if (!done) throw std::runtime_error("the accounts got no password");
}

/// The program, free to use both cores.
std::unique_ptr<Process> serve_on_both_cores(const Site& site) {
    Command command;
    command.folder = site.folder;
    command.words = {
        "/usr/bin/taskset",       "-c",    fmt::format("{},{}", cores().server, cores().client),
        CARDEA_PROGRAM,           "serve", "--port",
        std::to_string(site.port)};
    command.environment = {"SECRET_KEY=" + site.key, "DATABASE_URL=sqlite:" + site.database(),
                           fmt::format("PUBLIC_URL=http://127.0.0.1:{}", site.port)};
    auto process = std::make_unique<Process>(command);
    process->wait_until_healthy(site.port);
    return process;
}

class Bench {
  public:
    explicit Bench(Report& report);
    void measure_sign_ins();
    void measure_reads();
    void measure_overload();

  private:
    std::string sign_in(const std::string& email) const;
    /// Of the accounts one after the other: none has two attempts under way.
    std::string right_sign_in();
    std::string any_sign_in();
    std::string read();
    TrafficOptions options(int connections) const;
    TrafficResult sign_in_for(std::chrono::milliseconds duration);
    void add_sign_ins(Figure figure);
    TrafficResult read_for(std::chrono::milliseconds duration, double rate);

    Report& report_;
    WorkFolder work_;
    Site site_;
    std::vector<std::string> tokens_;
    std::unique_ptr<Process> process_;
    Addresses sign_in_addresses_;
    Addresses read_addresses_;
    int next_account_ = 0;
    int next_stranger_ = 0;
    std::size_t next_token_ = 0;
    double capacity_ = 0;  // sign-ins a second
};

Bench::Bench(Report& report) : report_(report), site_(make_site(work_, "site")) {
    tokens_ = seed_sessions(site_, accounts);
    give_everybody_the_password(site_);
    process_ = serve_on_both_cores(site_);
}

std::string Bench::sign_in(const std::string& email) const {
    auto body = fmt::format(R"({{"email":"{}","password":"{}"}})", email, password);
    return fmt::format(
        "POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        site_.port, body.size(), body);
}

std::string Bench::right_sign_in() {
    return sign_in(fmt::format("person{:06}@example.com", next_account_++ % accounts));
}

std::string Bench::any_sign_in() {
    bool is_stranger = next_stranger_++ % 2 == 0;
    if (!is_stranger) return right_sign_in();
    return sign_in(fmt::format("stranger{:06}@example.com", next_stranger_));
}

std::string Bench::read() {
    return fmt::format(
        "GET /v1/session HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\r\n",
        site_.port, tokens_[next_token_++ % tokens_.size()]);
}

TrafficOptions Bench::options(int connections) const {
    TrafficOptions result;
    result.port = site_.port;
    result.connections = connections;
    return result;
}

void expect_only(const TrafficResult& result, std::initializer_list<int> statuses) {
    std::size_t expected = 0;
    for (int status : statuses) expected += result.count(status);
    if (expected == result.answers.size() && expected > 0) return;
    for (const auto& answer : result.answers) {
        if (std::ranges::find(statuses, answer.status) == statuses.end()) {
            throw std::runtime_error(fmt::format("an answer of status {}", answer.status));
        }
    }
    throw std::runtime_error("no answer at all");
}

TrafficResult Bench::sign_in_for(std::chrono::milliseconds duration) {
    auto traffic = options(clients);
    traffic.duration = duration;
    traffic.requests_per_address = requests_per_address;
    auto result = run_traffic(traffic, sign_in_addresses_, [this] { return right_sign_in(); });
    expect_only(result, {201});
    return result;
}

void Bench::measure_sign_ins() {
    Rates sign_ins;
    Rates crypt;
    (void)sign_in_for(500ms);
    for (int i = 0; i < rounds; ++i) {
        run_crypt(crypt);
        auto cpu_before = process_->cpu_seconds();
        auto result = sign_in_for(4s);
        sign_ins.add(result.answers.size(), result.seconds, process_->cpu_seconds() - cpu_before);
    }
    capacity_ = median(sign_ins.wall);
    constexpr auto name = "POST /v1/session, 32 clients, two cores, cost 10";
    add_sign_ins(compare(name, "1/s", sign_ins.wall, crypt.wall));
    // What else runs on the machine takes time from both sides, but not the same.
    add_sign_ins(compare(fmt::format("{}, a second of CPU", name), "1/s", sign_ins.cpu, crypt.cpu));
}

void Bench::add_sign_ins(Figure figure) {
    if (!cores_are_siblings()) return report_.add_ratio_at_least(figure, 2.6);
    figure.note = "two logical processors of one core: not required";
    report_.add(figure);
}

TrafficResult Bench::read_for(std::chrono::milliseconds duration, double rate) {
    auto traffic = options(clients);
    traffic.duration = duration;
    traffic.rate = rate;
    auto result = run_traffic(traffic, read_addresses_, [this] { return read(); });
    expect_only(result, {200});
    return result;
}

void Bench::measure_reads() {
    std::vector<double> idle;
    std::vector<double> saturated;
    std::vector<double> p99;
    for (int i = 0; i < rounds; ++i) {
        idle.push_back(read_for(1s, 0).rate());
        // Long enough for both measurements; it ends by itself.
        auto sign_ins = std::async(std::launch::async, [this] { return sign_in_for(5s); });
        std::this_thread::sleep_for(500ms);
        saturated.push_back(read_for(1s, 0).rate());
        p99.push_back(read_for(3s, offered_reads).quantile_ms(200, 0.99));
        (void)sign_ins.get();
    }
    report_.add_at_most({.name = "GET /v1/session at 2 000/s among sign-ins, p99",
                         .value = median(p99),
                         .unit = "ms",
                         .baseline = {},
                         .ratio = {},
                         .note = {}},
                        10);
    report_.add_ratio_at_least(
        compare("GET /v1/session among sign-ins, closed loop", "1/s", saturated, idle), 0.5);
}

Figure plain(std::string name, double value, std::string unit) {
    return {std::move(name), value, std::move(unit), {}, {}, {}};
}

void Bench::measure_overload() {
    auto traffic = options(1000);
    traffic.rate = overload * capacity_;
    traffic.duration = 4s;
    traffic.requests_per_address = requests_per_address;
    auto next = [this] { return any_sign_in(); };
    // Whatever grows to a bound has grown to it after the first time.
    expect_only(run_traffic(traffic, sign_in_addresses_, next), {201, 401, 503});
    auto memory = process_->memory().resident_mib;
    auto result = run_traffic(traffic, sign_in_addresses_, next);
    auto grown = process_->memory().resident_mib - memory;
    expect_only(result, {201, 401, 503});
    for (const auto& answer : result.answers) {
        if (answer.status == 503 && !answer.has_retry_after) {
            throw std::runtime_error("a 503 without Retry-After");
        }
    }
    auto accepted = std::max(result.quantile_ms(201, 1), result.quantile_ms(401, 1));
    report_.add(plain("ten times too many: offered", result.rate(), "1/s"));
    report_.add(
        plain("ten times too many: signed in", static_cast<double>(result.count(201)) / 4, "1/s"));
    report_.add_at_most(
        plain("ten times too many: 503 after, p99", result.quantile_ms(503, 0.99), "ms"), 50);
    report_.add_at_most(plain("ten times too many: accepted ones after, at most", accepted, "ms"),
                        60'000);
    report_.add_at_most(plain("ten times too many: memory grown", grown, "MB"), 4);
}

}  // namespace

void measure_http(Report& report) {
    Bench bench(report);
    bench.measure_sign_ins();
    bench.measure_reads();
    bench.measure_overload();
}

}  // namespace cardea::bench
