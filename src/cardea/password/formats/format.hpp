// Format: one way in which some system writes password hashes, and what reading one of them gives.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/password/bcrypt.hpp"
#include "cardea/password/hasher.hpp"

namespace cardea::password::formats {

/// What checking a stored hash costs, by the parameters in its text: known before any work. The
/// time is an estimate for one core, on the high side.
struct Demand {
    std::uint64_t memory = 0;  ///< Bytes.
    std::chrono::microseconds time{0};
};

/// What a stored hash may cost. A text that asks for more is refused with `cost_refused`.
struct Limits {
    std::uint64_t memory = 0;  ///< Bytes.
    Milliseconds time{0};
};

/// bcrypt does the work: a bcrypt hash in another system's wrapping.
struct Wrapped {
    std::string bcrypt;  ///< The text inside: `$2b$…`.
    int cost = 0;        ///< bcrypt's, of that text.
    /// What that system gave bcrypt in the password's place.
    SecretText (*prepare)(const SecretText& password) = nullptr;
};

/// A stored hash that was read: all that it says has been checked but the password.
struct Reading {
    Demand demand;
    /// Computes and compares, in constant time; blocks for about demand.time. Any thread. Empty
    /// where `wrapped` is set.
    std::function<Result<Verdict>(const SecretText& password)> check;
    std::optional<Wrapped> wrapped;
};

/// A line of the registry.
struct Format {
    std::string_view name;    ///< As people see it in `cardea account stats`: `argon2id`.
    std::string_view prefix;  ///< What its texts begin with, and no other format's.
    /// Fails with `malformed_hash` for whatever the system that it belongs to does not write; fast,
    /// and in memory of the order of the text.
    Result<Reading> (*read)(std::string_view text);
};

}  // namespace cardea::password::formats
