#include "cardea/account/verifications.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/db/row.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::account {
namespace {

// Clocks of several machines may differ by this much.
constexpr Milliseconds clock_tolerance = 5min;
// Those that are pending go one by one: by then there is room for some.
constexpr Seconds retry_when_full = 1min;
// Counting all that are pending for each new one would cost more than the new one.
constexpr Milliseconds count_good_for = 1s;

constexpr db::Statement insert{
    "verification.put",
    "INSERT INTO verifications (secret_hash, kind, account_id, binding_hash, provider, payload, "
    "created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr db::Statement count_pending{
    "verification.count", "SELECT COUNT(*) AS count FROM verifications WHERE kind = $1"};
// Deleting is what makes it single use: of two at once, one gets the row.
constexpr db::Statement take_one{
    "verification.take",
    "DELETE FROM verifications WHERE secret_hash = $1 AND kind = $2 "
    "RETURNING account_id, binding_hash, provider, payload, created_at, expires_at"};
constexpr db::Statement select_between{
    "verification.find_pending",
    "SELECT created_at FROM verifications WHERE secret_hash >= $1 AND secret_hash < $2 LIMIT 1"};
constexpr db::Statement delete_expired{
    "verification.sweep",
    "DELETE FROM verifications WHERE secret_hash IN "
    "(SELECT secret_hash FROM verifications WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)"};

/// The columns as they are stored; `payload` is sealed there.
struct Row {
    std::optional<std::string> account_id;
    std::optional<Bytes> binding_hash;
    std::string provider;
    Bytes payload;
    Instant created_at;
    Instant expires_at;
};
BOOST_DESCRIBE_STRUCT(Row, (),
                      (account_id, binding_hash, provider, payload, created_at, expires_at))

/// The columns of one that is pending.
struct PendingRow {
    Instant created_at;
};
BOOST_DESCRIBE_STRUCT(PendingRow, (), (created_at))

constexpr std::size_t reference_bytes = 5;

Bytes hash(const SecretText& secret) {
    auto digest = crypto::sha256(secret.reveal());
    return {digest.begin(), digest.end()};
}

/// A sealed payload opens only in its own row.
Bytes seal(const crypto::Keyring& keyring, const Bytes& secret_hash, const SecretText& payload) {
    auto row = to_hex(secret_hash);
    return keyring.seal({"verifications", "payload", row}, as_bytes(payload.reveal()));
}

Result<SecretText> open(const crypto::Keyring& keyring, const Bytes& secret_hash,
                        const Bytes& sealed) {
    auto row = to_hex(secret_hash);
    auto opened = keyring.open({"verifications", "payload", row}, sealed);
    if (!opened) return std::unexpected(opened.error());
    return SecretText(to_text(opened->reveal()));
}

Error full() {
    return Error(verifications_full, "as many as there may be are pending")
        .with_retry_after(retry_when_full);
}

}  // namespace

bool Verification::is_bound_to(const SecretText& binding) const {
    return binding_hash && constant_time_equal(*binding_hash, hash(binding));
}

Task<void> Verifications::make_room(db::Executor& executor, std::string kind) {
    if (has_room(kind)) co_return Result<void>();
    db::Values values{kind};
    auto pending = co_await executor.run(count_pending, std::move(values));
    if (!pending) co_return std::unexpected(pending.error());
    auto count = static_cast<std::size_t>(pending->rows.at(0).at(0).as_integer());
    counted_[std::move(kind)] = {clock_.now(), count};
    if (count < limit_) co_return Result<void>();
    auto swept = co_await sweep(executor);
    if (!swept) co_return std::unexpected(swept.error());
    if (*swept == 0) co_return std::unexpected(full());
    co_return Result<void>();
}

// Those that were taken since are not seen, so that it never thinks of too few.
bool Verifications::has_room(const std::string& kind) const {
    auto counted = counted_.find(kind);
    if (counted == counted_.end() || counted->second.pending >= limit_) return false;
    auto age = clock_.now() - counted->second.at;
    return age >= 0ms && age < count_good_for;
}

Task<void> Verifications::put(db::Executor& executor, NewVerification verification) {
    auto room = co_await make_room(executor, verification.kind);
    if (!room) co_return std::unexpected(room.error());
    ++counted_[verification.kind].pending;
    auto now = clock_.now();
    auto secret_hash = hash(verification.secret);
    auto payload = seal(keyring_, secret_hash, verification.payload);
    auto binding = verification.binding ? std::optional(hash(*verification.binding)) : std::nullopt;
    db::Values values{std::move(secret_hash),
                      std::move(verification.kind),
                      std::move(verification.account_id),
                      std::move(binding),
                      std::move(verification.provider),
                      std::move(payload),
                      now,
                      now + verification.lifetime};
    auto stored = co_await executor.run(insert, std::move(values));
    if (!stored) co_return std::unexpected(stored.error());
    co_return Result<void>();
}

Task<Verification> Verifications::take(db::Executor& executor, std::string kind,
                                       SecretText secret) {
    auto secret_hash = hash(secret);
    db::Values values{secret_hash, std::move(kind)};
    auto rows = co_await executor.run(take_one, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    auto row = db::to_optional<Row>(*rows);
    if (!row) co_return fail(verification_unknown, "not there");
    auto now = clock_.now();
    // A clock that was set back must not lengthen its life.
    if (row->expires_at <= now) co_return fail(verification_expired);
    if (row->created_at > now + clock_tolerance) co_return fail(verification_unknown, "too new");

    auto payload = open(keyring_, secret_hash, row->payload);
    if (!payload) co_return std::unexpected(payload.error());
    Verification verification{std::move(row->account_id), std::move(row->binding_hash),
                              std::move(row->provider), std::move(*payload), row->created_at};
    co_return verification;
}

Task<std::optional<Instant>> Verifications::find_pending(db::Executor& executor,
                                                         std::string reference) {
    auto first = from_hex(reference);
    if (!first || first->size() != reference_bytes) co_return std::optional<Instant>();
    auto end = *first;
    first->resize(crypto::Sha256().size(), std::byte{0});
    end.resize(first->size(), std::byte{0xff});
    db::Values values{std::move(*first), std::move(end)};
    auto rows = co_await executor.run(select_between, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    auto row = db::to_optional<PendingRow>(*rows);
    co_return row ? std::optional(row->created_at) : std::nullopt;
}

std::string Verifications::reference_of(const SecretText& secret) {
    auto digest = hash(secret);
    return to_hex(ByteView(digest).first(reference_bytes));
}

Task<std::size_t> Verifications::sweep(db::Executor& executor, int limit) {
    db::Values values{clock_.now(), limit};
    auto done = co_await executor.run(delete_expired, std::move(values));
    if (!done) co_return std::unexpected(done.error());
    co_return static_cast<std::size_t>(done->changes);
}

}  // namespace cardea::account
