// Sender: one request to a provider, its failures in this module's words.
#pragma once

#include <string>

#include "cardea/http/client/client.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::provider {

class Sender {
  public:
    /// `emulator`: where everything goes instead of to the real providers; empty = nowhere else.
    Sender(http::Client& client, http::Limits limits, std::string emulator = "")
        : client_(client), limits_(limits), emulator_(std::move(emulator)) {}

    /// Sent once: a code or a refresh token that was received must not be sent again.
    Task<http::Response> once(http::Request request);
    /// A GET that changes nothing: sent a second time when the connection broke.
    Task<http::Response> again_if_broken(http::Request request);

  private:
    http::Client& client_;
    http::Limits limits_;
    std::string emulator_;
};

/// An error of a conversation as callers know it: transport, error statuses and nonsense become
/// `provider.failed` or `provider.timeout`; refusals keep their own reason.
Error in_our_words(const Error& error);

}  // namespace cardea::provider
