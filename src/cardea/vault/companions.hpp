// Tokens for other audiences: which can be given out, and whose provider is better left alone.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/vault/connection.hpp"

namespace cardea::vault {

/// The companion's token with what is kept beside it, unless it ends within the margin, which is at
/// most a third of its life.
std::optional<AccessToken> companion_lease(const oauth::TokenSet& tokens, const std::string& name,
                                           Instant now, Seconds margin);

/// What companions' refreshes failed with of late: their provider is not asked again at each lease.
class CompanionFailures {
  public:
    /// `key` is the connection and the companion's name.
    std::optional<Error> find(const std::string& key, Instant now) const;
    void remember(std::string key, Error error, Instant retry_at);

  private:
    struct Failure {
        Error error;
        Instant retry_at;
    };
    std::map<std::string, Failure> failures_;
};

}  // namespace cardea::vault
