// Sender: one request to a provider, its failures in this module's words.
#pragma once

#include "cardea/http/client/client.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::provider {

class Sender {
  public:
    Sender(http::Client& client, http::Limits limits) : client_(client), limits_(limits) {}

    /// Sent once: a code or a refresh token that was received must not be sent again.
    Task<http::Response> once(http::Request request);
    /// A GET that changes nothing: sent a second time when the connection broke.
    Task<http::Response> again_if_broken(http::Request request);

  private:
    http::Client& client_;
    http::Limits limits_;
};

/// An error of a conversation as callers know it: transport, error statuses and nonsense become
/// `provider.failed` or `provider.timeout`; refusals keep their own reason.
Error in_our_words(const Error& error);

}  // namespace cardea::provider
