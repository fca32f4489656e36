// A program to be killed: `sign_up_program PATH COUNT [SYNCHRONOUS]` signs people up one after the
// other and writes `ack ID` when each is durable; `sign_up_program PATH migrate` applies the
// product's migrations.
#include <unistd.h>

#include <iostream>

#include "tests/faults/look.hpp"

namespace {

using namespace cardea;

int migrate(const db::sqlite::Options& options) {
    auto done = db::sqlite::migrate(options, db::migrations());
    if (!done) std::cerr << done.error().describe() << "\n";
    return done ? 0 : 1;
}

// One write call an acknowledgement, as a server sends its answer.
void acknowledge(const std::string& id) {
    auto line = "ack " + id + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(1);
}

int sign_people_up(const db::sqlite::Options& options, int count) {
    asio::io_context io(1);
    auto migrated = db::sqlite::migrate(options, faults::sign_up_tables());
    if (!migrated) return 1;
    auto database = db::sqlite::open(io.get_executor(), options);
    if (!database) return 1;
    for (int i = 0; i < count; ++i) {
        auto id = std::to_string(getpid()) + "-" + std::to_string(i);
        auto done = run(io, faults::sign_up(**database, id));
        if (!done) {
            std::cerr << done.error().describe() << "\n";
            return 1;
        }
        acknowledge(id);
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) return 2;
    db::sqlite::Options options;
    options.path = words[1];
    std::string what = words[2];
    if (count > 3) options.synchronous = words[3];
    return what == "migrate" ? migrate(options) : sign_people_up(options, std::stoi(what));
}
