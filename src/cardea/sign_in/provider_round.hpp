// ProviderRound: sends a browser to a provider and believes what it brings back. Knows nothing of
// sessions.
#pragma once

#include <optional>
#include <string>

#include "cardea/account/email.hpp"
#include "cardea/account/verifications.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/vault/connection.hpp"

namespace cardea::sign_in {

/// The callback came to another browser than began the sign-in. Nothing was done.
inline constexpr Reason other_browser{
    Code::invalid, "sign_in.other_browser",
    "This sign-in was begun in another browser, or cookies are blocked. Start again here."};

/// What is remembered while the browser is away.
struct Departure {
    std::string return_to;
    std::string transport;
    std::optional<std::string> link_to;  ///< The account to link; none for a sign-in.
    std::string link_session;            ///< The session that links; empty for a sign-in.
};

/// A browser that is back with a code, its round checked. The code is not exchanged yet.
struct Arrival {
    provider::ProviderPtr provider;
    oauth::AuthorizationCode code;
    std::optional<SecretText> dpop_key;  ///< What the code is bound to: oauth::Pending has it.
    Departure departure;
};

/// What a provider has proven, and the tokens that came with it.
struct Proof {
    vault::Identity identity;
    oauth::Profile profile;
    oauth::TokenSet tokens;
    std::optional<account::Email> email;
};

/// `oauth.state_mismatch` for a state that was never given out, was used, or is too old; any other
/// error as it is.
Error state_refusal(const Error& error);

/// What is pending stands in `verifications`, under the hash of the state, for ten minutes. A round
/// of one kind cannot be finished as one of another.
class ProviderRound {
  public:
    struct Parts {
        db::Database& database;
        provider::Providers& providers;
        account::Verifications& verifications;
        const Clock& clock;
        crypto::Random& random;
    };
    ProviderRound(Parts parts, std::string kind) : parts_(parts), kind_(std::move(kind)) {}

    /// Where the browser goes. `provider` is what provider::Providers::ready() gave. Fails with
    /// `verification.full`, and with the reasons of provider::Providers::push().
    Task<std::string> begin(provider::ProviderPtr provider, SecretText browser,
                            Departure departure);
    /// Takes what is pending: of two callbacks the second finds nothing. Fails like
    /// Verifications::take(); state_refusal() makes that fit for people.
    Task<account::Verification> take(std::string state);
    /// Fails with `other_browser`, the reasons of oauth::check_callback() and of
    /// provider::Providers::ready().
    Task<Arrival> arrive(account::Verification taken, oauth::Callback callback, SecretText browser);
    /// Fails with the reasons of provider::Providers::exchange() and profile().
    Task<Proof> prove(provider::ProviderPtr provider, oauth::AuthorizationCode code,
                      std::optional<SecretText> dpop_key);

  private:
    Parts parts_;
    std::string kind_;
};

}  // namespace cardea::sign_in
