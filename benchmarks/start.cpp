// From exec to the first answer, memory and size of the program, beside an empty server that links
// the same libraries.
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "benchmarks/cardea.hpp"
#include "benchmarks/report.hpp"

namespace {

using namespace cardea::bench;
using namespace std::chrono_literals;

constexpr int starts = 15;
constexpr int memory_rounds = 3;
constexpr auto settle_time = 5s;
constexpr double longest_start_ms = 50;
constexpr double most_resident_mb = 20;
constexpr double largest_binary_mb = 12;

/// What was measured of one of the two programs.
struct Side {
    std::vector<double> start_ms;
    std::vector<double> resident_mb;
    std::vector<double> anonymous_mb;
};

class Bench {
  public:
    Bench();
    int run();

  private:
    std::unique_ptr<Process> start_cardea();
    std::unique_ptr<Process> start_empty();
    void note_start(Side& side, Steady::time_point began);
    static void note_memory(Side& side, const Process& process);
    double stripped_mb(const std::string& program) const;

    WorkFolder work_;
    Site site_;
    std::string empty_folder_;
    Side cardea_;
    Side empty_;
    Report report_{"start"};
};

Bench::Bench() : site_(make_site(work_, "cardea")), empty_folder_(work_.make("empty")) {
    pin_to_core(cores().client);
    std::ofstream(empty_folder_ + "/response", std::ios::binary)
        << "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
    // The file exists from here on, with a page of data in each table that a start reads.
    (void)seed_sessions(site_, 100);
    (void)start_cardea();
    (void)start_empty();
    cardea_ = empty_ = {};
}

std::unique_ptr<Process> Bench::start_cardea() {
    auto process = serve(site_, CARDEA_PROGRAM);
    note_start(cardea_, process->started_at());
    return process;
}

std::unique_ptr<Process> Bench::start_empty() {
    auto port = free_port();
    Command command{{EMPTY_SERVER_PROGRAM, std::to_string(port), "response"}, {}, empty_folder_};
    auto process = std::make_unique<Process>(command);
    process->wait_until_healthy(port);
    note_start(empty_, process->started_at());
    return process;
}

void Bench::note_start(Side& side, Steady::time_point began) {
    std::chrono::duration<double, std::milli> took = Steady::now() - began;
    side.start_ms.push_back(took.count());
}

void Bench::note_memory(Side& side, const Process& process) {
    auto memory = process.memory();
    side.resident_mb.push_back(memory.resident_mb);
    side.anonymous_mb.push_back(memory.anonymous_mb);
}

double Bench::stripped_mb(const std::string& program) const {
    auto copy = work_.path() + "/stripped";
    auto command = fmt::format("strip -o '{}' '{}'", copy, program);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("strip failed");
    return static_cast<double>(std::filesystem::file_size(copy)) / 1e6;
}

int Bench::run() {
    for (int i = 0; i < starts; ++i) {
        (void)start_cardea();
        (void)start_empty();
    }
    report_.add_at_most(compare("first answer", "ms", cardea_.start_ms, empty_.start_ms),
                        longest_start_ms);
    for (int i = 0; i < memory_rounds; ++i) {
        auto cardea = start_cardea();
        auto empty = start_empty();
        std::this_thread::sleep_for(settle_time);
        note_memory(cardea_, *cardea);
        note_memory(empty_, *empty);
    }
    report_.add_at_most(compare("resident memory", "MB", cardea_.resident_mb, empty_.resident_mb),
                        most_resident_mb);
    report_.add(compare("anonymous memory", "MB", cardea_.anonymous_mb, empty_.anonymous_mb));
    std::vector size{stripped_mb(CARDEA_PROGRAM)};
    std::vector empty_size{stripped_mb(EMPTY_SERVER_PROGRAM)};
    report_.add_at_most(compare("stripped binary", "MB", size, empty_size), largest_binary_mb);
    return report_.end();
}

}  // namespace

int main() {
    try {
        return Bench().run();
    } catch (const std::exception& e) {
        fmt::print(stderr, "bench start failed: {}\n", e.what());
        return 1;
    }
}
