// CompanionRenewals: how tokens for other audiences are got, under the lease of a renewal.
#pragma once

#include "cardea/runtime/single_flight.hpp"
#include "cardea/vault/claims.hpp"
#include "cardea/vault/companions.hpp"
#include "cardea/vault/token_renewals.hpp"

namespace cardea::vault {

/// See Vault, whose call companion_token() is.
class CompanionRenewals {
  public:
    CompanionRenewals(const Vault::Parts& parts, const Settings& settings, const Store& store,
                      Claims& claims, TokenRenewals& renewals);

    Task<AccessToken> companion_token(std::string id, std::string companion, audit::Origin origin);
    /// The person has signed in again: what failed before may not fail now.
    void forget_failures(const std::string& id);

  private:
    Task<Wanted> wanted_of(std::string provider, std::string name);
    Task<Connection> renew(std::string id, Wanted wanted, audit::Origin origin);
    Task<Connection> renew_claimed(std::string id, Wanted wanted, audit::Origin origin);
    Task<Connection> ask(Row row, Wanted wanted, audit::Origin origin);

    const Vault::Parts& parts_;
    const Settings& settings_;
    const Store& store_;
    Claims& claims_;
    TokenRenewals& renewals_;
    runtime::SingleFlight<Connection> flights_;
    CompanionFailures failures_;
};

}  // namespace cardea::vault
