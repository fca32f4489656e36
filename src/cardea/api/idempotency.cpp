#include "cardea/api/idempotency.hpp"

#include <algorithm>

#include "cardea/api/caller.hpp"
#include "cardea/base/encoding.hpp"
#include "cardea/base/log.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::api {

namespace {

constexpr Milliseconds kept_for = 24h;
/// A request that has no answer by then died with its process.
constexpr Milliseconds under_way_for = 2min;

// A row past its time may be taken over: the new request starts afresh.
constexpr db::Statement claim_row{
    "idempotency.claim",
    "INSERT INTO idempotency (key_hash, body_hash, expires_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (key_hash) DO UPDATE SET body_hash = $2, status = NULL, answer = NULL, "
    "expires_at = $3 WHERE idempotency.expires_at <= $4 RETURNING key_hash"};
constexpr db::Statement find_row{
    "idempotency.find", "SELECT body_hash, status, answer FROM idempotency WHERE key_hash = $1",
    db::Cost::lookup};
constexpr db::Statement keep_answer{
    "idempotency.keep",
    "UPDATE idempotency SET status = $2, answer = $3, expires_at = $4 WHERE key_hash = $1"};
constexpr db::Statement release{"idempotency.release",
                                "DELETE FROM idempotency WHERE key_hash = $1 AND status IS NULL"};
constexpr db::Statement sweep_rows{
    "idempotency.sweep",
    "DELETE FROM idempotency WHERE key_hash IN "
    "(SELECT key_hash FROM idempotency WHERE expires_at <= $1 LIMIT $2)"};
constexpr db::Statement all[] = {claim_row, find_row, keep_answer, release, sweep_rows};

std::string caller_text(const http::Exchange& exchange) {
    const Caller& caller = caller_of(exchange);
    if (caller.session) return "account:" + caller.session->account.id;
    if (caller.key) return "key:" + caller.key->id;
    return "address:" + exchange.client_address.text();
}

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= 255 &&
           std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Header lines, an empty line, the body: what is sealed.
std::string pack(const http::Response& response) {
    std::string text;
    for (const auto& field : response.headers) text += field.name + ": " + field.value + "\n";
    return text + "\n" + response.body;
}

http::Response unpack(int status, std::string_view text) {
    http::Response response;
    response.status = status;
    while (!text.starts_with('\n')) {
        auto line = text.substr(0, text.find('\n'));
        auto colon = line.find(": ");
        response.headers.add(line.substr(0, colon), std::string(line.substr(colon + 2)));
        text.remove_prefix(line.size() + 1);
    }
    response.body = text.substr(1);
    return response;
}

}  // namespace

/// Which request this is: the key as its caller used it, and what was asked.
struct Idempotency::Claim {
    Bytes key_hash;
    Bytes body_hash;
    std::string row() const { return to_hex(key_hash); }
};

std::span<const db::Statement> idempotency_statements() {
    return all;
}

http::Route::Wrapper Idempotency::wrapper() {
    return [this](http::Exchange& exchange, const http::Handler& handler) {
        return around(exchange, handler);
    };
}

Task<http::Response> Idempotency::around(http::Exchange& exchange, http::Handler handler) {
    const auto& headers = exchange.request.headers;
    if (!headers.has("Idempotency-Key")) co_return co_await handler(exchange);
    auto key = headers.get("Idempotency-Key");
    if (!is_key(key) || headers.count("Idempotency-Key") > 1) co_return fail(key_malformed);
    std::string scope = exchange.route->pattern() + "\n" + caller_text(exchange) + "\n";
    Claim mine{mac("key\n" + scope + std::string(key)), mac("body\n" + exchange.request.body)};
    auto earlier = co_await claim(mine);
    if (!earlier) co_return std::unexpected(earlier.error());
    if (*earlier) co_return std::move(**earlier);
    auto answer = co_await handler(exchange);
    auto settled = co_await settle(mine, answer);
    // What was done is done: the answer counts, even where it could not be kept.
    if (!settled) log::warn("idempotency.not_kept", log::kv("error", settled.error().describe()));
    co_return answer;
}

// A plain hash of a sign-in's body would let whoever has a copy of the database try passwords at
// the speed of SHA-256. Rows of another SECRET_KEY are not found: their requests start afresh.
Bytes Idempotency::mac(std::string_view text) const {
    auto hash = crypto::hmac_sha256(mac_key_.reveal(), as_bytes(text));
    return {hash.begin(), hash.end()};
}

Task<std::optional<http::Response>> Idempotency::claim(Claim claim) {
    auto now = clock_.now();
    db::Values values{claim.key_hash, claim.body_hash, now + under_way_for, now};
    auto claimed = co_await database_.run(claim_row, std::move(values));
    if (!claimed) co_return std::unexpected(claimed.error());
    if (!claimed->empty()) co_return std::optional<http::Response>();
    db::Values key{claim.key_hash};
    auto rows = co_await database_.run(find_row, std::move(key));
    if (!rows) co_return std::unexpected(rows.error());
    auto response = replay(claim, *rows);
    if (!response) co_return std::unexpected(response.error());
    co_return std::optional<http::Response>(std::move(*response));
}

Result<http::Response> Idempotency::replay(const Claim& claim, const db::Rows& rows) const {
    if (rows.empty()) return fail(in_progress, "the first request has just been released");
    const auto& row = rows.rows[0];
    if (row[0].as_bytes() != claim.body_hash) return fail(key_reused);
    if (row[1].is_null()) return fail(in_progress);
    auto id = claim.row();
    auto sealed = row[2].as_bytes();
    auto opened = keyring_.open({"idempotency", "answer", id}, sealed);
    if (!opened) return std::unexpected(opened.error());
    return unpack(static_cast<int>(row[1].as_integer()), as_text(opened->reveal()));
}

Task<void> Idempotency::settle(Claim claim, Result<http::Response> answer) {
    db::Values values{claim.key_hash};
    bool success = answer && answer->status < 300;
    if (success) {
        auto id = claim.row();
        auto text = pack(*answer);
        values.emplace_back(answer->status);
        values.emplace_back(keyring_.seal({"idempotency", "answer", id}, as_bytes(text)));
        values.emplace_back(clock_.now() + kept_for);
        wipe(text);
    }
    auto rows = co_await database_.run(success ? keep_answer : release, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return Result<void>();
}

Task<std::size_t> Idempotency::sweep(int limit) {
    db::Values values{clock_.now(), limit};
    auto rows = co_await database_.run(sweep_rows, std::move(values));
    if (!rows) co_return std::unexpected(rows.error());
    co_return static_cast<std::size_t>(rows->changes);
}

}  // namespace cardea::api
