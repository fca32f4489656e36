// Policy: what may become a password (NIST SP 800-63B-4 section 3.1.1.2).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/password/password.hpp"
#include "cardea/password/settings.hpp"

namespace cardea::password {

// Refusals. Each carries a FieldError for the field that the password stood in; its text says what
// the settings ask.

/// Shorter than `password.minimum_length`.
inline constexpr Reason shorter_than_set{Code::invalid, "password.too_short",
                                         "A password needs more characters here."};
inline constexpr Reason common{
    Code::invalid, "password.common",
    "This is one of the passwords that are tried first. Choose one that nobody else has."};
inline constexpr Reason context{Code::invalid, "password.context",
                                "This password is made of your address, your name or the name of "
                                "this service. Choose another one."};
inline constexpr Reason breached{
    Code::invalid, "password.breached",
    "This password is in a list of leaked ones, so strangers have it. Choose another one."};

/// A file that the settings name cannot be used. A FieldError for each says which and why.
inline constexpr Reason policy_unusable{Code::invalid, "password.policy_unusable",
                                        "A file of the password policy cannot be used."};

/// What is known of an account when its password is chosen.
struct Owner {
    std::string_view email;
    std::string_view name;
    std::string_view field = "password";  ///< What a refusal is about.
};

/// Checks a new password: length, then whose it is, then lists. No rules of composition, no expiry.
/// Cheap to copy; copies share what they read; several threads may check at once. The common list
/// is built at the first check, in some milliseconds; a check then takes microseconds and, with a
/// filter of breached passwords, one read of 64 bytes, which blocks where the page is not cached.
class Policy {
  public:
    /// The default settings and no service.
    Policy();
    /// `service` are texts that everybody knows: what the service is called, its host. Reads the
    /// files that the settings name. Fails with `policy_unusable`.
    static Result<Policy> open(const Settings& settings, const std::vector<std::string>& service);

    /// Fails with `shorter_than_set`, `too_long`, `context`, `common`, `breached`, and with
    /// `filter_unreadable` when the file of breached passwords is gone.
    Result<void> check(const Password& password, const Owner& owner) const;
    int minimum_length() const;

  private:
    struct State;
    explicit Policy(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

}  // namespace cardea::password
