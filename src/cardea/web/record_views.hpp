// An account's sessions and connections as its page shows them.
#pragma once

#include <string_view>
#include <vector>

#include "cardea/session/session.hpp"
#include "cardea/vault/connection.hpp"
#include "cardea/web/pages.hpp"

namespace cardea::web {

/// `current` is the id of the session that asks.
SessionView view_of(const session::Session& session, std::string_view current);
/// `providers` have the titles; one that is switched off shows its name.
ConnectionView view_of(const vault::Connection& connection,
                       const std::vector<ProviderView>& providers);

}  // namespace cardea::web
