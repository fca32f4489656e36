// Lanes: bcrypt for up to eight passwords on one thread, in interleaved steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cardea/password/bcrypt.hpp"

namespace cardea::password {

/// Eight S-box sets of 4 KiB are what a first-level cache of 32 KiB holds.
inline constexpr std::size_t most_lanes = 8;

/// The instructions that a processor may use; all compute the same.
enum class Instructions { portable, bmi };
/// Those that this processor has.
std::vector<Instructions> usable_instructions();
/// Those with which one lane is fastest here: two makers' processors differ, so it is measured, in
/// about a millisecond.
Instructions measure_instructions();
/// measure_instructions(), done once a process. Thread-safe.
Instructions best_instructions();

/// The passwords that one thread works on. One bcrypt state is a chain of dependent loads and
/// leaves most of a core idle; the chains of several states fill it. Lanes join and leave between
/// calls of run(). Not thread-safe. Whatever a password left behind is wiped when its lane is
/// removed.
class Lanes {
  public:
    explicit Lanes(Instructions instructions = best_instructions());
    ~Lanes();
    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    /// Lanes in use; they are numbered from 0.
    std::size_t active() const { return active_; }
    /// Begins a password of at most 72 bytes without NUL on lane number active(), which must be
    /// below `most_lanes`.
    void admit(std::string_view password, Variant variant, const Salt& salt);
    /// Advances every lane by so many rounds. A hash of cost c is done after 2^c rounds.
    void run(std::uint32_t rounds);
    /// The digest after the rounds so far; the lane can go on.
    Digest digest(std::size_t lane) const;
    /// Wipes the lane; the last lane takes its number.
    void remove(std::size_t lane);
    /// All that passwords leave traces in: zeros when no lane is active.
    std::span<const std::byte> memory() const;

  private:
    struct States;
    using Run = void (*)(States&, std::uint32_t);
    template <std::size_t Count>
    static void run_portable(States& states, std::uint32_t rounds);
    template <std::size_t Count>
    static void run_bmi(States& states, std::uint32_t rounds);
    static Run runner(Instructions instructions, std::size_t count);

    Instructions instructions_;
    std::size_t active_ = 0;
    std::unique_ptr<States> states_;
};

}  // namespace cardea::password
