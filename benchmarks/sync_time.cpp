#include "benchmarks/sync_time.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "benchmarks/report.hpp"

namespace cardea::bench {

namespace {

using Steady = std::chrono::steady_clock;

// As many pages as a WAL has between two checkpoints; after the first round they are written over,
// as a WAL is.
constexpr int pages = 50;
constexpr std::size_t page_size = 4096;

void write_page(int file, int number) {
    std::array<char, page_size> page;
    page.fill('x');
    auto at = static_cast<off_t>(number) * static_cast<off_t>(page_size);
    if (pwrite(file, page.data(), page.size(), at) < 0) throw std::runtime_error("disk full");
}

}  // namespace

SyncTime::SyncTime(const std::string& folder)
    : file_(::open((folder + "/sync").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    for (int i = 0; i < pages; ++i) write_page(file_, i);
    if (file_ < 0 || fsync(file_) != 0) throw std::runtime_error("no file in " + folder);
}

SyncTime::~SyncTime() {
    close(file_);
}

void SyncTime::sample() {
    for (int i = 0; i < pages; ++i) {
        write_page(file_, i);
        auto start = Steady::now();
        (void)fdatasync(file_);
        std::chrono::duration<double, std::micro> took = Steady::now() - start;
        times_us_.push_back(took.count());
    }
}

double SyncTime::median_us() const {
    return median(times_us_);
}

}  // namespace cardea::bench
