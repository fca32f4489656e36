// Sender: one request to a provider, its failures in this module's words.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/oauth/dpop.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::provider {

/// What proves a request (RFC 9449); nothing for one without a proof. The nonce is the sender's.
using Binding = std::optional<oauth::DpopBinding>;

class Sender {
  public:
    struct Parts {
        http::Client& client;
        const Clock& clock;
        crypto::Random& random;
    };
    /// `emulator`: where everything goes instead of to the real providers; empty = nowhere else.
    Sender(Parts parts, http::Limits limits, std::string emulator)
        : parts_(parts), limits_(limits), emulator_(std::move(emulator)) {}

    /// Sent once: a code or a refresh token that was received must not be sent again. What a server
    /// refused for want of a nonce it has not taken: that is sent again with the nonce.
    Task<http::Response> once(http::Request request, Binding binding = std::nullopt);
    /// A request that changes nothing: sent a second time when the connection broke.
    Task<http::Response> again_if_broken(http::Request request, Binding binding = std::nullopt);

  private:
    Task<http::Response> send(http::Request request, Binding binding);
    Task<http::Response> deliver(http::Request request);
    Task<http::Response> send_proven(http::Request request, oauth::DpopBinding binding);
    void remember_nonce(const std::string& origin, const http::Response& response);

    Parts parts_;
    http::Limits limits_;
    std::string emulator_;
    std::map<std::string, std::string> nonces_;  // origin → what it gave last
};

/// An error of a conversation as callers know it: transport, error statuses and nonsense become
/// `provider.failed` or `provider.timeout`; refusals keep their own reason.
Error in_our_words(const Error& error);

}  // namespace cardea::provider
