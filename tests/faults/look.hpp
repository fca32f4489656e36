// Opens a file after a crash and tells what is there.
#pragma once

#include "tests/faults/sign_ups.hpp"
#include "tests/support/run.hpp"

namespace cardea::faults {

inline Found look(const std::string& path) {
    asio::io_context io(1);
    db::sqlite::Options options;
    options.path = path;
    auto opened = db::sqlite::open(io.get_executor(), options);
    if (!opened) return {opened.error().describe(), {}};
    auto& database = **opened;
    auto sound = run(io, database.run(check_integrity, {}));
    if (!sound) return {sound.error().describe(), {}};
    if (sound->rows.at(0).at(0).as_text() != "ok") return {sound->rows[0][0].as_text(), {}};
    auto people = run(io, database.run(list_people, {}));
    auto halves = run(io, database.run(list_halves, {}));
    // Before the tables were made there is nobody.
    if (!people || !halves) return {};
    Found found;
    for (const auto& row : people->rows) found.people.insert(row[0].as_text());
    if (!halves->empty()) found.problem = "there by half: " + halves->rows[0][0].as_text();
    return found;
}

}  // namespace cardea::faults
