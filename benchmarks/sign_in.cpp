#include "benchmarks/sign_in.hpp"

#include <fmt/format.h>

#include <atomic>
#include <exception>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "benchmarks/cardea.hpp"
#include "benchmarks/http_connection.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/sign_in_floor.hpp"
#include "cardea/db/sqlite/sqlite.hpp"

namespace cardea::bench {
namespace {

using namespace std::chrono_literals;

/// It signs its ID tokens with ES256, and its profile is a call of its own.
constexpr const char* provider = "yahoo";
constexpr const char* authorization_path = "/api.login.yahoo.com/oauth2/request_auth";
constexpr int browsers = 16;
constexpr int known_people = 200;
constexpr int many_accounts = 100'000;
constexpr int rounds = 9;
constexpr auto round_time = 1200ms;
constexpr auto bare_time = 400ms;
constexpr double most_requests = 20;
constexpr double most_growth = 1.25;

std::string path_of(const std::string& url) {
    auto host = url.find("://") + 3;
    return url.substr(url.find('/', host));
}

std::string must_have(const std::string& response, int status, const char* field) {
    auto value = field_of(response, field);
    if (status_of(response) == status && !value.empty()) return value;
    throw std::runtime_error(fmt::format("sign-in: {} with {} was expected, and this came:\n{}",
                                         status, field, response));
}

/// A server with its provider's emulator, and what was measured on it.
struct Side {
    Site site;
    std::unique_ptr<Process> process;
    std::vector<double> cpu_us;  ///< Of the process, a sign-in.
    std::vector<double> rates;
};

/// One person in one browser.
class Browser {
  public:
    Browser(Addresses& addresses, std::uint16_t server, std::uint16_t emulator)
        : server_(addresses.take(), server), emulator_(addresses.take(), emulator) {}

    void sign_in(int person) {
        auto begun = server_.get(fmt::format("/auth/{}", provider));
        auto url = must_have(begun, 303, "Location");
        auto cookie = must_have(begun, 303, "Set-Cookie");
        cookie = cookie.substr(0, cookie.find(';'));
        auto hint = fmt::format("&login_hint=person{}@people.example", person);
        auto back = must_have(emulator_.get(path_of(url) + hint), 302, "Location");
        auto done = server_.get(path_of(back), cookie);
        (void)must_have(done, 303, "Set-Cookie");
    }

  private:
    HttpConnection server_;
    HttpConnection emulator_;
};

class SignIns {
  public:
    explicit SignIns(Report& report) : report_(report) {}
    void measure();

  private:
    void start_emulator();
    void start_bare();
    Side start(const std::string& name, int accounts);
    /// Everybody signs in for the time, or each person of `people` once.
    int sign_in(Side& side, std::chrono::milliseconds time, int people = 0);
    void measure(Side& side);
    void measure_bare();
    void measure_floor();
    void measure_emulator();

    Report& report_;
    WorkFolder work_;
    Addresses addresses_;
    std::uint16_t emulator_port_ = 0;
    std::uint16_t bare_port_ = 0;
    std::vector<std::string> credentials_;
    std::unique_ptr<Process> emulator_;
    std::unique_ptr<Process> bare_;
    std::vector<double> bare_us_;
    std::unique_ptr<SignInFloor> floor_;
    std::vector<double> calls_us_;
    std::vector<double> verification_us_;
    std::vector<double> rows_us_;
    std::vector<double> floor_us_;
    std::vector<std::string> redirects_;
};

Side SignIns::start(const std::string& name, int accounts) {
    Side side;
    side.site = make_site(work_, name);
    if (accounts > 0) (void)seed_sessions(side.site, accounts);
    return side;
}

/// Callbacks of both servers are registered.
void SignIns::start_emulator() {
    Command command;
    command.folder = work_.make("emulator");
    command.beside_client = true;
    command.words = {CARDEA_PROGRAM, "emulate", "--port", std::to_string(emulator_port_)};
    for (const auto& uri : redirects_) {
        command.words.emplace_back("--redirect-uri");
        command.words.push_back(uri);
    }
    emulator_ = std::make_unique<Process>(command);
    emulator_->wait_until_healthy(emulator_port_);
}

void SignIns::start_bare() {
    auto folder = work_.make("bare");
    std::ofstream(folder + "/response", std::ios::binary)
        << "HTTP/1.1 303 See Other\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    bare_port_ = free_port();
    Command command{{BARE_BEAST_PROGRAM, std::to_string(bare_port_), "response"}, {}, folder};
    bare_ = std::make_unique<Process>(command);
}

int SignIns::sign_in(Side& side, std::chrono::milliseconds time, int people) {
    std::atomic<int> next = 0;
    std::atomic<int> done = 0;
    std::mutex guard;
    std::exception_ptr failure;
    auto end = Steady::now() + time;
    auto work = [&](int seed) {
        try {
            Browser browser(addresses_, side.site.port, emulator_port_);
            int person = seed;
            while (people > 0 ? (person = next++) < people : Steady::now() < end) {
                browser.sign_in(people > 0 ? person : person % known_people);
                person += browsers;
                ++done;
            }
        } catch (...) {
            std::lock_guard lock(guard);
            failure = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < browsers; ++i) threads.emplace_back(work, i);
    for (auto& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    return done;
}

void SignIns::measure(Side& side) {
    auto before = side.process->cpu_seconds();
    auto begun = Steady::now();
    auto count = sign_in(side, round_time);
    std::chrono::duration<double> took = Steady::now() - begun;
    side.cpu_us.push_back((side.process->cpu_seconds() - before) * 1e6 / count);
    side.rates.push_back(count / took.count());
}

void SignIns::measure_bare() {
    auto before = bare_->cpu_seconds();
    LoadOptions options{.port = bare_port_, .expected_status = 303, .duration = bare_time};
    auto request = fmt::format("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", bare_port_);
    auto result = run_load(options, addresses_, [&] { return request; });
    auto spent = bare_->cpu_seconds() - before;
    bare_us_.push_back(spent * 1e6 / static_cast<double>(result.requests));
}

void SignIns::measure_floor() {
    calls_us_.push_back(floor_->http_calls_us());
    verification_us_.push_back(floor_->verification_us());
    rows_us_.push_back(floor_->rows_us());
    floor_us_.push_back(2 * bare_us_.back() + calls_us_.back() + verification_us_.back() +
                        rows_us_.back());
}

/// The authorization requests alone: each sign-in needs one, and two calls that cost about the
/// same.
void SignIns::measure_emulator() {
    auto request = fmt::format(
        "GET {}?response_type=code&client_id={}-client&redirect_uri={}&scope=openid+profile+email"
        "&state=0123456789abcdef&nonce=0123456789abcdef HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        authorization_path, provider, redirects_.front(), emulator_port_);
    LoadOptions options{.port = emulator_port_, .expected_status = 302, .duration = round_time};
    auto result = run_load(options, addresses_, [&] { return request; });
    report_.add({.name = "the emulator's own ceiling, sharing a core with its client",
                 .value = result.rate() / 3,
                 .unit = "1/s",
                 .note = "authorization requests a second over the three that a sign-in makes"});
}

void SignIns::measure() {
    pin_to_core(cores().client);
    db::sqlite::keep_memory_simple();  // the floor gets what the program has
    emulator_port_ = free_port();
    Side few = start("few", 0);
    Side many = start("many", many_accounts);
    for (auto* side : {&few, &many})
        redirects_.push_back(
            fmt::format("http://127.0.0.1:{}/auth/callback/{}", side->site.port, provider));
    start_emulator();
    start_bare();
    for (auto* side : {&few, &many}) {
        side->site.settings = {
            fmt::format("CARDEA_OAUTH_EMULATOR=http://127.0.0.1:{}", emulator_port_),
            "YAHOO_CLIENT_ID=yahoo-client",
            "YAHOO_CLIENT_SECRET=s3cret: /%+&=?of the emulated yahoo client",
            "CARDEA_THROTTLE_OAUTH_BEGINS=100000", "CARDEA_LOG_LEVEL=warn"};
        side->process = serve(side->site, CARDEA_PROGRAM, Mode::development);
        sign_in(*side, 0ms, known_people);
    }
    floor_ = std::make_unique<SignInFloor>(work_.make("floor"), bare_port_);
    for (int i = 0; i < rounds; ++i) {
        measure_bare();
        measure_floor();
        measure(few);
        measure(many);
    }
    report_.add_ratio_at_most(compare("processor time of a sign-in, against a bare Beast request",
                                      "us", few.cpu_us, bare_us_),
                              most_requests);
    auto floor =
        compare("the same by bare Beast, libcurl, OpenSSL and SQLite", "us", floor_us_, bare_us_);
    floor.note = fmt::format(
        "two requests; two calls {:.0f}, one verification {:.0f}, and the rows of 16 sign-ins in "
        "one commit {:.0f} us",
        median(calls_us_), median(verification_us_), median(rows_us_));
    report_.add(floor);
    report_.add(compare("processor time of a sign-in, against the bare libraries", "us", few.cpu_us,
                        floor_us_));
    report_.add_ratio_at_most(compare("processor time of a sign-in, 100 000 accounts against few",
                                      "us", many.cpu_us, few.cpu_us),
                              most_growth);
    report_.add({.name = "sign-ins", .value = median(few.rates), .unit = "1/s"});
    measure_emulator();
}

}  // namespace

void measure_sign_ins(Report& report) {
    SignIns(report).measure();
}

}  // namespace cardea::bench
