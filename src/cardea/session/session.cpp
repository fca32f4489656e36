#include "cardea/session/session.hpp"

#include <algorithm>

namespace cardea::session {

bool Owner::has_role(std::string_view role) const {
    return std::ranges::find(roles, role) != roles.end();
}

}  // namespace cardea::session
