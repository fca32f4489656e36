// RealProvider: the certified oidc-provider in a Node process, and the person's browser that visits
// it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/http/client/client.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/schema/json.hpp"
#include "tests/support/child_process.hpp"

namespace cardea {

class RealProvider {
  public:
    /// Why it cannot be started here (no Node, no node_modules); empty when it can.
    static std::string missing();
    /// Throws when it does not come up within 30 s. `port`: 0 takes a free one.
    explicit RealProvider(const std::vector<std::string>& redirect_uris, std::uint16_t port = 0);

    const std::string& issuer() const { return issuer_; }
    /// The row an operator would write. `algorithm`: RS256 or ES256.
    schema::JsonObject row(const std::string& algorithm) const;
    /// Answers to a refresh come so much later, and are told by next_event().
    void delay_renewals(Milliseconds delay);
    /// The refresh token of the next `event`: what was `asked` with, or `answered`. Throws when
    /// none comes within 30 s.
    std::string next_event(const std::string& event);
    /// From now on next_revealed() gives every text of each request for tokens and of its answer.
    void reveal();
    std::map<std::string, std::string> next_revealed();

  private:
    std::unique_ptr<ChildProcess> process_;
    schema::JsonObject facts_;
    std::string issuer_;
};

/// A person's browser: keeps cookies, and follows redirects where it is told to.
class UserAgent {
  public:
    UserAgent(asio::io_context& io, http::Client& client) : io_(io), client_(client) {}
    /// The query with which the provider sends the browser back; throws when it shows a page
    /// instead.
    std::string follow(std::string url, const std::string& destination);
    http::Response visit(const std::string& url);
    http::Response send(http::Request request);
    /// For a request that is written by hand.
    std::string cookie_header() const;

  private:
    void keep_cookies(const http::Response& response);

    asio::io_context& io_;
    http::Client& client_;
    std::map<std::string, std::string> cookies_;
};

}  // namespace cardea
