// The roles of an account: a small set of words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/db/value.hpp"

namespace cardea::account {

/// The role that may administer.
inline constexpr std::string_view admin = "admin";

/// A role is 1 to 32 of a-z, 0-9, `_` and `-`.
inline constexpr Reason role_malformed{
    Code::invalid, "account.role_malformed",
    "A role is a word of at most 32 lower-case letters, digits, hyphens and underscores."};

/// Sorted, without repeats; kept in one column as words separated by a space.
class Roles {
  public:
    Roles() = default;
    /// Fails with `role_malformed`; at most 16 roles.
    static Result<Roles> parse(const std::vector<std::string>& words);
    static Roles from_column(const db::Value& value);

    bool has(std::string_view role) const;
    bool empty() const { return words_.empty(); }
    const std::vector<std::string>& words() const { return words_; }
    std::string to_column() const;
    bool operator==(const Roles&) const = default;

  private:
    std::vector<std::string> words_;
};

}  // namespace cardea::account
