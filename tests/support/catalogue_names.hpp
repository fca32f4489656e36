// Who is in the catalogue: for tests that are the same for each provider.
#pragma once

#include <string>
#include <vector>

#include "cardea/provider/catalogue.hpp"

namespace cardea {

inline std::vector<std::string> catalogue_names() {
    const auto& rows = provider::read_catalogue().value();
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const auto& [name, row] : rows) names.push_back(name);
    return names;
}

}  // namespace cardea
