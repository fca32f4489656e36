#include "cardea/throttle/throttle.hpp"

#include <algorithm>

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::throttle {
namespace {

std::string wait_key(const std::string& key) {
    return "wait " + key;
}

// A cache that is away must not keep everybody out.
void note_outage(const Error& error) {
    log::warn("throttle.cache_failed", log::kv("error", error.describe()));
}

}  // namespace

// One counter with its rule: so many for free, then waits that double.
struct Throttle::Bucket {
    std::string key;
    int free;
    Milliseconds first_wait;
    Milliseconds longest_wait;
    Milliseconds memory;

    Milliseconds wait_after(std::int64_t attempts) const {
        auto doublings = std::min<std::int64_t>(attempts - free - 1, 30);
        if (doublings < 0) return 0ms;
        return std::min(longest_wait, first_wait * (std::int64_t{1} << doublings));
    }
};

std::string network_of(const http::IpAddress& address) {
    return address.is_v4() ? address.text() : address.masked(64).text();
}

Throttle::Throttle(Settings settings, cache::Counters& counters)
    : settings_(settings), counters_(counters) {}

Throttle::Bucket Throttle::account_bucket(std::string key) const {
    return {std::move(key), settings_.account_attempts, settings_.first_wait,
            settings_.longest_account_wait, settings_.account_memory};
}

Throttle::Bucket Throttle::address_bucket(std::string key) const {
    return {std::move(key), settings_.address_attempts, settings_.first_wait,
            settings_.longest_address_wait, settings_.address_memory};
}

Throttle::Bucket Throttle::sign_up_bucket(std::string key) const {
    return {std::move(key), settings_.sign_ups, settings_.first_wait,
            settings_.longest_address_wait, settings_.address_memory};
}

Throttle::Bucket Throttle::begin_bucket(std::string key) const {
    return {std::move(key), settings_.oauth_begins, settings_.first_wait,
            settings_.longest_address_wait, settings_.address_memory};
}

// How often the account was forgotten is part of the key: what was known before is not found again.
Task<std::string> Throttle::known_key(Attempt attempt) {
    auto forgotten = co_await counters_.get("forgotten " + attempt.account);
    if (!forgotten) note_outage(forgotten.error());
    auto times = forgotten ? forgotten->value : 0;
    co_return "known " + network_of(attempt.address) + ' ' + std::to_string(times) + ' ' +
        attempt.account;
}

Task<void> Throttle::forget(std::string account) {
    if (!settings_.enabled) co_return Result<void>();
    // Kept as long as anything that it makes void.
    auto noted = co_await counters_.add("forgotten " + account, 1, settings_.known_address_memory);
    if (!noted) note_outage(noted.error());
    co_return Result<void>();
}

Task<Ticket> Throttle::begin(Attempt attempt) {
    Ticket ticket;
    if (!settings_.enabled) co_return ticket;
    auto network = network_of(attempt.address);
    auto key = co_await known_key(attempt);
    if (!key) co_return std::unexpected(key.error());
    ticket.known_key = std::move(*key);
    auto known = co_await is_known(ticket.known_key);
    bool is_stranger = !attempt.known_browser && !(known && *known);
    ticket.account_key = (is_stranger ? "strangers " : "account ") + attempt.account;
    ticket.address_key = "address " + network;
    auto account_free = co_await check_wait(ticket.account_key);
    if (!account_free) co_return std::unexpected(account_free.error());
    auto address_free = co_await check_wait(ticket.address_key);
    if (!address_free) co_return std::unexpected(address_free.error());
    auto account = account_bucket(ticket.account_key);
    auto address = address_bucket(ticket.address_key);
    auto account_counted = co_await count(std::move(account));
    if (!account_counted) note_outage(account_counted.error());
    auto address_counted = co_await count(std::move(address));
    if (!address_counted) note_outage(address_counted.error());
    co_return ticket;
}

Task<void> Throttle::succeeded(Ticket ticket) {
    if (!settings_.enabled) co_return Result<void>();
    auto forgotten = co_await counters_.remove(ticket.account_key);
    if (!forgotten) note_outage(forgotten.error());
    auto wait_forgotten = co_await counters_.remove(wait_key(ticket.account_key));
    if (!wait_forgotten) note_outage(wait_forgotten.error());
    auto returned = co_await counters_.add(ticket.address_key, -1, settings_.address_memory);
    if (!returned) note_outage(returned.error());
    co_return co_await make_known(std::move(ticket.known_key));
}

Task<void> Throttle::remember(Attempt attempt) {
    if (!settings_.enabled) co_return Result<void>();
    auto key = co_await known_key(std::move(attempt));
    if (!key) co_return std::unexpected(key.error());
    co_return co_await make_known(std::move(*key));
}

Task<void> Throttle::withdraw(Ticket ticket) {
    if (!settings_.enabled) co_return Result<void>();
    auto account = co_await counters_.add(ticket.account_key, -1, settings_.account_memory);
    if (!account) note_outage(account.error());
    auto address = co_await counters_.add(ticket.address_key, -1, settings_.address_memory);
    if (!address) note_outage(address.error());
    co_return Result<void>();
}

Task<void> Throttle::count_sign_up(http::IpAddress address) {
    if (!settings_.enabled) co_return Result<void>();
    auto bucket = sign_up_bucket("sign-up " + network_of(address));
    co_return co_await check_and_count(std::move(bucket));
}

Task<void> Throttle::withdraw_sign_up(http::IpAddress address) {
    if (!settings_.enabled) co_return Result<void>();
    auto key = "sign-up " + network_of(address);
    auto returned = co_await counters_.add(std::move(key), -1, settings_.address_memory);
    if (!returned) note_outage(returned.error());
    co_return Result<void>();
}

Task<void> Throttle::count_oauth_begin(http::IpAddress address) {
    if (!settings_.enabled) co_return Result<void>();
    auto bucket = begin_bucket("oauth-begin " + network_of(address));
    co_return co_await check_and_count(std::move(bucket));
}

Task<void> Throttle::count_email_change(std::string account_id, http::IpAddress address) {
    if (!settings_.enabled) co_return Result<void>();
    auto bucket = account_bucket("email-change " + account_id);
    auto free = co_await check_and_count(std::move(bucket));
    if (!free) co_return free;
    co_return co_await count_sign_up(address);
}

Task<void> Throttle::check_and_count(Bucket bucket) {
    auto free = co_await check_wait(bucket.key);
    if (!free) co_return std::unexpected(free.error());
    auto counted = co_await count(std::move(bucket));
    if (!counted) note_outage(counted.error());
    co_return Result<void>();
}

Task<bool> Throttle::is_known(std::string known_key) {
    auto count = co_await counters_.get(std::move(known_key));
    if (!count) note_outage(count.error());
    co_return count && count->value > 0;
}

Task<void> Throttle::make_known(std::string known_key) {
    auto noted = co_await counters_.set(std::move(known_key), 1, settings_.known_address_memory);
    if (!noted) note_outage(noted.error());
    co_return Result<void>();
}

Task<void> Throttle::check_wait(std::string key) {
    auto wait = co_await counters_.get(wait_key(key));
    if (!wait) note_outage(wait.error());
    if (!wait || wait->value <= 0) co_return Result<void>();
    auto left = std::max<Seconds>(1s, std::chrono::ceil<Seconds>(wait->left));
    co_return std::unexpected(Error(slow_down, key).with_retry_after(left));
}

Task<void> Throttle::count(Bucket bucket) {
    auto counted = co_await counters_.add(bucket.key, 1, bucket.memory);
    if (!counted) co_return std::unexpected(counted.error());
    auto wait = bucket.wait_after(counted->value);
    if (wait == 0ms) co_return Result<void>();
    auto begun = co_await counters_.add(wait_key(bucket.key), 1, wait);
    if (!begun) co_return std::unexpected(begun.error());
    co_return Result<void>();
}

}  // namespace cardea::throttle
