#include "cardea/password/hasher.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <thread>

#include "cardea/base/clock.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/pool.hpp"

namespace cardea::password {
namespace {

void fill_from_system(std::span<std::byte> out) {
    // Fails only for more than 256 bytes or a kernel without the call; both are bugs here.
    if (getentropy(out.data(), out.size()) != 0) std::abort();
}

std::size_t thread_count(int wanted) {
    if (wanted > 0) return static_cast<std::size_t>(wanted);
    return std::max(1U, std::thread::hardware_concurrency());
}

Result<void> check_length(const SecretText& password) {
    if (password.size() > longest_password) return fail(too_long);
    if (password.reveal().find('\0') != std::string::npos) return fail(has_nul);
    return {};
}

bool equal(const Digest& a, const Digest& b) {
    return constant_time_equal(as_text(a), as_text(b));
}

// A call on its way. Whoever claims it first, the thread that is done or the caller's deadline,
// resumes the caller; the other finds it claimed and leaves.
template <class Handler, class T>
class Call {
  public:
    explicit Call(Handler handler)
        : handler_(std::move(handler)),
          slot_(asio::get_associated_cancellation_slot(handler_)),
          executor_(asio::get_associated_executor(handler_)),
          work_(executor_) {}

    auto slot() const { return slot_; }
    bool is_claimed() const { return claimed_.load(std::memory_order_acquire); }

    static void finish(const std::shared_ptr<Call>& call, Result<T> result) {
        if (call->claimed_.exchange(true, std::memory_order_acq_rel)) return;
        auto resume = [call, result = std::move(result)]() mutable {
            if (call->slot_.is_connected()) call->slot_.clear();
            auto handler = std::move(call->handler_);
            call->work_.reset();
            std::move(handler)(std::move(result));
        };
        asio::post(call->executor_, std::move(resume));
    }

  private:
    Handler handler_;
    asio::associated_cancellation_slot_t<Handler> slot_;
    asio::associated_executor_t<Handler> executor_;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
    std::atomic<bool> claimed_ = false;
};

}  // namespace

struct Hasher::State {
    State(Settings s, SaltSource r, std::unique_ptr<Kernel> k)
        : settings(s),
          fill(r ? std::move(r) : SaltSource(fill_from_system)),
          kernel(std::move(k)),
          pool({.name = "cardea-hash",
                .threads = thread_count(s.threads),
                .queue_limit = static_cast<std::size_t>(std::max(1, s.queue_limit)),
                .nice = s.nice}) {
        settings.maximum_cost = std::max(settings.maximum_cost, settings.cost);
        fill(decoy_salt);
    }

    Error busy_error() const {
        auto turns = pool.waiting() / thread_count(settings.threads) + 1;
        auto wait = Milliseconds(static_cast<std::int64_t>(turns) * typical_ms.load());
        return Error(busy).with_retry_after(std::chrono::ceil<Seconds>(wait + 1ms));
    }

    template <class T, class F>
    Task<T> run(F work);

    Result<std::string> make(const SecretText& password, const Salt& salt) const;
    Result<Verdict> compare(const SecretText& password, const BcryptHash& stored) const;
    Result<void> equalise(const SecretText& password, int cost) const;

    Settings settings;
    SaltSource fill;
    std::unique_ptr<Kernel> kernel;
    Salt decoy_salt{};
    std::atomic<bool> stopping = false;
    std::atomic<std::int64_t> typical_ms = 100;  // of the last hash; for Retry-After
    runtime::Pool pool;                          // last: its threads use the rest
};

template <class T, class F>
Task<T> Hasher::State::run(F work) {
    auto initiate = [this](auto handler, F job) {
        using Waiting = Call<decltype(handler), T>;
        auto call = std::make_shared<Waiting>(std::move(handler));
        if (call->slot().is_connected()) {
            call->slot().assign([weak = std::weak_ptr(call)](asio::cancellation_type) {
                if (auto waiting = weak.lock()) Waiting::finish(waiting, fail(deadline_passed));
            });
        }
        auto shared = std::make_shared<F>(std::move(job));
        auto compute = [this, call, shared] {
            if (call->is_claimed()) return;
            if (stopping) return Waiting::finish(call, std::unexpected(busy_error()));
            auto begin = std::chrono::steady_clock::now();
            auto result = (*shared)();
            auto took = std::chrono::steady_clock::now() - begin;
            typical_ms = std::chrono::ceil<Milliseconds>(took).count();
            Waiting::finish(call, std::move(result));
        };
        if (!pool.submit(compute)) Waiting::finish(call, std::unexpected(busy_error()));
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<T>)>(
        initiate, asio::use_awaitable, std::move(work));
}

Result<std::string> Hasher::State::make(const SecretText& password, const Salt& salt) const {
    auto digest = kernel->compute(password.reveal(), Variant::b, settings.cost, salt);
    if (!digest) return std::unexpected(digest.error());
    return to_string(BcryptHash{Variant::b, settings.cost, salt, *digest});
}

Result<Verdict> Hasher::State::compare(const SecretText& password, const BcryptHash& stored) const {
    auto digest = kernel->compute(password.reveal(), stored.variant, stored.cost, stored.salt);
    if (!digest) return std::unexpected(digest.error());
    auto equalised = equalise(password, stored.cost);
    if (!equalised) return std::unexpected(equalised.error());
    return equal(*digest, stored.digest) ? Verdict::right : Verdict::wrong;
}

// 2^c is done; 2^c + 2^(c+1) + … + 2^(present-1) more make 2^present altogether.
Result<void> Hasher::State::equalise(const SecretText& password, int cost) const {
    for (; cost < settings.cost; ++cost) {
        auto done = kernel->compute(password.reveal(), Variant::b, cost, decoy_salt);
        if (!done) return std::unexpected(done.error());
    }
    return {};
}

Hasher::Hasher(Settings settings, SaltSource salts, std::unique_ptr<Kernel> kernel)
    : state_(std::make_unique<State>(settings, std::move(salts), std::move(kernel))) {}

Hasher::~Hasher() {
    stop();
}

Salt Hasher::new_salt() const {
    Salt salt{};
    state_->fill(salt);
    return salt;
}

Task<std::string> Hasher::hash(SecretText password) {
    co_return co_await hash(std::move(password), new_salt());
}

Task<std::string> Hasher::hash(SecretText password, Salt salt) {
    auto fits = check_length(password);
    if (!fits) co_return std::unexpected(fits.error());
    auto work = [state = state_.get(), password = std::move(password), salt] {
        return state->make(password, salt);
    };
    co_return co_await state_->run<std::string>(std::move(work));
}

Task<Verdict> Hasher::check(SecretText password, std::string stored) {
    auto hash = parse_bcrypt(stored);
    if (!hash) co_return std::unexpected(hash.error());
    if (hash->cost > state_->settings.maximum_cost) co_return fail(cost_refused);
    auto fits = check_length(password);
    if (!fits) co_return std::unexpected(fits.error());
    auto work = [state = state_.get(), password = std::move(password), stored_hash = *hash] {
        return state->compare(password, stored_hash);
    };
    co_return co_await state_->run<Verdict>(std::move(work));
}

Task<Verdict> Hasher::check_decoy(SecretText password) {
    auto fits = check_length(password);
    if (!fits) co_return std::unexpected(fits.error());
    auto work = [state = state_.get(), password = std::move(password)]() -> Result<Verdict> {
        BcryptHash decoy{Variant::b, state->settings.cost, state->decoy_salt, {}};
        auto verdict = state->compare(password, decoy);
        if (!verdict) return verdict;
        return Verdict::wrong;
    };
    co_return co_await state_->run<Verdict>(std::move(work));
}

bool Hasher::needs_rehash(std::string_view stored) const {
    auto hash = parse_bcrypt(stored);
    return hash && (hash->cost < state_->settings.cost || hash->variant != Variant::b);
}

std::size_t Hasher::waiting() const {
    return state_->pool.waiting();
}

void Hasher::stop() {
    state_->stopping = true;
    state_->pool.stop();
}

}  // namespace cardea::password
