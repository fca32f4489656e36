// Opening: the end of every sign-in, a new session in place of the browser's old one.
#pragma once

#include <string>

#include "cardea/audit/trail.hpp"
#include "cardea/db/database.hpp"
#include "cardea/session/sessions.hpp"
#include "cardea/sign_in/visit.hpp"

namespace cardea::sign_in {

class Opening {
  public:
    Opening(session::Sessions& sessions, audit::Trail& trail)
        : sessions_(sessions), trail_(trail) {}

    /// Inside the flow's transaction. `method` is `password` or the provider's name.
    Task<SignedIn> open(db::Executor& executor, account::Account account, std::string method,
                        Visit visit);

  private:
    Task<void> end_previous(db::Executor& executor, Visit visit);

    session::Sessions& sessions_;
    audit::Trail& trail_;
};

}  // namespace cardea::sign_in
