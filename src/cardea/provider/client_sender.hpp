// ClientSender: requests by which the client proves itself, with whichever of its secrets counts.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/provider/sender.hpp"

namespace cardea::provider {

/// What an answer says of the client that asked. `unclear`: an outage, or a refusal of something
/// else that may have come before the client was looked at.
enum class ClientVerdict { accepted, refused, unclear };
/// Of the token endpoint's answer. `invalid_grant` accepts the client: it is authenticated first
/// (RFC 6749 sections 3.2.1 and 5.2).
ClientVerdict token_verdict(const oauth::Provider& provider, const http::Response& response);
/// Of the revocation endpoint's answer (RFC 7009 section 2.2.1).
ClientVerdict revocation_verdict(const oauth::Provider& provider, const http::Response& response);
/// Of the answer to a call with an access token, where the secret goes along: a refusal may be of
/// either.
ClientVerdict call_verdict(const oauth::Provider& provider, const http::Response& response);

/// Whether a request may go out twice. once: a code or a refresh token is spent by it.
enum class Repeats { once, when_broken };

/// A request that can be made with either secret.
struct ClientRequest {
    /// Called for each attempt; the provider has the secret, or the assertion, of that attempt.
    std::function<http::Request(const oauth::Provider&)> build;
    std::function<ClientVerdict(const oauth::Provider&, const http::Response&)> verdict;
    Binding binding = std::nullopt;
    Repeats repeats = Repeats::once;
};

/// A provider that changes the client's secret knows the old one, both, or the new one, and nobody
/// tells when. The secret that worked last is sent first. When the provider refuses the client, it
/// has not looked at the code or the refresh token, so that the request may go out once more, with
/// the other secret. I/O thread only.
class ClientSender {
  public:
    ClientSender(Sender& sender, crypto::Random& random, const Clock& clock)
        : sender_(sender), random_(random), clock_(clock) {}

    /// Fails as the Sender does, and with `oauth.client_key_unusable`.
    Task<http::Response> send(ProviderPtr provider, ClientRequest request);
    /// The provider as a request with that secret is made of it, for who wants to know what the
    /// secret is worth. Fails with `oauth.client_key_unusable`.
    Result<ProviderPtr> armed(ClientSecret secret, const ProviderPtr& provider) const;
    /// The provider with the secret that is sent first now, for requests of which nothing is to be
    /// learned.
    ProviderPtr with_secret_in_use(const ProviderPtr& provider) const;
    /// Which one is sent first now.
    ClientSecret in_use(const oauth::Provider& provider) const;
    /// The provider has just accepted this one.
    void learn(ClientSecret works, const oauth::Provider& provider);

  private:
    struct Choice {
        SecretText current;
        SecretText previous;
        ClientSecret works = ClientSecret::current;
    };
    Task<http::Response> send_with(ClientSecret secret, ProviderPtr provider,
                                   ClientRequest request);

    Sender& sender_;
    crypto::Random& random_;
    const Clock& clock_;
    std::map<std::string, Choice> choices_;
};

}  // namespace cardea::provider
