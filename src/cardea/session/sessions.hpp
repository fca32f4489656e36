// Sessions: open, find, extend, end.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/session/session.hpp"
#include "cardea/session/session_cache.hpp"
#include "cardea/session/settings.hpp"

namespace cardea::session {

inline constexpr Reason missing{Code::unauthenticated, "session.missing",
                                "You are not signed in. Sign in first."};
/// Ended, never was, or its account is disabled.
inline constexpr Reason unknown{Code::unauthenticated, "session.unknown",
                                "This session has ended. Sign in again."};
inline constexpr Reason expired{Code::unauthenticated, "session.expired",
                                "Your session has expired. Sign in again."};
/// A session named by its id that the account does not have.
inline constexpr Reason not_yours{Code::not_found, "session.not_found",
                                  "There is no such session."};

/// The table `sessions`. Writes take the executor to run on, so that a flow can pass its
/// transaction; finding uses the database itself.
///
/// A cached view answers only while no session has ended and no account has changed since it was
/// read, in this process or another: the database counts that (`session_changes`), and is asked
/// after every commit (`Database::data_version`). An ended session is never found.
///
/// When the clock is set back, a session that was seen "later than now" moves back with it, so that
/// it does not live longer; steps under five minutes are taken for drift between machines.
class Sessions {
  public:
    static constexpr std::string_view token_prefix = "cas";

    Sessions(db::Database& database, const Clock& clock, crypto::Random& random,
             runtime::TaskGroup& background, Settings settings);

    Task<Opened> open(db::Executor& executor, NewSession session);

    /// The session of a token when the cache may answer; empty means: ask find(). No coroutine, no
    /// database. Extends in the background like find().
    SessionPointer find_cached(std::string_view token);
    /// Fails with `missing` (an empty token), `unknown` or `expired`. When not cached, one
    /// statement, and one more after a commit by anybody.
    Task<SessionPointer> find(SecretText token);

    /// Live ones, newest first.
    Task<std::vector<Session>> list(db::Executor& executor, std::string account_id);
    /// The same by pages; `limit` is 1 to 200.
    Task<Page> list(db::Executor& executor, std::string account_id, std::string cursor, int limit);
    /// Ends one of the account's own; fails with `not_yours`.
    Task<void> end(db::Executor& executor, std::string account_id, std::string session_id);
    /// Ends the session of a token, if there is one; tells which it was.
    Task<std::optional<Session>> end_token(db::Executor& executor, SecretText token);
    /// Ends all of the account's but one; all when `keep` is empty. Tells how many.
    Task<std::size_t> end_others(db::Executor& executor, std::string account_id, std::string keep);
    /// Removes up to `limit` expired ones; tells how many.
    Task<std::size_t> sweep(db::Executor& executor, int limit = 500);

    std::size_t cached() const { return cache_.size(); }

  private:
    bool has_ended(const Session& session) const;
    bool is_from_the_future(const Session& session) const;
    /// Makes room for one more of the account's sessions.
    Task<void> end_surplus(db::Executor& executor, std::string account_id);
    Task<Session> moved_back(Session session);
    Task<void> look_for_changes();
    void extend_when_due(const crypto::Sha256& token_hash, const Session& session);
    Task<void> extend(crypto::Sha256 token_hash, std::string id, Instant seen_at,
                      Instant expires_at);

    db::Database& database_;
    const Clock& clock_;
    crypto::Random& random_;
    runtime::TaskGroup& background_;
    Settings settings_;
    SessionCache cache_;
    std::optional<std::uint64_t> version_;  // of the database when changes_ was read
    std::int64_t changes_ = 0;
    std::set<std::string> extending_;
    Instant extend_again_at_{};  // after a failed write, not at every request
};

}  // namespace cardea::session
