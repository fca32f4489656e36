#include "cardea/password/engine.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>

#include "cardea/base/clock.hpp"
#include "cardea/password/password.hpp"
#include "cardea/password/queue.hpp"

namespace cardea::password {
namespace {

using Steady = std::chrono::steady_clock;
using Place = Engine::Entry::Place;

// Between two of these, lanes are given and taken. A fast machine's measurement, so that a slow
// moment of it stays below a millisecond or so.
constexpr std::chrono::duration<double> chunk = 600us;

std::size_t thread_count(int wanted) {
    if (wanted > 0) return static_cast<std::size_t>(wanted);
    return std::max(1U, std::thread::hardware_concurrency());
}

void become_hashing_thread(int nice) {
    pthread_setname_np(pthread_self(), "cardea-hash");
    // On Linux a nice value belongs to the thread; failing to lower it is harmless.
    if (nice == 0) return;
    auto id = static_cast<id_t>(syscall(SYS_gettid));
    (void)setpriority(PRIO_PROCESS, id, getpriority(PRIO_PROCESS, 0) + nice);
}

// What one hashing thread is computing.
class Batch {
  public:
    explicit Batch(const Examination& machine) : machine_(machine) {}

    std::size_t size() const { return running_.size(); }
    void admit(Queue::EntryPointer entry);
    /// Computes for a chunk, answers who is done, and drops who has gone.
    void advance();

    /// What a hash takes now: the last one, or longer when none was done for longer. One of a high
    /// cost among many does not count: the others are done meanwhile.
    Steady::duration typical() const { return std::max(last_took_, since_last_); }

  private:
    struct Running {
        Queue::EntryPointer entry;
        std::uint64_t digest_at;  // rounds
        std::uint64_t over_at;    // more than that when it is to take as long as a higher cost
        Steady::time_point begun;
        std::uint64_t done = 0;
        std::optional<Digest> digest;

        std::uint64_t until_next() const { return (digest ? over_at : digest_at) - done; }
    };
    std::uint32_t next_rounds() const;
    bool is_over(std::size_t lane, Steady::time_point now);
    void remove(std::size_t lane);

    const Examination& machine_;
    Lanes lanes_;
    std::vector<Running> running_;  // as the lanes are numbered
    Steady::duration last_took_ = 100ms;
    Steady::duration since_last_{};   // after the last chunk
    Steady::time_point last_done_{};  // or when the first lane was taken
};

void Batch::admit(Queue::EntryPointer entry) {
    auto& job = entry->job;
    lanes_.admit(job.password.reveal(), job.variant, job.salt);
    job.password = SecretText();
    auto rounds = [](int cost) { return std::uint64_t{1} << cost; };
    auto over_at = rounds(std::max(job.cost, job.as_long_as_cost));
    auto now = Steady::now();
    if (running_.empty()) last_done_ = now;
    running_.push_back({std::move(entry), rounds(job.cost), over_at, now, 0, {}});
}

std::uint32_t Batch::next_rounds() const {
    auto lanes = running_.size();
    auto per_second = machine_.rounds_per_second[lanes] / static_cast<double>(lanes);
    auto rounds =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(per_second * chunk.count()));
    for (const auto& one : running_) rounds = std::min(rounds, one.until_next());
    return static_cast<std::uint32_t>(rounds);
}

void Batch::advance() {
    auto rounds = next_rounds();
    lanes_.run(rounds);
    auto now = Steady::now();
    // From the last one down: removing a lane moves the last one, already looked at, into its
    // place.
    for (auto lane = running_.size(); lane-- > 0;) {
        running_[lane].done += rounds;
        if (is_over(lane, now)) remove(lane);
    }
    since_last_ = now - last_done_;
}

bool Batch::is_over(std::size_t lane, Steady::time_point now) {
    auto& one = running_[lane];
    if (one.entry->is_over()) return true;
    if (one.done == one.digest_at) one.digest = lanes_.digest(lane);
    if (one.done == one.over_at) {
        last_took_ = now - one.begun;
        last_done_ = now;
        one.entry->finish(Place::computing, *one.digest);
        return true;
    }
    if (one.entry->job.deadline > now) return false;
    one.entry->finish(Place::computing, fail(deadline_passed));
    return true;
}

void Batch::remove(std::size_t lane) {
    lanes_.remove(lane);
    std::swap(running_[lane], running_.back());
    running_.pop_back();
}

// 2^c is done; 2^c + 2^(c+1) + … + 2^(present-1) more make 2^present altogether.
Result<Digest> compute_with(const Kernel& kernel, const Job& job) {
    const auto& password = job.password.reveal();
    auto digest = kernel.compute(password, job.variant, job.cost, job.salt);
    for (int cost = job.cost; digest && cost < job.as_long_as_cost; ++cost) {
        auto more = kernel.compute(password, Variant::b, cost, job.salt);
        if (!more) return more;
    }
    return digest;
}

}  // namespace

struct Engine::State {
    explicit State(Options chosen)
        : options(std::move(chosen)),
          queue(std::max<std::size_t>(1, options.queue_limit), thread_count(options.threads)) {}

    std::size_t lanes() const {
        if (options.kernel) return 1;
        if (options.lanes == 0) return options.examination().best_lanes;
        return std::clamp<std::size_t>(static_cast<std::size_t>(options.lanes), 1, most_lanes);
    }

    Milliseconds expected_wait() const {
        auto turns = queue.waiting() / (threads.size() * typical_lanes) + 1;
        return Milliseconds(static_cast<std::int64_t>(turns) * typical_ms.load());
    }
    // Where nobody waits, everybody is let in: what hashes take is learnt from those that run.
    bool takes_too_long() const {
        return queue.waiting() > 0 && expected_wait() > options.longest_wait;
    }
    Error busy_error() const {
        return Error(busy).with_retry_after(std::chrono::ceil<Seconds>(expected_wait() + 1ms));
    }

    void work();
    void work_with_kernel();
    void work_in_lanes();
    void refuse(const Error& why);

    Options options;
    Queue queue;
    std::atomic<std::size_t> typical_lanes = 1;
    std::atomic<std::int64_t> typical_ms = 100;  // of a hash
    std::vector<std::thread> threads;
};

void Engine::State::work() {
    // Before the thread yields to others: a start waits for this.
    const auto* machine = options.kernel ? nullptr : &options.examination();
    become_hashing_thread(options.nice);
    if (machine == nullptr) return work_with_kernel();
    if (!machine->passed) return refuse(machine->passed.error());
    work_in_lanes();
}

void Engine::State::work_with_kernel() {
    Queue::Taker taker;
    for (;;) {
        taker.active = 0;
        auto taken = queue.take(taker);
        if (taken.empty()) return;
        auto begun = Steady::now();
        auto& entry = *taken.front();
        auto result = compute_with(*options.kernel, entry.job);
        entry.job.password = SecretText();
        typical_ms = std::chrono::ceil<Milliseconds>(Steady::now() - begun).count();
        entry.finish(Place::computing, std::move(result));
    }
}

void Engine::State::work_in_lanes() {
    Batch batch(options.examination());
    Queue::Taker taker{.lanes = lanes()};
    typical_lanes = taker.lanes;
    for (;;) {
        taker.active = batch.size();
        for (auto& entry : queue.take(taker)) batch.admit(std::move(entry));
        if (batch.size() == 0) return;
        batch.advance();
        typical_ms = std::chrono::ceil<Milliseconds>(batch.typical()).count();
    }
}

void Engine::State::refuse(const Error& why) {
    Queue::Taker taker;
    for (;;) {
        taker.active = 0;
        auto taken = queue.take(taker);
        if (taken.empty()) return;
        for (const auto& entry : taken) entry->finish(Place::computing, std::unexpected(why));
    }
}

Engine::Engine(Options options) : state_(std::make_unique<State>(std::move(options))) {
    auto count = thread_count(state_->options.threads);
    for (std::size_t i = 0; i < count; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
    }
}

Engine::~Engine() {
    stop();
}

Result<Engine::Ticket> Engine::submit(Job job, Done done) {
    auto fits = check_fits(job.password.reveal());
    if (!fits) return std::unexpected(fits.error());
    if (state_->takes_too_long()) return std::unexpected(state_->busy_error());
    auto entry = std::make_shared<Entry>();
    entry->job = std::move(job);
    entry->done = std::move(done);
    if (!state_->queue.push(entry)) return std::unexpected(state_->busy_error());
    return entry;
}

bool Engine::cancel(const Ticket& ticket) {
    auto entry = ticket.lock();
    return entry && state_->queue.cancel(entry);
}

Result<Digest> Engine::compute(Job job) {
    auto deadline = job.deadline;
    std::promise<Result<Digest>> promise;
    auto answer = promise.get_future();
    auto ticket = submit(std::move(job), [promise = std::move(promise)](auto result) mutable {
        promise.set_value(std::move(result));
    });
    if (!ticket) return std::unexpected(ticket.error());
    // For ever is beyond what a wait with an end can take.
    bool may_end = deadline != Steady::time_point::max();
    if (may_end && answer.wait_until(deadline) == std::future_status::timeout && cancel(*ticket)) {
        return fail(deadline_passed);
    }
    return answer.get();
}

Result<void> Engine::ready() const {
    const auto& options = state_->options;
    if (options.kernel) return {};
    return options.examination().passed;
}

std::size_t Engine::threads() const {
    return state_->threads.size();
}

std::size_t Engine::lanes() const {
    return state_->lanes();
}

std::size_t Engine::waiting() const {
    return state_->queue.waiting();
}

void Engine::stop() {
    state_->queue.close(state_->busy_error());
    for (auto& thread : state_->threads) {
        if (thread.joinable()) thread.join();
    }
}

void fill_from_system(std::span<std::byte> out) {
    // Fails only for more than 256 bytes or a kernel without the call; both are bugs here.
    if (getentropy(out.data(), out.size()) != 0) std::abort();
}

Result<void> check_fits(std::string_view password) {
    if (password.size() > longest_password) return fail(too_long);
    if (password.find('\0') != std::string_view::npos) return fail(has_nul);
    return {};
}

}  // namespace cardea::password
