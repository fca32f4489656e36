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
constexpr double most_resident_mib = 20;
constexpr double largest_binary_mib = 12;

/// What was measured of one of the two programs.
struct Side {
    std::vector<double> start_ms;
    std::vector<double> start_cpu_ms;
    std::vector<double> resident_mib;
    std::vector<double> anonymous_mib;
};

class Bench {
  public:
    Bench();
    int run();

  private:
    std::unique_ptr<Process> start_cardea();
    std::unique_ptr<Process> start_empty();
    static void note_start(Side& side, const Process& process);
    static void note_memory(Side& side, const Process& process);
    double stripped_mib(const std::string& program) const;

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
    note_start(cardea_, *process);
    return process;
}

std::unique_ptr<Process> Bench::start_empty() {
    auto port = free_port();
    Command command{{EMPTY_SERVER_PROGRAM, std::to_string(port), "response"}, {}, empty_folder_};
    auto process = std::make_unique<Process>(command);
    process->wait_until_healthy(port);
    note_start(empty_, *process);
    return process;
}

void Bench::note_start(Side& side, const Process& process) {
    std::chrono::duration<double, std::milli> took = Steady::now() - process.started_at();
    side.start_ms.push_back(took.count());
    side.start_cpu_ms.push_back(process.cpu_seconds() * 1000);
}

void Bench::note_memory(Side& side, const Process& process) {
    auto memory = process.memory();
    side.resident_mib.push_back(memory.resident_mib);
    side.anonymous_mib.push_back(memory.anonymous_mib);
}

double Bench::stripped_mib(const std::string& program) const {
    auto copy = work_.path() + "/stripped";
    auto command = fmt::format("strip -o '{}' '{}'", copy, program);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("strip failed");
    return static_cast<double>(std::filesystem::file_size(copy)) / (1024 * 1024);
}

int Bench::run() {
    for (int i = 0; i < starts; ++i) {
        (void)start_cardea();
        (void)start_empty();
    }
    report_.add_at_most(compare("first answer", "ms", cardea_.start_ms, empty_.start_ms),
                        longest_start_ms);
    report_.add(compare("processor time to the first answer", "ms", cardea_.start_cpu_ms,
                        empty_.start_cpu_ms));
    for (int i = 0; i < memory_rounds; ++i) {
        auto cardea = start_cardea();
        auto empty = start_empty();
        std::this_thread::sleep_for(settle_time);
        note_memory(cardea_, *cardea);
        note_memory(empty_, *empty);
    }
    report_.add_at_most(
        compare("resident memory", "MiB", cardea_.resident_mib, empty_.resident_mib),
        most_resident_mib);
    report_.add(compare("anonymous memory", "MiB", cardea_.anonymous_mib, empty_.anonymous_mib));
    std::vector size{stripped_mib(CARDEA_PROGRAM)};
    std::vector empty_size{stripped_mib(EMPTY_SERVER_PROGRAM)};
    report_.add_at_most(compare("stripped binary", "MiB", size, empty_size), largest_binary_mib);
    return report_.end();
}

}  // namespace

int main() {
    return guarded("start", [] { return Bench().run(); });
}
