// Profile: who a provider says the user is, in one form for all providers.
#pragma once

#include <optional>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

/// The profile cannot be read, has no subject, or is another user's than the ID token's.
inline constexpr Reason profile_refused{
    Code::peer_failed, "oauth.profile_refused",
    "The provider did not say who you are. Try again in a moment."};
/// The access token does not open the profile call (401, 403).
inline constexpr Reason token_refused{Code::peer_failed, "oauth.token_refused",
                                      "The provider does not accept the access token."};

/// Everything a provider says is somebody else's text: cut, without control characters, UTF-8.
struct Profile {
    std::string subject;               ///< At most 255 bytes, never empty.
    std::optional<std::string> email;  ///< As given, at most 254 bytes.
    /// The provider has proven the address (and its row says that it may be believed).
    bool email_verified = false;
    /// The provider gives this address out itself: only then may it link an existing account.
    bool email_authoritative = false;
    std::optional<std::string> name;     ///< At most 200 bytes.
    std::optional<std::string> picture;  ///< An https URL of at most 2048 bytes.
    schema::Json raw;                    ///< What the provider answered.
};

/// The body of a profile or e-mail call as JSON.
Result<schema::Json> read_json_answer(const http::Response& response);
/// The profile by the provider's pointers. `id_subject`: the ID token's subject, empty without one;
/// an answer whose `sub` is another or missing is refused (OpenID Connect Core 5.3.2). `callback`:
/// AuthorizationCode::parameters() of a sign-in, for names that come there.
Result<Profile> read_profile(const Provider& provider, const schema::Json& raw,
                             const std::string& id_subject, const Texts& callback = {});
/// Sets the e-mail from the answer to email_request(), or from the profile's own where the row says
/// that the list is there: the primary proven address, else a proven
/// one, else what was there. An answer that is one address and no list is believed as the row's
/// `email_trust` says.
void add_email(const Provider& provider, const schema::Json& addresses, Profile& profile);

}  // namespace cardea::oauth
