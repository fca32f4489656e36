#include "cardea/password/formats/any_hasher.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "cardea/password/formats/argon2.hpp"
#include "cardea/password/formats/fit.hpp"
#include "cardea/password/formats/foreign_time.hpp"
#include "cardea/password/formats/registry.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/abandonable.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::password::formats {
namespace {

constexpr std::size_t longest_attempt = 4096;
constexpr std::size_t bcrypt_reads = 72;

void fill_from_system(std::span<std::byte> out) {
    // Fails only for more than 256 bytes or a kernel without the call; both are bugs here.
    if (getentropy(out.data(), out.size()) != 0) std::abort();
}

std::size_t thread_count(int wanted) {
    if (wanted > 0) return static_cast<std::size_t>(wanted);
    return std::max(1U, std::thread::hardware_concurrency());
}

// Of this thread alone: what others do to the machine does not count.
Microseconds cpu_time() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return Microseconds(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

// Before the stored hash is looked at: the answer must not depend on it.
Result<void> check_attempt(const SecretText& password) {
    if (password.size() > longest_attempt) return fail(too_long);
    if (password.reveal().find('\0') != std::string::npos) return fail(has_nul);
    return {};
}

// A decoy matches nothing, so that bcrypt may have what it can read of it.
SecretText beginning_of(const SecretText& password) {
    return SecretText(password.reveal().substr(0, bcrypt_reads));
}

bool is_own_bcrypt(std::string_view stored) {
    auto name = name_of(stored);
    return name == "bcrypt" || name == "bcrypt-sha256";
}

Argon2Hash argon2_of(const Settings& settings) {
    Argon2Hash hash;
    hash.memory_kib = static_cast<std::uint32_t>(settings.argon2_memory_mib) * 1024;
    hash.passes = static_cast<std::uint32_t>(settings.argon2_passes);
    hash.salt.resize(16);
    hash.tag.resize(32);
    return hash;
}

bool is_as_good(const Argon2Hash& stored, const Argon2Hash& present) {
    return stored.kind == present.kind && stored.version == present.version &&
           stored.memory_kib >= present.memory_kib && stored.passes >= present.passes &&
           stored.salt.size() >= present.salt.size() && stored.tag.size() >= present.tag.size();
}

int bcrypt_cost_of(const Reading& reading) {
    return reading.wrapped ? reading.wrapped->cost : 0;
}

std::string kind_of(std::string_view stored, const Reading& reading) {
    return fmt::format("{} {} {} {}", name_of(stored), bcrypt_cost_of(reading),
                       reading.demand.memory, reading.demand.time.count());
}

/// A verdict, and how long it took; `queued` when others were in the queue, so that the time tells
/// more about them than about the hash.
struct Timed {
    Verdict verdict = Verdict::wrong;
    Microseconds spent{0};
    bool queued = false;
};

}  // namespace

Limits limits_of(const Settings& settings) {
    auto memory = static_cast<std::uint64_t>(settings.maximum_memory_mib) << 20U;
    Limits limits{memory, settings.maximum_time};
    // What is written here can be checked here.
    auto own = demand_of(argon2_of(settings));
    limits.memory = std::max(limits.memory, own.memory);
    limits.time = std::max(limits.time, std::chrono::ceil<Milliseconds>(own.time));
    return limits;
}

Result<std::string_view> examine(std::string_view stored, const Settings& settings) {
    auto reading = read(stored);
    if (!reading) return std::unexpected(reading.error());
    if (reading->wrapped) {
        auto highest = std::max(settings.maximum_cost, settings.cost);
        if (reading->wrapped->cost <= highest) return name_of(stored);
        return fail(cost_refused, fmt::format("bcrypt's cost is {}, {} is allowed",
                                              reading->wrapped->cost, highest));
    }
    auto allowed = check_demand(reading->demand, limits_of(settings));
    if (!allowed) return std::unexpected(allowed.error());
    return name_of(stored);
}

struct AnyHasher::State {
    State(const Settings& s, std::unique_ptr<BcryptSide> side, SaltSource salts)
        : settings(s),
          bcrypt(side ? std::move(side) : fit(std::make_unique<Hasher>(s, salts))),
          fill(salts ? std::move(salts) : fill_from_system),
          present(argon2_of(s)),
          foreign(limits_of(s).time),
          pool({.name = "other-hashes",
                .threads = thread_count(s.other_threads),
                .queue_limit = static_cast<std::size_t>(std::max(1, s.queue_limit)),
                .nice = s.nice}) {
        fill(present.salt);
    }

    bool writes_bcrypt() const { return settings.scheme == Scheme::bcrypt; }
    bool is_present(std::string_view stored) const;
    Microseconds beyond_decoy(int bcrypt_cost, Microseconds spent) const;
    Error busy_error() const;

    template <class F, class R = std::invoke_result_t<F&>>
    Task<typename R::value_type> run(F work);

    Task<Timed> check_wrapped(SecretText password, Wrapped wrapped);
    Task<Timed> check_other(SecretText password, Reading reading);
    Task<void> work_as_decoy(SecretText password);
    Task<Verdict> refuse(Microseconds spent_already);

    Settings settings;
    std::unique_ptr<BcryptSide> bcrypt;
    SaltSource fill;
    Argon2Hash present;  // with the salt of decoys
    ForeignTime foreign;
    std::atomic<bool> stopping = false;
    std::atomic<std::int64_t> typical_ms = 100;  // of the last hash; for Retry-After
    runtime::Pool pool;                          // last: its threads use the rest
};

// A hash that takes what a decoy takes, because it is made as new ones are; a bcrypt side makes up
// for lower costs itself.
bool AnyHasher::State::is_present(std::string_view stored) const {
    if (writes_bcrypt()) return read(stored)->wrapped.has_value();
    auto hash = parse_argon2(stored);
    return hash && hash->memory_kib == present.memory_kib && hash->passes == present.passes;
}

// bcrypt of a higher cost than the present one took so much longer than a decoy takes.
Microseconds AnyHasher::State::beyond_decoy(int bcrypt_cost, Microseconds spent) const {
    auto steps = bcrypt_cost - settings.cost;
    if (!writes_bcrypt() || steps <= 0) return Microseconds(0);
    return spent - Microseconds(spent.count() >> steps);
}

Error AnyHasher::State::busy_error() const {
    auto turns = pool.waiting() / thread_count(settings.other_threads) + 1;
    auto wait = Milliseconds(static_cast<std::int64_t>(turns) * typical_ms.load());
    return Error(busy).with_retry_after(std::chrono::ceil<Seconds>(wait + 1ms));
}

template <class F, class R>
Task<typename R::value_type> AnyHasher::State::run(F work) {
    auto measured = [this, work = std::move(work)]() mutable -> R {
        if (stopping) return std::unexpected(busy_error());
        auto begin = std::chrono::steady_clock::now();
        auto result = work();
        auto took = std::chrono::steady_clock::now() - begin;
        typical_ms = std::chrono::ceil<Milliseconds>(took).count();
        return result;
    };
    auto result = co_await runtime::offload_abandonable(pool, std::move(measured));
    if (!result && result.error().is(runtime::pool_full)) co_return std::unexpected(busy_error());
    co_return result;
}

Task<Timed> AnyHasher::State::check_wrapped(SecretText password, Wrapped wrapped) {
    bool queued = bcrypt->waiting() > 0;
    auto begin = std::chrono::steady_clock::now();
    auto given = wrapped.prepare(password);
    auto verdict = co_await bcrypt->check(std::move(given), std::move(wrapped.bcrypt));
    // Whoever cut it to 72 bytes would accept all that begins alike: it is wrong, and as slow.
    if (!verdict && verdict.error().is(too_long)) {
        auto start = beginning_of(password);
        verdict = co_await bcrypt->check_decoy(std::move(start));
    }
    if (!verdict) co_return std::unexpected(verdict.error());
    auto took = std::chrono::steady_clock::now() - begin;
    Timed timed{*verdict, std::chrono::duration_cast<Microseconds>(took), queued};
    co_return timed;
}

Task<Timed> AnyHasher::State::check_other(SecretText password, Reading reading) {
    auto work = [check = std::move(reading.check),
                 password = std::move(password)]() -> Result<Timed> {
        auto begin = cpu_time();
        auto verdict = check(password);
        if (!verdict) return std::unexpected(verdict.error());
        return Timed{*verdict, cpu_time() - begin};
    };
    co_return co_await run(std::move(work));
}

Task<void> AnyHasher::State::work_as_decoy(SecretText password) {
    if (writes_bcrypt()) {
        auto start = beginning_of(password);
        auto verdict = co_await bcrypt->check_decoy(std::move(start));
        if (!verdict) co_return std::unexpected(verdict.error());
        co_return Result<void>();
    }
    auto work = [this, password = std::move(password)]() -> Result<Verdict> {
        auto tag = compute_argon2(password, present);
        if (!tag) return std::unexpected(tag.error());
        return Verdict::wrong;
    };
    auto done = co_await run(std::move(work));
    if (!done) co_return std::unexpected(done.error());
    co_return Result<void>();
}

Task<Verdict> AnyHasher::State::refuse(Microseconds spent_already) {
    auto rest = foreign.longest() - spent_already;
    if (rest > Microseconds(0)) {
        auto waited = co_await runtime::sleep(std::chrono::ceil<Milliseconds>(rest));
        if (!waited) co_return std::unexpected(waited.error());
    }
    co_return Verdict::wrong;
}

AnyHasher::AnyHasher(Settings settings, std::unique_ptr<BcryptSide> bcrypt, SaltSource salts)
    : state_(std::make_unique<State>(settings, std::move(bcrypt), std::move(salts))) {}

AnyHasher::~AnyHasher() {
    stop();
}

Result<void> AnyHasher::ready() const {
    return state_->bcrypt->ready();
}

Task<std::string> AnyHasher::hash(SecretText password) {
    auto fits = check_attempt(password);
    if (!fits) co_return std::unexpected(fits.error());
    if (state_->writes_bcrypt()) co_return co_await state_->bcrypt->hash(std::move(password));
    auto hash = state_->present;
    state_->fill(hash.salt);
    auto work = [password = std::move(password), hash]() mutable -> Result<std::string> {
        auto tag = compute_argon2(password, hash);
        if (!tag) return std::unexpected(tag.error());
        hash.tag = std::move(*tag);
        return to_string(hash);
    };
    co_return co_await state_->run(std::move(work));
}

Task<Verdict> AnyHasher::check(SecretText password, std::string stored) {
    auto fits = check_attempt(password);
    if (!fits) co_return std::unexpected(fits.error());
    auto admitted = examine(stored, state_->settings);
    if (!admitted) co_return std::unexpected(admitted.error());
    auto reading = *read(stored);
    bool present = state_->is_present(stored);
    auto kind = kind_of(stored, reading);
    auto bcrypt_cost = bcrypt_cost_of(reading);

    auto checking = reading.wrapped ? state_->check_wrapped(password, std::move(*reading.wrapped))
                                    : state_->check_other(password, std::move(reading));
    auto timed = co_await std::move(checking);
    if (!timed) co_return std::unexpected(timed.error());
    auto beyond = present ? state_->beyond_decoy(bcrypt_cost, timed->spent) : timed->spent;
    // Where new hashes are bcrypt's, too, everybody waits in the same queue.
    bool held_up = timed->queued && state_->writes_bcrypt();
    if (beyond > Microseconds(0)) state_->foreign.note(kind, beyond, held_up);
    if (timed->verdict == Verdict::right) co_return Verdict::right;
    if (present) co_return co_await state_->refuse(beyond);
    auto worked = co_await state_->work_as_decoy(std::move(password));
    if (!worked) co_return std::unexpected(worked.error());
    co_return co_await state_->refuse(beyond);
}

Task<Verdict> AnyHasher::check_decoy(SecretText password) {
    auto fits = check_attempt(password);
    if (!fits) co_return std::unexpected(fits.error());
    auto worked = co_await state_->work_as_decoy(std::move(password));
    if (!worked) co_return std::unexpected(worked.error());
    co_return co_await state_->refuse(Microseconds(0));
}

bool AnyHasher::needs_rehash(std::string_view stored) const {
    if (!read(stored)) return false;
    if (state_->writes_bcrypt()) {
        return !is_own_bcrypt(stored) || state_->bcrypt->needs_rehash(stored);
    }
    auto hash = parse_argon2(stored);
    return !hash || !is_as_good(*hash, state_->present);
}

std::size_t AnyHasher::waiting() const {
    return std::max(state_->bcrypt->waiting(), state_->pool.waiting());
}

void AnyHasher::stop() {
    state_->stopping = true;
    state_->bcrypt->stop();
    state_->pool.stop();
}

}  // namespace cardea::password::formats
