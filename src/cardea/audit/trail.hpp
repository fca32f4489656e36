// The audit trail: what happened to an account, who did it and from where; append only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"

namespace cardea::audit {

/// Who acts and from where; the edge that took the request fills it in and flows pass it on.
struct Origin {
    /// An account's id, `key:<id>`, `cli`, `job`, or empty for somebody not known (yet).
    std::string actor;
    std::string client_address;
    std::string request_id;
    /// Of the sign-in at a provider that is under way; empty elsewhere.
    std::string reference{};
};

/// One thing that happened. Texts in `detail` come from outside, too: they are cut, and none is
/// ever a secret.
struct Event {
    std::string type;  ///< `session.opened`, `account.disabled`, …
    std::optional<std::string> account_id;
    Origin origin;
    std::map<std::string, std::string> detail;
};

/// An event as it stands in the trail.
struct Entry {
    std::string id;
    Instant at;
    std::string type;
    std::optional<std::string> account_id;
    std::string actor;
    std::string client_address;
    std::string request_id;
    std::string reference;
    std::map<std::string, std::string> detail;
};

/// Of an account, or of a reference, or all.
struct Filter {
    std::optional<std::string> account_id{};
    std::optional<std::string> type{};
    std::optional<std::string> reference{};
};

/// `next_cursor` asks for what follows; none on the last page.
struct Page {
    std::vector<Entry> items;
    std::optional<std::string> next_cursor;
};

class Trail {
  public:
    Trail(const Clock& clock, crypto::Random& random) : clock_(clock), random_(random) {}

    /// Appends the event. With a flow's transaction it stands exactly when what it tells happened.
    Task<void> write(db::Executor& executor, Event event);
    /// Newest first. `limit` is 1 to 200.
    Task<Page> list(db::Executor& executor, Filter filter, std::string cursor, int limit);
    /// Erases who a person was from the account's events (addresses, details); that something
    /// happened to an account of that id remains.
    Task<void> forget(db::Executor& executor, std::string account_id);
    /// Removes up to `limit` events older than `before`; tells how many.
    Task<std::size_t> sweep(db::Executor& executor, Instant before, int limit = 500);

  private:
    std::string next_id(Instant now);

    const Clock& clock_;
    crypto::Random& random_;
    std::int64_t last_ms_ = 0;
    unsigned in_this_ms_ = 0;
};

}  // namespace cardea::audit
