// Durable sign-ups a second, 64 at a time: many in one commit against one each, at db:: and over
// HTTP, where the program is linked with a password kernel that costs nothing.
#include <fmt/format.h>

#include <stdexcept>

#include "benchmarks/cardea.hpp"
#include "benchmarks/group_commit.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/report.hpp"
#include "benchmarks/sync_time.hpp"
#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace {

using namespace cardea::bench;
using namespace std::chrono_literals;

constexpr int rounds = 7;
constexpr auto round_time = 1500ms;
constexpr int clients = 64;
// Half of what [throttle] lets an address sign up before the first wait.
constexpr int sign_ups_an_address = 30;
// Where a sync costs less, there is nothing to share.
constexpr double measurable_sync_us = 100;

/// One program that takes sign-ups, with what was measured of it.
class SignUps {
  public:
    SignUps(const WorkFolder& work, const std::string& name, std::vector<std::string> settings)
        : site_(make_site(work, name)) {
        site_.settings = std::move(settings);
        site_.settings.push_back("CARDEA_PASSWORD_KERNEL=libxcrypt");
        process_ = serve(site_, CARDEA_WITHOUT_HASH_PROGRAM);
    }

    void measure(Addresses& addresses) {
        auto next = [this] { return request(); };
        LoadOptions options{.port = site_.port, .connections = clients, .expected_status = 201};
        options.duration = round_time;
        options.requests_per_address = sign_ups_an_address;
        rates.push_back(run_load(options, addresses, next).rate());
    }

    Site stop() {
        process_.reset();
        return site_;
    }

    std::vector<double> rates;

  private:
    std::string request() {
        auto body = fmt::format(
            R"({{"email":"person{}@example.com","password":"correct horse","transport":"bearer"}})",
            next_++);
        return fmt::format(
            "POST /v1/accounts HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
            "Content-Length: {}\r\n\r\n{}",
            site_.port, body.size(), body);
    }

    Site site_;
    std::unique_ptr<Process> process_;
    int next_ = 0;
};

constexpr cardea::db::Statement count_hashed{
    "bench.count_hashed",
    "SELECT count(*) FROM accounts "
    "WHERE password_hash NOT LIKE '$2b$%...............................'"};

cardea::Task<std::int64_t> count_rows(cardea::db::Database& database) {
    auto rows = co_await database.run(count_hashed, {});
    if (!rows) co_return std::unexpected(rows.error());
    co_return rows->rows[0][0].as_integer();
}

/// The kernel of free_kernel.cpp leaves a digest of zeros, which reads as dots.
void demand_that_nothing_was_hashed(const Site& site) {
    namespace asio = boost::asio;
    asio::io_context io(1);
    cardea::db::sqlite::Options options;
    options.path = site.database();
    auto database = cardea::db::sqlite::open(io.get_executor(), options);
    if (!database) throw std::runtime_error(database.error().describe());
    std::int64_t hashed = -1;
    auto keep = [&](std::exception_ptr, cardea::Result<std::int64_t> count) {
        hashed = count.value_or(-1);
        (*database)->close();
    };
    asio::co_spawn(io, count_rows(**database), keep);
    io.run();
    if (hashed != 0) throw std::runtime_error("the password hash was not left out");
}

class Bench {
  public:
    Bench() {
        pin_to_core(cores().client);
        cardea::db::sqlite::keep_memory_simple();  // as the program does
    }
    int run();

  private:
    void measure_database();
    void measure_http();
    void add(Figure figure, const SyncTime& sync, double bound);

    WorkFolder work_;
    Report report_{"store"};
};

// In turn, so that whatever else the machine does meets both.
void Bench::measure_database() {
    SyncTime sync(work_.path());
    GroupCommit grouped(work_.path() + "/grouped.db", clients);
    GroupCommit single(work_.path() + "/single.db", 1);
    std::vector<double> rates;
    std::vector<double> baselines;
    for (int i = 0; i < rounds; ++i) {
        rates.push_back(grouped.sign_ups_a_second());
        baselines.push_back(single.sign_ups_a_second());
        sync.sample();
    }
    add(compare("sign-ups at db::", "1/s", rates, baselines), sync, 5);
    report_.add(
        {.name = "transactions a commit", .value = grouped.transactions_a_commit(), .unit = "1"});
}

void Bench::measure_http() {
    Addresses addresses;
    SyncTime sync(work_.path());
    SignUps grouped(work_, "grouped", {});
    SignUps single(work_, "single", {"CARDEA_DATABASE_GROUP_LIMIT=1"});
    for (int i = 0; i < rounds; ++i) {
        grouped.measure(addresses);
        single.measure(addresses);
        sync.sample();
    }
    demand_that_nothing_was_hashed(grouped.stop());
    demand_that_nothing_was_hashed(single.stop());
    add(compare("sign-ups over HTTP", "1/s", grouped.rates, single.rates), sync, 4);
}

void Bench::add(Figure figure, const SyncTime& sync, double bound) {
    auto sync_us = sync.median_us();
    report_.add({.name = "median fdatasync", .value = sync_us, .unit = "us"});
    if (sync_us >= measurable_sync_us) return report_.add_ratio_at_least(figure, bound);
    figure.note = "not measurable here";
    report_.add(figure);
}

int Bench::run() {
    measure_database();
    measure_http();
    return report_.end();
}

}  // namespace

int main() {
    return guarded("store", [] { return Bench().run(); });
}
