// The program under measurement, on a database file, with the settings a start needs and no others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/process.hpp"

namespace cardea::bench {

/// Where it is served from. A start outside development mode wants a key and an origin; all else is
/// as it comes, unless `settings` says otherwise.
struct Site {
    std::string folder;
    std::string key;
    std::uint16_t port = 0;
    std::vector<std::string> settings;  ///< `CARDEA_SECTION_KEY=value`, added to the environment.

    std::string database() const { return folder + "/cardea.db"; }
};
Site make_site(const WorkFolder& work, const std::string& name);

enum class Mode { production, development };

/// Starts the program and waits until it answers.
std::unique_ptr<Process> serve(const Site& site, const std::string& program,
                               Mode mode = Mode::production);

/// Makes the site's database, with that many accounts and a session of each, and gives the
/// sessions' tokens in no order. The product's own stores write it.
std::vector<std::string> seed_sessions(const Site& site, int count);

}  // namespace cardea::bench
