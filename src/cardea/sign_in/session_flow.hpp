// SessionFlow: signing out, here or elsewhere, with its events.
#pragma once

#include <string>

#include "cardea/audit/trail.hpp"
#include "cardea/db/database.hpp"
#include "cardea/session/sessions.hpp"

namespace cardea::sign_in {

class SessionFlow {
  public:
    SessionFlow(db::Database& database, session::Sessions& sessions, audit::Trail& trail)
        : database_(database), sessions_(sessions), trail_(trail) {}

    /// Ends one of the account's sessions; fails with `session.not_found`.
    Task<void> end(std::string account_id, std::string session_id, audit::Origin origin);
    /// Ends all of the account's sessions but `keep` (empty: all); tells how many.
    Task<std::size_t> end_others(std::string account_id, std::string keep, audit::Origin origin);

  private:
    db::Database& database_;
    session::Sessions& sessions_;
    audit::Trail& trail_;
};

}  // namespace cardea::sign_in
