#include "cardea/session/sessions.hpp"

#include <algorithm>

#include "cardea/base/log.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::session {

BOOST_DESCRIBE_STRUCT(Session, (),
                      (id, account_id, method, device, client_address, created_at, last_seen_at,
                       expires_at, absolute_end_at))

namespace {

#define SESSION_COLUMNS                                                     \
    "sessions.id, sessions.account_id, sessions.method, sessions.device, "  \
    "sessions.client_address, sessions.created_at, sessions.last_seen_at, " \
    "sessions.expires_at, sessions.absolute_end_at"

constexpr db::Statement insert{
    "session.open",
    "INSERT INTO sessions (id, token_hash, account_id, method, device, client_address, created_at, "
    "last_seen_at, expires_at, absolute_end_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)"};
// Most have no surplus: a look into the index costs a third of a DELETE that finds nothing.
constexpr db::Statement select_surplus{"session.find_surplus",
                                       "SELECT id FROM sessions WHERE account_id = $1 "
                                       "ORDER BY last_seen_at DESC, id DESC LIMIT 1 OFFSET $2",
                                       db::Cost::lookup};
constexpr db::Statement delete_surplus{
    "session.end_surplus",
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE account_id = $1 "
    "ORDER BY last_seen_at DESC, id DESC LIMIT 1000 OFFSET $2)"};
// The one statement that reads another module's table: whose session it is decides whether it is
// one, and a second statement would double the cost of every request that is not cached.
constexpr db::Statement select_with_owner{
    "session.find",
    "SELECT " SESSION_COLUMNS
    ", accounts.email, accounts.email_verified, accounts.name, accounts.picture, "
    "accounts.password_hash IS NOT NULL AS has_password, accounts.roles, "
    "accounts.created_at AS owner_created_at, accounts.disabled_at FROM sessions "
    "JOIN accounts ON accounts.id = sessions.account_id WHERE sessions.token_hash = $1",
    db::Cost::lookup};
constexpr db::Statement select_changes{"session.changes", "SELECT number FROM session_changes",
                                       db::Cost::lookup};
constexpr db::Statement select_of_account{
    "session.list", "SELECT " SESSION_COLUMNS
                    " FROM sessions WHERE account_id = $1 AND expires_at > $2 ORDER BY id DESC "
                    "LIMIT 1000"};
constexpr db::Statement select_page{"session.page",
                                    "SELECT " SESSION_COLUMNS
                                    " FROM sessions WHERE account_id = $1 AND expires_at > $2 "
                                    "AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4"};
// Deleted rows stay deleted, an ended one is not revived, and an earlier write does not undo a
// later one.
constexpr db::Statement slide{
    "session.extend",
    "UPDATE sessions SET last_seen_at = $2, "
    "expires_at = CASE WHEN absolute_end_at < $3 THEN absolute_end_at ELSE $3 END "
    "WHERE id = $1 AND last_seen_at < $2 AND expires_at > $2"};
constexpr db::Statement move_back{
    "session.follow_clock",
    "UPDATE sessions SET created_at = created_at - $2, last_seen_at = last_seen_at - $2, "
    "expires_at = expires_at - $2, absolute_end_at = absolute_end_at - $2 "
    "WHERE id = $1 AND last_seen_at = $3"};
constexpr db::Statement delete_one{"session.end",
                                   "DELETE FROM sessions WHERE id = $1 AND account_id = $2"};
constexpr db::Statement delete_by_token{
    "session.end_token", "DELETE FROM sessions WHERE token_hash = $1 RETURNING " SESSION_COLUMNS};
constexpr db::Statement delete_others{"session.end_others",
                                      "DELETE FROM sessions WHERE account_id = $1 AND id <> $2"};
constexpr db::Statement delete_expired{
    "session.sweep",
    "DELETE FROM sessions WHERE id IN "
    "(SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)"};

#undef SESSION_COLUMNS

/// The owner's columns beside those of the session.
struct OwnerRow {
    std::optional<std::string> email;
    bool email_verified = false;
    std::string name;
    std::string picture;
    bool has_password = false;
    std::string roles;
    Instant owner_created_at;
    std::optional<Instant> disabled_at;
};
BOOST_DESCRIBE_STRUCT(OwnerRow, (),
                      (email, email_verified, name, picture, has_password, roles, owner_created_at,
                       disabled_at))

struct Changes {
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Changes, (), (number))

// Clocks of several machines may differ by this much.
constexpr Milliseconds clock_tolerance = 5min;
constexpr Milliseconds pause_after_failure = 10s;
constexpr std::size_t longest_device = 200;

Bytes to_column(const crypto::Sha256& digest) {
    return {digest.begin(), digest.end()};
}

/// Shown in a list to its owner: without controls, and not endless.
std::string tidy_device(std::string_view text) {
    if (!is_utf8(text) || has_control(text)) return {};
    return std::string(cut(trim(text), longest_device));
}

Owner to_owner(std::string id, OwnerRow row) {
    Owner owner{std::move(id),
                std::move(row.email),
                row.email_verified,
                std::move(row.name),
                std::move(row.picture),
                row.has_password,
                {},
                row.owner_created_at};
    for (auto role : split(row.roles, ' ')) {
        if (!role.empty()) owner.roles.emplace_back(role);
    }
    return owner;
}

}  // namespace

Sessions::Sessions(db::Database& database, const Clock& clock, crypto::Random& random,
                   runtime::TaskGroup& background, Settings settings)
    : database_(database),
      clock_(clock),
      random_(random),
      background_(background),
      settings_(settings),
      cache_(static_cast<std::size_t>(settings.cache_entries)) {}

Task<Opened> Sessions::open(db::Executor& executor, NewSession session) {
    auto now = clock_.now();
    auto token = crypto::make_token(token_prefix, random_);
    Session opened{crypto::uuid7(now, random_),
                   std::move(session.account_id),
                   std::move(session.method),
                   tidy_device(session.device),
                   std::move(session.client_address),
                   now,
                   now,
                   now + std::min(settings_.idle_limit, settings_.absolute_limit),
                   now + settings_.absolute_limit};
    auto trimmed = co_await end_surplus(executor, opened.account_id);
    if (!trimmed) co_return std::unexpected(trimmed.error());
    db::Values values{opened.id,
                      to_column(crypto::sha256(token.reveal())),
                      opened.account_id,
                      opened.method,
                      opened.device,
                      opened.client_address,
                      now,
                      opened.expires_at,
                      opened.absolute_end_at};
    auto stored = co_await executor.run(insert, std::move(values));
    if (!stored) co_return std::unexpected(stored.error());
    Opened result{std::move(opened), std::move(token)};
    co_return result;
}

Task<void> Sessions::end_surplus(db::Executor& executor, std::string account_id) {
    db::Values values{std::move(account_id), settings_.per_account - 1};
    auto surplus = co_await executor.run(select_surplus, values);
    if (!surplus) co_return std::unexpected(surplus.error());
    if (surplus->empty()) co_return Result<void>();
    auto ended = co_await executor.run(delete_surplus, std::move(values));
    if (!ended) co_return std::unexpected(ended.error());
    co_return Result<void>();
}

SessionPointer Sessions::find_cached(std::string_view token) {
    if (!crypto::is_token(token_prefix, token)) return nullptr;
    auto version = database_.data_version();
    if (!version || version != version_) return nullptr;
    auto digest = crypto::sha256(token);
    auto view = cache_.find(digest, changes_);
    if (!view || has_ended(view->session) || is_from_the_future(view->session)) return nullptr;
    extend_when_due(digest, view->session);
    return std::make_shared<const SessionView>(*std::move(view));
}

// The version is asked before the number is read: a commit in between makes the next caller look
// again, and never lets an old number pass for the newest.
Task<void> Sessions::look_for_changes() {
    auto version = database_.data_version();
    if (version && version == version_) co_return Result<void>();
    version_.reset();
    if (!version) co_return Result<void>();
    auto rows = co_await database_.run(select_changes, {});
    if (!rows) co_return std::unexpected(rows.error());
    auto changes = db::to_optional<Changes>(*rows);
    if (!changes) co_return Result<void>();
    version_ = version;
    changes_ = changes->number;
    co_return Result<void>();
}

Task<SessionPointer> Sessions::find(SecretText token) {
    if (token.empty()) co_return fail(missing);
    if (!crypto::is_token(token_prefix, token.reveal())) co_return fail(unknown, "no token");
    if (auto looked = co_await look_for_changes(); !looked) {
        co_return std::unexpected(looked.error());
    }
    if (auto cached = find_cached(token.reveal())) co_return cached;

    // Known before reading: a change in between makes what is cached stale, never fresh.
    auto changes = version_ ? std::optional(changes_) : std::nullopt;
    auto digest = crypto::sha256(token.reveal());
    db::Values values{to_column(digest)};
    auto rows = co_await database_.run(select_with_owner, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    auto session = db::to_optional<Session>(*rows);
    cache_.erase(digest);
    if (!session) co_return fail(unknown, "not there");
    auto owner = db::to_struct<OwnerRow>(*rows, 0);
    if (owner.disabled_at) co_return fail(unknown, "account disabled");

    if (is_from_the_future(*session)) {
        changes.reset();
        auto moved = co_await moved_back(std::move(*session));
        if (!moved) co_return std::unexpected(moved.error());
        session = std::move(*moved);
    }
    if (has_ended(*session)) co_return fail(expired);
    SessionView found{*session, to_owner(session->account_id, std::move(owner))};
    auto view = std::make_shared<const SessionView>(std::move(found));
    if (changes) cache_.put(digest, *changes, *view);
    extend_when_due(digest, view->session);
    co_return view;
}

bool Sessions::has_ended(const Session& session) const {
    auto now = clock_.now();
    return now >= session.expires_at || now >= session.absolute_end_at;
}

bool Sessions::is_from_the_future(const Session& session) const {
    return session.last_seen_at > clock_.now() + clock_tolerance;
}

// The clock was set back: what was seen "later" was seen now at the latest. All of the session's
// times move back with it, and it ends no later than it would have.
Task<Session> Sessions::moved_back(Session session) {
    auto behind = session.last_seen_at - clock_.now();
    db::Values values{session.id, behind.count(), session.last_seen_at};
    auto stored = co_await database_.run(move_back, std::move(values));
    if (!stored) co_return std::unexpected(stored.error());
    session.created_at -= behind;
    session.last_seen_at -= behind;
    session.expires_at -= behind;
    session.absolute_end_at -= behind;
    co_return session;
}

// At most once per tenth of the idle limit: writing at every request would cost a commit each.
void Sessions::extend_when_due(const crypto::Sha256& token_hash, const Session& session) {
    auto now = clock_.now();
    if (now - session.last_seen_at < settings_.idle_limit / 10) return;
    if (now < extend_again_at_ || extending_.contains(session.id)) return;
    extending_.insert(session.id);
    auto expires_at = std::min<Instant>(now + settings_.idle_limit, session.absolute_end_at);
    background_.add("session.extend", extend(token_hash, session.id, now, expires_at));
}

Task<void> Sessions::extend(crypto::Sha256 token_hash, std::string id, Instant seen_at,
                            Instant expires_at) {
    db::Values values{id, seen_at, expires_at};
    auto stored = co_await database_.run(slide, std::move(values));
    extending_.erase(id);
    cache_.erase(token_hash);
    if (stored) co_return Result<void>();
    extend_again_at_ = clock_.now() + pause_after_failure;
    co_return std::unexpected(stored.error());
}

Task<std::vector<Session>> Sessions::list(db::Executor& executor, std::string account_id) {
    db::Values values{std::move(account_id), clock_.now()};
    auto rows = co_await executor.run(select_of_account, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return db::to_structs<Session>(*rows);
}

Task<Page> Sessions::list(db::Executor& executor, std::string account_id, std::string cursor,
                          int limit) {
    auto wanted = static_cast<std::size_t>(std::clamp(limit, 1, 200));
    db::Values values{std::move(account_id), clock_.now(), std::move(cursor), wanted + 1};
    auto rows = co_await executor.run(select_page, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    Page page;
    page.items = db::to_structs<Session>(*rows);
    if (page.items.size() > wanted) {
        page.items.resize(wanted);
        page.next_cursor = page.items.back().id;
    }
    co_return page;
}

Task<void> Sessions::end(db::Executor& executor, std::string account_id, std::string session_id) {
    db::Values values{std::move(session_id), std::move(account_id)};
    auto done = co_await executor.run(delete_one, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    if (done->changes == 0) co_return fail(not_yours);
    co_return Result<void>();
}

Task<std::optional<Session>> Sessions::end_token(db::Executor& executor, SecretText token) {
    if (!crypto::is_token(token_prefix, token.reveal())) co_return std::optional<Session>();
    db::Values values{to_column(crypto::sha256(token.reveal()))};
    auto done = co_await executor.run(delete_by_token, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    co_return db::to_optional<Session>(*done);
}

Task<std::size_t> Sessions::end_others(db::Executor& executor, std::string account_id,
                                       std::string keep) {
    db::Values values{std::move(account_id), std::move(keep)};
    auto done = co_await executor.run(delete_others, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    co_return static_cast<std::size_t>(done->changes);
}

Task<std::size_t> Sessions::sweep(db::Executor& executor, int limit) {
    db::Values values{clock_.now(), limit};
    auto done = co_await executor.run(delete_expired, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    co_return static_cast<std::size_t>(done->changes);
}

}  // namespace cardea::session
