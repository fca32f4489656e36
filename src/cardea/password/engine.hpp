// Engine: computes bcrypt for many callers at once, on threads of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/password/bcrypt.hpp"
#include "cardea/password/examination.hpp"
#include "cardea/password/kernel.hpp"

namespace cardea::password {

/// Too many hashes wait already, or they take too long. Error::retry_after() says when to come
/// back.
inline constexpr Reason busy{Code::unavailable, "password.busy",
                             "Too many people are signing in. Try again in a moment."};

/// One digest to compute.
struct Job {
    SecretText password{};
    Variant variant = Variant::b;
    int cost = 10;
    Salt salt{};
    /// Takes as long as a hash of this cost when that is more than its own.
    int as_long_as_cost = 0;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Each hashing thread advances several passwords in interleaved lanes, for at most about a
/// millisecond at a time; in between, lanes are given to those who wait, in the order of their
/// coming, and taken from those who are done or have gone. Costs may be mixed. Thread-safe.
class Engine {
  public:
    struct Options {
        int threads = 0;                ///< 0: one a core.
        int lanes = 0;                  ///< A thread's, 1 to 8; 0: what this machine does best.
        std::size_t queue_limit = 128;  ///< Jobs that wait; those in lanes not counted.
        int nice = 10;                  ///< Added to the hashing threads' nice value.
        /// Who can expect to wait longer than that, by what hashes take now, is refused at once.
        Milliseconds longest_wait = Milliseconds::max();
        /// Computes one password after the other on each thread, instead of lanes.
        std::shared_ptr<const Kernel> kernel = nullptr;
        /// Where the self-test's outcome and the lanes' speeds come from; another one in tests.
        const Examination& (*examination)() = this_machine;
    };
    /// Called once, on a hashing thread: with the digest, with `deadline_passed`, with `busy` when
    /// the engine stops, or with `engine_broken`. Must not block or throw.
    using Done = std::move_only_function<void(Result<Digest>)>;
    struct Entry;
    /// What cancel() takes; holds nothing alive.
    using Ticket = std::weak_ptr<Entry>;

    explicit Engine(Options options);
    /// stop()
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Fails at once, and without calling `done`, with `too_long`, `has_nul` or `busy`.
    Result<Ticket> submit(Job job, Done done);
    /// True when the job was waiting or being computed: `done` will not be called, and what it
    /// holds is let go. A lane is given up within a millisecond or so.
    bool cancel(const Ticket& ticket);
    /// submit(), and blocks until it is done. From many threads at once it reaches the throughput
    /// of the lanes. Not from a Done.
    Result<Digest> compute(Job job);

    /// Blocks until the self-test has run; some milliseconds after the first engine of the
    /// process began. `engine_broken`: every job fails with it, too.
    Result<void> ready() const;
    std::size_t threads() const;
    /// Of each thread; 1 with a kernel. Blocks like ready().
    std::size_t lanes() const;
    std::size_t waiting() const;
    /// Refuses new jobs and ends those waiting with `busy`; those in lanes are finished.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Fills a salt from the system's generator.
void fill_from_system(std::span<std::byte> out);
/// A password that bcrypt can take; otherwise `too_long` or `has_nul`.
Result<void> check_fits(std::string_view password);

}  // namespace cardea::password
