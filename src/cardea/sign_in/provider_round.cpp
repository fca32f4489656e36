#include "cardea/sign_in/provider_round.hpp"

#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/pushed_authorization.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::sign_in {
namespace {

/// What is remembered: the session that links (empty for a sign-in), a newline, and what the
/// protocol needs.
SecretText pack(const std::string& link_session, const SecretText& pending) {
    return SecretText(link_session + '\n' + pending.reveal());
}
struct Remembered {
    std::string link_session;
    oauth::Pending pending;
};
Result<Remembered> unpack(const SecretText& payload) {
    std::string_view text = payload.reveal();
    auto end = text.find('\n');
    if (end == text.npos) return fail(oauth::state_mismatch, "begun by an earlier version");
    auto pending = oauth::read_pending(text.substr(end + 1));
    if (!pending) return std::unexpected(pending.error());
    return Remembered{std::string(text.substr(0, end)), std::move(*pending)};
}

}  // namespace

Error state_refusal(const Error& error) {
    bool gone = error.is(account::verification_unknown) || error.is(account::verification_expired);
    return gone ? Error(oauth::state_mismatch, error) : error;
}

Task<std::string> ProviderRound::begin(provider::ProviderPtr provider, SecretText browser,
                                       Departure departure) {
    oauth::Beginning beginning{parts_.providers.redirect_uri(*provider),
                               std::move(departure.return_to), std::move(departure.transport)};
    auto built = oauth::begin(*provider, std::move(beginning), parts_.random, parts_.clock.now());
    if (oauth::is_pushed(*provider)) {
        // Anybody can begin sign-ins: what cannot be remembered costs the provider nothing.
        auto room = co_await parts_.verifications.make_room(parts_.database, kind_);
        if (!room) co_return std::unexpected(room.error());
    }
    auto authorization = co_await parts_.providers.push(provider, std::move(built));
    if (!authorization) co_return std::unexpected(authorization.error());
    account::NewVerification pending;
    pending.kind = kind_;
    pending.secret = SecretText(authorization->pending.state_hash);
    pending.account_id = std::move(departure.link_to);
    pending.binding = std::move(browser);
    pending.provider = provider->name;
    pending.payload = pack(departure.link_session, oauth::write(authorization->pending));
    pending.lifetime = oauth::pending_lifetime;
    auto stored = co_await parts_.verifications.put(parts_.database, std::move(pending));
    if (!stored) co_return std::unexpected(stored.error());
    co_return std::move(authorization->url);
}

// Taken on the database itself, before anything is known to be right: it serves once.
Task<account::Verification> ProviderRound::take(std::string state) {
    SecretText secret(oauth::state_hash(state));
    co_return co_await parts_.verifications.take(parts_.database, kind_, std::move(secret));
}

Task<Arrival> ProviderRound::arrive(account::Verification taken, oauth::Callback callback,
                                    SecretText browser) {
    if (browser.empty()) co_return fail(other_browser, "no cookie came");
    if (!taken.is_bound_to(browser)) co_return fail(other_browser, "the cookie of another browser");
    auto remembered = unpack(taken.payload);
    if (!remembered) co_return std::unexpected(remembered.error());
    auto& pending = remembered->pending;
    auto provider = co_await parts_.providers.ready(pending.provider);
    if (!provider) co_return std::unexpected(provider.error());
    auto code = oauth::check_callback(**provider, pending, callback, parts_.clock.now());
    if (!code) co_return std::unexpected(code.error());
    Departure departure{std::move(pending.return_to), std::move(pending.transport),
                        std::move(taken.account_id), std::move(remembered->link_session)};
    Arrival arrival{std::move(*provider), std::move(*code), std::move(pending.dpop_key),
                    std::move(departure)};
    co_return arrival;
}

Task<Proof> ProviderRound::prove(provider::ProviderPtr provider, oauth::AuthorizationCode code,
                                 std::optional<SecretText> dpop_key) {
    auto exchanged = co_await parts_.providers.exchange(std::move(code), std::move(dpop_key));
    if (!exchanged) co_return std::unexpected(exchanged.error());
    auto profile = co_await parts_.providers.profile(provider->name, *exchanged);
    if (!profile) co_return std::unexpected(profile.error());

    Proof proof;
    proof.identity.provider = provider->name;
    proof.identity.issuer = oauth::identity_issuer(*provider);
    proof.identity.subject = profile->subject;
    proof.identity.email = profile->email;
    proof.identity.email_verified = profile->email_verified;
    if (profile->email) {
        auto email = account::Email::parse(*profile->email);
        if (email) proof.email = std::move(*email);
    }
    proof.profile = std::move(*profile);
    proof.tokens = std::move(exchanged->tokens);
    co_return proof;
}

}  // namespace cardea::sign_in
