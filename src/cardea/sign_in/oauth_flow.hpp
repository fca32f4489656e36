// OAuthFlow: signing in with a provider, and linking one to an account.
#pragma once

#include <optional>
#include <string>

#include "cardea/account/accounts.hpp"
#include "cardea/account/verifications.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"
#include "cardea/http/cookie.hpp"
#include "cardea/http/return_to.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/session/cookie.hpp"
#include "cardea/session/sessions.hpp"
#include "cardea/sign_in/provider_round.hpp"
#include "cardea/sign_in/registration.hpp"
#include "cardea/sign_in/visit.hpp"
#include "cardea/throttle/throttle.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::sign_in {

/// There is an account with the provider's address, and it is not proven that it is theirs.
inline constexpr Reason link_first{
    Code::conflict, "sign_in.link_first",
    "There is an account with this email address already. Sign in to it, then connect this "
    "provider from the account page."};
/// A connection was to be linked, and the one who began is no longer signed in here.
inline constexpr Reason link_needs_session{
    Code::unauthenticated, "sign_in.link_needs_session",
    "You are no longer signed in. Sign in, then connect the provider again."};

struct Begin {
    std::string provider;
    http::ReturnTo return_to;
    Transport transport = Transport::cookie;
    std::string flow_cookie;  ///< The value that the browser sent; may be empty.
    /// The account to link the provider to; empty for a sign-in. The caller has checked that its
    /// sign-in is recent.
    std::optional<std::string> link_to;
    std::string link_session;  ///< The id of the session that links; empty for a sign-in.
};

/// Where the browser goes, and what it takes along.
struct Begun {
    std::string location;
    http::SetCookie cookie;
};

struct Callback {
    std::string provider;  ///< Of the path; empty on the shared `/auth/callback`.
    std::string query;     ///< The query without `?`, or the form body of a form_post.
    std::string flow_cookie;
};

struct Finished {
    /// Empty when a connection was linked: the session stays the one it was.
    std::optional<SignedIn> signed_in;
    std::string return_to;  ///< Fit for Location: it was parsed when the sign-in began.
    Transport transport = Transport::cookie;
};

/// Who a provider's user is here:
/// - the account that is linked to (issuer, subject), always first;
/// - the account with the same address, when the provider gives out that address itself and says
///   that it is proven, and the account's address was proven in that way, too. Where it was only
///   typed in, or claimed by a provider that does not give it out, somebody may have registered a
///   stranger's address: the proven sign-in takes the address, and the old account loses it, its
///   password and its sessions;
/// - with any other account of that address: nobody (`link_first`);
/// - else somebody new, by the registration rules.
class OAuthFlow {
  public:
    struct Parts {
        db::Database& database;
        provider::Providers& providers;
        account::Accounts& accounts;
        account::Verifications& verifications;
        session::Sessions& sessions;
        vault::Vault& vault;
        audit::Trail& trail;
        const Clock& clock;
        crypto::Random& random;
        session::Origin origin;
        throttle::Throttle& throttle;
    };
    OAuthFlow(Parts parts, Settings settings);

    /// Fails with the reasons of provider::Providers::ready() and push(), `throttle.slow_down` and
    /// `verification.full`.
    Task<Begun> begin(Begin wish, Visit visit);
    /// Where a state came, the error has a reference(), by which `cardea explain` finds what
    /// happened. Fails with `oauth.state_mismatch` (unknown, used, too old), `other_browser`, the
    /// reasons of oauth::check_callback(), of exchange() and profile(), `link_first`,
    /// `link_needs_session`, `vault.connection_taken`, `account.disabled`,
    /// `account.registration_closed`.
    Task<Finished> finish(Callback callback, Visit visit);

  private:
    /// For the trail, in case the sign-in fails.
    struct Trace {
        std::string provider;
        std::string begun_at{};
        std::string redirect_uri{};
    };

    Task<Begun> begin_counted(Begin wish);
    Task<account::Account> linked_account(db::Executor& executor, Proof proof, std::string id);
    Task<Finished> finish_read(oauth::Callback callback, SecretText browser, Visit visit);
    Task<account::Verification> take_pending(std::string state, Visit visit);
    Task<Finished> finish_taken(account::Verification taken, oauth::Callback callback,
                                SecretText browser, Visit visit);
    Task<SignedIn> sign_in(Proof proof, Visit visit);
    Task<void> link(Proof proof, std::string account_id, Visit visit);
    Task<account::Account> person_of(db::Executor& executor, Proof proof, Visit visit);
    Task<account::Account> owner_of_address(db::Executor& executor, Proof proof,
                                            account::Account existing, Visit visit);
    Task<account::Account> newcomer(db::Executor& executor, Proof proof, Visit visit);
    Task<void> take_address_from(db::Executor& executor, account::Account old, Visit visit);
    Task<void> keep(db::Executor& executor, Proof proof, std::string account_id, Visit visit);
    Task<void> check_linker(provider::ProviderPtr provider, Departure departure, Visit visit);
    Task<void> check_linker_is_here(std::string account_id, SecretText session_token);
    Task<void> check_linker_lives(std::string account_id, std::string session_id);
    Task<void> note_failure(Trace trace, Error error, Visit visit);

    Parts parts_;
    RegistrationRules rules_;
    ProviderRound round_;
};

}  // namespace cardea::sign_in
