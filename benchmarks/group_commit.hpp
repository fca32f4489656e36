// Sign-ups a second at db::, 64 at a time, with as many in one commit as a limit allows.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cardea/db/database.hpp"

namespace cardea::bench {

class GroupCommit {
  public:
    /// Makes the database file.
    GroupCommit(const std::string& path, std::size_t group_limit);
    ~GroupCommit();
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    /// One round: durable sign-ups a second.
    double sign_ups_a_second();
    double transactions_a_commit() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea::bench
