// Tokens for other audiences: which can be given out, and whose provider is better left alone.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/vault/connection.hpp"

namespace cardea::vault {

/// A companion as the provider's row has it now. A token that was got otherwise is none of it.
struct Wanted {
    std::string name;
    std::string params_hash;
};

/// Whether its token is to be got: it is not there, ends within the margin (at most a third of its
/// life), or is an hour old where the provider did not say when it ends.
bool companion_is_due(const oauth::TokenSet& tokens, const Wanted& wanted, Instant now,
                      Seconds margin);
/// The companion's token with what is kept beside it; none when it is over, or not there.
std::optional<AccessToken> living_companion(const oauth::TokenSet& tokens, const Wanted& wanted,
                                            Instant now);

/// What companions' refreshes failed with of late: their provider is not asked again at each lease.
class CompanionFailures {
  public:
    /// `key` begins with the connection. Gives `needs_consent` where that was the failure,
    /// otherwise with `waits_for_provider`.
    std::optional<Error> find(const std::string& key, Instant now) const;
    void remember(std::string key, Error error, Instant retry_at);
    /// Those of a connection, by what their keys begin with.
    void forget(const std::string& beginning);

  private:
    struct Failure {
        Error error;
        Instant retry_at;
    };
    std::map<std::string, Failure> failures_;
};

}  // namespace cardea::vault
