// Name: what a person is called, fit to be shown.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::account {

inline constexpr Reason name_malformed{
    Code::invalid, "account.name_malformed",
    "A name has at most 200 characters, and none that cannot be seen."};

/// A person's name: NFC, without blanks at its ends, without controls; at most 200 code points;
/// may be empty.
class Name {
  public:
    static constexpr std::size_t max_code_points = 200;

    Name() = default;
    /// What a person typed. Fails with `name_malformed`.
    static Result<Name> parse(std::string_view text);
    /// What a provider tells, which nobody here can correct: controls are dropped and the rest is
    /// cut. Text that is not UTF-8 gives the empty name.
    static Name from_profile(std::string_view text);

    const std::string& text() const { return text_; }
    bool operator==(const Name&) const = default;

    static constexpr schema::TextRule rule{.max_length = 4 * max_code_points};

  private:
    explicit Name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace cardea::account
