// TokenRenewals: the one path on which a connection's own token is renewed.
#pragma once

#include "cardea/runtime/single_flight.hpp"
#include "cardea/vault/claims.hpp"

namespace cardea::vault {

enum class When { now, if_due };

/// Nobody asked: the job renews, or the library for its program.
audit::Origin by_itself();

/// See Vault, whose calls these are.
class TokenRenewals {
  public:
    TokenRenewals(const Vault::Parts& parts, const Settings& settings, const Store& store,
                  Claims& claims);

    Task<AccessToken> fresh_token(std::string id, audit::Origin origin);
    Task<Connection> renew(std::string id, When when, audit::Origin origin);
    Task<std::size_t> renew_due();
    Task<void> check();

    /// The row's tokens. Those that do not open end the connection: fails with `needs_consent`.
    Task<oauth::TokenSet> open_or_give_up(Row row, audit::Origin origin);

    /// Inside the margin, at most a third of the token's life, spread by up to a tenth of it.
    std::optional<Instant> renewal_time(const std::string& provider,
                                        const oauth::TokenSet& tokens) const;
    /// After that many failures before this one.
    Milliseconds retry_delay(std::int64_t failures, const Error& error) const;

  private:
    bool is_due(const Row& row) const;
    Task<Connection> fly(std::string id, When when, audit::Origin origin);
    Task<Connection> renew_claimed(Row row, When when, audit::Origin origin);
    Task<oauth::TokenSet> ask(Row row, oauth::TokenSet kept, audit::Origin origin);
    Task<Connection> store_answer(Row row, oauth::TokenSet tokens, audit::Origin origin);
    Task<Connection> give_up(Row row, Error error, audit::Origin origin);
    Task<Connection> back_off(Row row, Error error, audit::Origin origin);
    Task<void> renew_in_background(std::string id, std::size_t* renewed);

    const Vault::Parts& parts_;
    const Settings& settings_;
    const Store& store_;
    Claims& claims_;
    runtime::SingleFlight<Connection> flights_;
};

}  // namespace cardea::vault
