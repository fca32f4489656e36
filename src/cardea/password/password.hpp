// The field types for passwords: one that is being chosen, one that is being tried.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::password {

inline constexpr Reason too_short{Code::invalid, "password.too_short",
                                  "A password needs at least 8 characters."};
/// bcrypt reads 72 bytes. Nothing is cut silently: what is longer is refused, or stored in the long
/// form.
inline constexpr Reason too_long{
    Code::invalid, "password.too_long",
    "A password may have at most 72 bytes: 72 plain letters, fewer with accents or emoji."};
/// The same refusal where the long form is at hand: nobody needs more, and reading costs time.
inline constexpr Reason far_too_long{
    Code::invalid, "password.too_long",
    "A password may have at most 1024 bytes: some hundred characters."};
inline constexpr Reason has_nul{Code::invalid, "password.has_nul",
                                "A password cannot contain the NUL character."};
inline constexpr Reason not_text{Code::invalid, "password.not_text",
                                 "A password must be valid UTF-8 text."};

inline constexpr std::size_t longest_password = 72;    ///< What bcrypt takes, in bytes.
inline constexpr std::size_t longest_accepted = 1024;  ///< Bytes, after normalisation.
inline constexpr std::size_t shortest_password = 8;    ///< Code points, after normalisation.

/// A password somebody chooses: at least 8 code points, at most 1024 bytes, no NUL. Normalised to
/// NFC, so that the same letters typed on two systems are one password (NIST SP 800-63B-4 section
/// 3.1.1.2); nothing else is changed: blanks count, and compatibility forms stay apart. What a
/// setting or the account decides, Policy checks.
class Password {
  public:
    static constexpr schema::TextRule rule{
        .format = "password", .min_length = shortest_password, .max_length = longest_accepted};

    static Result<Password> parse(std::string_view text);
    const SecretText& secret() const { return secret_; }

    Password() = default;

  private:
    explicit Password(SecretText secret) : secret_(std::move(secret)) {}
    SecretText secret_;
};

/// A password somebody tries: like Password but of any length up to 1024 bytes, because an account
/// may be older than the rule.
class Attempt {
  public:
    static constexpr schema::TextRule rule{.format = "password", .max_length = longest_accepted};

    static Result<Attempt> parse(std::string_view text);
    const SecretText& secret() const { return secret_; }

    Attempt() = default;

  private:
    explicit Attempt(SecretText secret) : secret_(std::move(secret)) {}
    SecretText secret_;
};

/// The text in Unicode normal form C. Fails with `not_text`, `has_nul` or `far_too_long`.
Result<SecretText> normalise(std::string_view text);

}  // namespace cardea::password
