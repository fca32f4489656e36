#include "cardea/password/hasher.hpp"

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>

#include "cardea/base/equal.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::password {
namespace {

std::shared_ptr<const Kernel> kernel_of(const Settings& settings, std::unique_ptr<Kernel> given) {
    if (given) return given;
    if (settings.kernel == KernelName::libxcrypt) return make_libxcrypt_kernel();
    return nullptr;
}

// A third of what a request may take: who was let in is served, too, when something else takes two
// thirds of the processor meanwhile.
constexpr Milliseconds longest_wait = 20s;

Engine::Options engine_options(const Settings& settings, std::unique_ptr<Kernel> kernel) {
    return {.threads = settings.threads,
            .lanes = settings.lanes,
            .queue_limit = static_cast<std::size_t>(std::max(1, settings.queue_limit)),
            .nice = settings.nice,
            .longest_wait = longest_wait,
            .kernel = kernel_of(settings, std::move(kernel))};
}

bool equal(const Digest& a, const Digest& b) {
    return constant_time_equal(as_text(a), as_text(b));
}

// A call on its way; finished once, by the engine's answer or by the caller's deadline.
template <class Handler>
class Call {
  public:
    explicit Call(Handler handler)
        : handler_(std::move(handler)),
          slot_(asio::get_associated_cancellation_slot(handler_)),
          executor_(asio::get_associated_executor(handler_)),
          work_(executor_) {}

    auto slot() const { return slot_; }

    static void finish(const std::shared_ptr<Call>& call, Result<Digest> result) {
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
};

// On the I/O thread. The slot is filled once the ticket is known: an answer that is there already
// has been posted, and clears the slot afterwards.
template <class Handler>
void start(Engine& engine, Job job, Handler handler) {
    using Waiting = Call<Handler>;
    auto call = std::make_shared<Waiting>(std::move(handler));
    auto done = [call](Result<Digest> digest) { Waiting::finish(call, std::move(digest)); };
    auto ticket = engine.submit(std::move(job), std::move(done));
    if (!ticket) return Waiting::finish(call, std::unexpected(ticket.error()));
    if (!call->slot().is_connected()) return;
    call->slot().assign(
        [&engine, ticket = *ticket, weak = std::weak_ptr(call)](asio::cancellation_type) {
            auto waiting = weak.lock();
            if (waiting && engine.cancel(ticket)) Waiting::finish(waiting, fail(deadline_passed));
        });
}

}  // namespace

struct Hasher::State {
    State(Settings s, SaltSource r, std::unique_ptr<Kernel> kernel)
        : settings(s),
          fill(r ? std::move(r) : SaltSource(fill_from_system)),
          engine(engine_options(s, std::move(kernel))) {
        settings.maximum_cost = std::max(settings.maximum_cost, settings.cost);
        fill(decoy_salt);
    }

    Task<Digest> compute(Job job);

    Settings settings;
    SaltSource fill;
    Salt decoy_salt{};
    Engine engine;
};

Task<Digest> Hasher::State::compute(Job job) {
    auto initiate = [this](auto handler, Job one) {
        start(engine, std::move(one), std::move(handler));
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<Digest>)>(
        initiate, asio::use_awaitable, std::move(job));
}

Hasher::Hasher(Settings settings, SaltSource salts, std::unique_ptr<Kernel> kernel)
    : state_(std::make_unique<State>(settings, std::move(salts), std::move(kernel))) {}

Hasher::~Hasher() {
    stop();
}

Result<void> Hasher::ready() const {
    return state_->engine.ready();
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
    BcryptHash hash{
        .variant = Variant::b, .cost = state_->settings.cost, .salt = salt, .digest = {}};
    Job job{.password = std::move(password), .cost = hash.cost, .salt = hash.salt};
    auto digest = co_await state_->compute(std::move(job));
    if (!digest) co_return std::unexpected(digest.error());
    hash.digest = *digest;
    co_return to_string(hash);
}

Task<Verdict> Hasher::check(SecretText password, std::string stored) {
    auto hash = parse_bcrypt(stored);
    if (!hash) co_return std::unexpected(hash.error());
    if (hash->cost > state_->settings.maximum_cost) co_return fail(cost_refused);
    Job job{.password = std::move(password),
            .variant = hash->variant,
            .cost = hash->cost,
            .salt = hash->salt,
            .as_long_as_cost = state_->settings.cost};
    auto digest = co_await state_->compute(std::move(job));
    if (!digest) co_return std::unexpected(digest.error());
    co_return equal(*digest, hash->digest) ? Verdict::right : Verdict::wrong;
}

Task<Verdict> Hasher::check_decoy(SecretText password) {
    Job job{
        .password = std::move(password), .cost = state_->settings.cost, .salt = state_->decoy_salt};
    auto digest = co_await state_->compute(std::move(job));
    if (!digest) co_return std::unexpected(digest.error());
    co_return Verdict::wrong;
}

bool Hasher::needs_rehash(std::string_view stored) const {
    auto hash = parse_bcrypt(stored);
    return hash && (hash->cost < state_->settings.cost || hash->variant != Variant::b);
}

std::size_t Hasher::waiting() const {
    return state_->engine.waiting();
}

void Hasher::stop() {
    state_->engine.stop();
}

}  // namespace cardea::password
