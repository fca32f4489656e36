// Email: an address that has the form of one, and the key by which look-alikes are one.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::account {

inline constexpr Reason email_malformed{Code::invalid, "account.email_malformed",
                                        "This is not an email address, such as ada@example.org."};

/// An email address (RFC 5321 with RFC 6531's Unicode; no quoted local part, no IP literal).
/// Kept in NFC, its domain in its ASCII form (IDNA), lower case, without a trailing dot; at most
/// 254 bytes.
class Email {
  public:
    /// Fails with `email_malformed`; the detail says what is wrong. Linear in the text's length.
    static Result<Email> parse(std::string_view text);

    /// As its owner writes it.
    const std::string& text() const { return text_; }
    /// Equal for addresses that nobody should tell apart: NFKC, case folded, dotless and dotted i
    /// as i. `ada+lists@` and `ada@` stay two.
    const std::string& key() const { return key_; }
    /// The domain's ASCII form in lower case, for rules such as `allowed_email_domains`.
    std::string_view domain() const;
    bool operator==(const Email& other) const { return key_ == other.key_; }

    static constexpr schema::TextRule rule{.format = "email", .min_length = 3, .max_length = 254};

  private:
    Email(std::string text, std::string key) : text_(std::move(text)), key_(std::move(key)) {}
    std::string text_;
    std::string key_;
};

}  // namespace cardea::account
