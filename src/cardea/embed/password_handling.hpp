// PasswordHandling of the original document: hash a password, check a password, in blocking calls.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/password/bcrypt.hpp"
#include "cardea/password/hasher.hpp"
#include "cardea/password/password.hpp"

namespace cardea {

/// bcrypt for applications. Any thread may call; a call computes on the thread that made it and
/// blocks it for about 2^salt_rounds × 50 µs. Where more threads call than there are processors,
/// the others wait their turn.
///
/// The bytes that come in are the bytes that are hashed: nothing is normalised, trimmed or cut, so
/// that every other bcrypt agrees. Text that people type is worth bringing into one normal form
/// first (password::normalise()), as the server does.
///
/// Errors carry Options::error as their status(). `password.too_long` over 72 bytes and
/// `password.has_nul`: bcrypt would cut the password there. `password.busy`: too many callers wait
/// already; Error::retry_after() says when to come back.
class PasswordHandling {
  public:
    struct Options {
        int success = 0;               ///< Kept for the application's own exit status.
        int error = 84;                ///< Error::status() of what fails here.
        bool debug = false;            ///< Logs each call, never a password or a hash.
        int salt_rounds = 10;          ///< bcrypt's cost, 4 to 31; each step doubles the work.
        int maximum_salt_rounds = 16;  ///< Stored hashes of a higher cost are not checked.
        int queue_limit = 1024;        ///< Callers that may wait; more get `password.busy`.
    };

    PasswordHandling() : PasswordHandling(Options()) {}
    /// Throws std::invalid_argument for rounds that bcrypt does not have.
    explicit PasswordHandling(Options options);

    /// A `$2b$` hash with a salt of its own, 60 characters.
    Result<std::string> hash_password(std::string_view password) const;
    Result<std::string> hash_password(std::span<const std::byte> password) const;

    /// Whether the password is the one that was hashed, for `$2a$`, `$2b$` and `$2y$`; compared in
    /// constant time. Fails at once, and never says true, with `password.malformed_hash`,
    /// `password.unsupported_hash` (`$2x$`) and `password.cost_refused`.
    Result<bool> check_password(std::string_view password, std::string_view hash) const;
    Result<bool> check_password(std::span<const std::byte> password, std::string_view hash) const;
    Result<bool> check_password(std::span<const std::byte> password,
                                std::span<const std::byte> hash) const;

    /// True for a lower cost than salt_rounds and for `$2a$` and `$2y$`: hash again while the
    /// password is at hand. False for what cannot be read.
    bool needs_rehash(std::string_view hash) const;

    const Options& options() const { return options_; }

  private:
    class Bcrypt;
    Options options_;
    std::shared_ptr<const Bcrypt> bcrypt_;  // copies share its queue
};

}  // namespace cardea
