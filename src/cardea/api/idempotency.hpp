// Idempotency-Key: the same request sent again gets the first one's answer.
#pragma once

#include <span>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/keyring.hpp"
#include "cardea/db/database.hpp"
#include "cardea/http/route.hpp"

namespace cardea::api {

inline constexpr Reason key_reused{
    Code::unprocessable, "idempotency.key_reused",
    "This Idempotency-Key was used with another request. Take a new key for a new request."};
inline constexpr Reason in_progress{
    Code::conflict, "idempotency.in_progress",
    "The first request with this Idempotency-Key is still under way."};
inline constexpr Reason key_malformed{Code::invalid, "idempotency.key_malformed",
                                      "An Idempotency-Key has 1 to 255 visible ASCII characters."};

/// The table `idempotency`. A key belongs to its caller (the credential, else the client address)
/// and route; successes are kept for 24 h, refusals are not, so that what was wrong can be mended.
/// A body may hold a password: what is stored of key and body is a MAC with a key of the keyring,
/// and the answer is sealed.
class Idempotency {
  public:
    Idempotency(db::Database& database, const crypto::Keyring& keyring, const Clock& clock)
        : database_(database),
          keyring_(keyring),
          clock_(clock),
          mac_key_(keyring.derive("idempotency")) {}

    /// For Route::around(). The Idempotency must outlive the router.
    http::Route::Wrapper wrapper();
    /// Removes up to `limit` expired answers; tells how many.
    Task<std::size_t> sweep(int limit = 500);

  private:
    struct Claim;
    Task<http::Response> around(http::Exchange& exchange, http::Handler handler);
    Task<std::optional<http::Response>> claim(Claim claim);
    Task<void> settle(Claim claim, Result<http::Response> answer);
    Result<http::Response> replay(const Claim& claim, const db::Rows& rows) const;
    Bytes mac(std::string_view text) const;

    db::Database& database_;
    const crypto::Keyring& keyring_;
    const Clock& clock_;
    SecretBytes mac_key_;
};

std::span<const db::Statement> idempotency_statements();

}  // namespace cardea::api
