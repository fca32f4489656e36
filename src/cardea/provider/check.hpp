// Check: one provider tried from its row to its revocation endpoint, without a user.
#pragma once

#include <optional>
#include <string>

#include "cardea/provider/client_sender.hpp"
#include "cardea/provider/configuration.hpp"

namespace cardea::provider {

/// Asks the provider itself, past all that is kept, and puts what it finds into the words of
/// whoever has to mend it. Nothing that it sends changes anything at the provider but for a pushed
/// request, which ends by itself: the code and the tokens are made up, and no sign-in is pending
/// here. One object a run.
class Check {
  public:
    struct Parts {
        http::Client& client;
        ClientSender& clients;
        crypto::Random& random;
        const Clock& clock;
        const Options& options;
    };
    Check(Parts parts, std::string name, const Entry& entry)
        : parts_(parts), name_(std::move(name)), entry_(entry) {}

    Task<CheckReport> run();

  private:
    /// What there is to say of something, in two sentences.
    struct Finding {
        Outcome outcome = Outcome::works;
        std::string problem{};
        std::string advice{};
    };
    /// The provider as discovery makes it; null when nothing can be built upon it.
    Task<ProviderPtr> discover();
    /// With the request of a sign-in, whose state nobody remembers.
    Task<void> try_authorization_endpoint(ProviderPtr provider);
    Task<void> try_authorization_url(ProviderPtr provider, std::string url);
    /// Where requests are pushed: pushes one, and shows the authorization endpoint that.
    Task<void> try_pushed_authorization(ProviderPtr provider);
    Task<void> try_key_set(ProviderPtr provider);
    Task<void> try_token_endpoint(ProviderPtr provider);
    Task<ClientVerdict> try_secret(ClientSecret secret, ProviderPtr provider,
                                   oauth::AuthorizationCode made_up);
    // What serves for two things is tried once.
    Task<void> try_token_chain(ProviderPtr provider);
    Task<void> try_renewal(ProviderPtr provider);
    Task<void> try_profile_call(ProviderPtr provider);
    Task<void> try_email_call(ProviderPtr provider);
    Task<void> try_revocation(ProviderPtr provider);
    /// What status 404 says where a token was shown that nobody knows.
    enum class NotFound { fails, unclear };
    /// A request with a token that is made up: refused or taken, the endpoint is there.
    Task<void> try_with_token(std::string key, http::Request request, NotFound not_found);
    Task<http::Response> ask(http::Request request);
    /// ask(), with a proof where tokens are bound (RFC 9449): a key made for it will do, as the
    /// code is none.
    Task<http::Response> ask_for_tokens(ProviderPtr provider, http::Request request);

    Finding of_failure(const Error& error, const std::string& key) const;
    /// Of an answer that nobody expects: a wrong path, a redirect, trouble. Nothing for others.
    std::optional<Finding> of_status(int status, const std::string& key) const;
    /// Of a document that must be a JSON object.
    Finding of_document(const Result<http::Response>& response, const std::string& key) const;
    Finding of_discovery(const Result<http::Response>& response, const std::string& key) const;
    Finding of_authorization_endpoint(const Result<http::Response>& response) const;
    Finding of_pushed_authorization(const oauth::Provider& provider,
                                    const Result<http::Response>& response) const;
    Finding of_token_endpoint(const oauth::Provider& provider,
                              const Result<http::Response>& response, const std::string& key) const;
    /// Of what is asked for tokens beside the token endpoint; `way`: the key that says how the
    /// client proves itself there.
    Finding of_further_tokens(const oauth::Provider& provider,
                              const Result<http::Response>& response, const std::string& key,
                              const std::string& way) const;
    Finding of_unusable_key(const Error& error, ClientSecret secret) const;
    Finding of_secret(const oauth::Provider& provider, const http::Response& response,
                      ClientSecret secret) const;
    static std::string key_of(ClientSecret secret);
    /// `key`, and where its value was set: "client_id (GOOGLE_CLIENT_ID in the environment)".
    std::string place_of(const std::string& key) const;
    oauth::Authorization made_up_sign_in(const oauth::Provider& provider) const;
    Result<oauth::AuthorizationCode> made_up_code(const oauth::Provider& provider) const;
    bool stands_in_the_way(const Tried& one) const;
    void add(std::string what, std::string url, Finding finding);

    Parts parts_;
    std::string name_;
    const Entry& entry_;
    CheckReport report_;
};

}  // namespace cardea::provider
