// What the password engine is worth: on one core, behind the HTTP server, and when far too many
// come.
#include <cstring>
#include <stdexcept>

#include "benchmarks/password_engine.hpp"
#include "benchmarks/password_http.hpp"
#include "benchmarks/password_plot.hpp"
#include "benchmarks/report.hpp"

namespace {

using namespace cardea::bench;

struct Words {
    bool engine = true;
    bool http = true;
    std::string plot;  ///< The file to write.
};

Words read(int count, char** words) {
    Words read;
    for (int i = 1; i < count; ++i) {
        std::string word = words[i];
        if (word == "--engine") {
            read.http = false;
        } else if (word == "--http") {
            read.engine = false;
        } else if (word == "--plot" && i + 1 < count) {
            read.plot = words[++i];
        } else {
            throw std::runtime_error("password [--engine | --http] [--plot FILE.svg]");
        }
    }
    return read;
}

int run(const Words& words) {
    Report report("password");
    if (words.engine) {
        auto ratios = measure_engine(report);
        if (!words.plot.empty()) write_plot(ratios, words.plot);
    }
    if (words.http) measure_http(report);
    return report.end();
}

}  // namespace

int main(int count, char** words) {
    return guarded("password", [&] { return run(read(count, words)); });
}
