// The authorization response: from a query or form body to an AuthorizationCode.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/provider.hpp"

namespace cardea::oauth {

/// A parameter is missing, twice there or too long.
inline constexpr Reason callback_malformed{
    Code::invalid, "oauth.callback_malformed",
    "The answer that came back from the provider is incomplete. Start again."};
/// State unknown, of another sign-in, of another provider, or expired.
inline constexpr Reason state_mismatch{
    Code::invalid, "oauth.state_mismatch",
    "This sign-in was not started here, or it took too long. Start again."};
/// RFC 9207: `iss` names another issuer, or is missing although the provider sends it.
inline constexpr Reason issuer_mismatch{
    Code::invalid, "oauth.issuer_mismatch",
    "The answer came from another provider than the one you chose. Start again."};
/// The provider signs its callbacks, and the signature is missing or wrong.
inline constexpr Reason callback_forged{
    Code::invalid, "oauth.callback_forged",
    "The answer that came back was not made by the provider. Start again."};
/// A parameter that the provider's row binds is missing, or says something else.
inline constexpr Reason callback_mismatch{
    Code::invalid, "oauth.callback_mismatch",
    "The answer that came back belongs to something else than was asked for. Start again."};
/// The user said no at the provider (access_denied).
inline constexpr Reason denied{Code::forbidden, "oauth.denied",
                               "You did not allow the sign-in at the provider."};
/// The provider reports an error of its own.
inline constexpr Reason provider_error{Code::peer_failed, "oauth.provider_error",
                                       "The provider reported an error. Try again in a moment."};

/// What a browser brought back, read but not believed.
struct Callback {
    std::string provider;  ///< From the path; empty on the shared `/auth/callback`.
    std::string state;
    std::optional<SecretText> code;
    std::optional<std::string> iss;
    std::optional<std::string> error;
    std::map<std::string, std::string> others;  ///< Everything else that is fit to be kept.
    http::Parameters parameters;                ///< All as they came: what a signature is over.
};

/// Reads a query (without `?`) or a form body. Twice the same known parameter is refused, as are
/// long ones (state 200, code 4096, iss 512 bytes) and a missing state; of unknown ones the first
/// sixteen of at most 512 bytes are fit, and of these none that stands twice or has controls.
Result<Callback> read_callback(std::string_view provider, std::string_view query);

/// A code that may be exchanged: check_callback() makes them, token_request() wants one.
class AuthorizationCode {
  public:
    const SecretText& code() const { return code_; }
    const SecretText& code_verifier() const { return code_verifier_; }
    const std::string& redirect_uri() const { return redirect_uri_; }
    /// What the ID token must carry back; empty when the provider does not.
    const std::string& nonce() const { return nonce_; }
    /// The provider's name.
    const std::string& provider() const { return provider_; }
    /// The state, and whatever else came with the code: `{callback:name}`.
    const std::map<std::string, std::string>& parameters() const { return parameters_; }

  private:
    friend Result<AuthorizationCode> check_callback(const Provider&, const Pending&,
                                                    const Callback&, Instant);
    AuthorizationCode() = default;

    SecretText code_;
    SecretText code_verifier_;
    std::string redirect_uri_;
    std::string nonce_;
    std::string provider_;
    std::map<std::string, std::string> parameters_;
};

/// Whether the callback belongs to the sign-in that is pending: the signature where the provider's
/// row asks for one, state (constant time), expiry, provider, issuer (RFC 9207, RFC 9700 section
/// 4.4), what the row binds, then the provider's `error`. The caller has taken Pending out of its
/// store, so that it serves once.
Result<AuthorizationCode> check_callback(const Provider& provider, const Pending& pending,
                                         const Callback& callback, Instant now);

}  // namespace cardea::oauth
