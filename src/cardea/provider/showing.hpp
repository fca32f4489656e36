// What operators are told of a provider.
#pragma once

#include <string>

#include "cardea/provider/configuration.hpp"

namespace cardea::provider {

Listed listed(const std::string& name, const Entry& entry);
/// Without its secrets.
Shown shown(const std::string& name, const Entry& entry, const Options& options);

}  // namespace cardea::provider
