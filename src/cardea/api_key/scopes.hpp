// The scopes of an API key: what it may do.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/db/value.hpp"

namespace cardea::api_key {

namespace scope {
inline constexpr std::string_view accounts_read = "accounts:read";
inline constexpr std::string_view connections_read = "connections:read";
inline constexpr std::string_view tokens_read = "tokens:read";
inline constexpr std::string_view admin = "admin";
inline constexpr std::array all{accounts_read, connections_read, tokens_read, admin};
}  // namespace scope

inline constexpr Reason scope_unknown{
    Code::invalid, "api_key.scope_unknown",
    "A scope is one of accounts:read, connections:read, tokens:read and admin."};

/// At least one scope, sorted, without repeats.
class Scopes {
  public:
    Scopes() = default;
    /// Fails with `scope_unknown`, also for none at all.
    static Result<Scopes> parse(const std::vector<std::string>& words);
    static Scopes from_column(const db::Value& value);

    bool has(std::string_view scope) const;
    const std::vector<std::string>& words() const { return words_; }
    std::string to_column() const;
    bool operator==(const Scopes&) const = default;

  private:
    std::vector<std::string> words_;
};

}  // namespace cardea::api_key
