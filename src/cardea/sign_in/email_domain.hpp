// EmailDomain: what stands behind the @, for rules about addresses.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::sign_in {

inline constexpr Reason email_domain_malformed{Code::invalid, "sign_in.email_domain_malformed",
                                               "This is not a domain, such as example.org."};

/// A mail domain in its ASCII form. Names below it are not part of it.
class EmailDomain {
  public:
    static Result<EmailDomain> parse(std::string_view text);
    const std::string& text() const { return text_; }
    bool operator==(const EmailDomain&) const = default;

    static constexpr schema::TextRule rule{.format = "hostname", .max_length = 253};

  private:
    explicit EmailDomain(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace cardea::sign_in
