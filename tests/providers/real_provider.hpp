// RealProvider: the certified oidc-provider in a Node process, and the person's browser that visits
// it.
#pragma once

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
    /// Throws when it does not come up within 30 s.
    explicit RealProvider(const std::vector<std::string>& redirect_uris);

    const std::string& issuer() const { return issuer_; }
    /// The row an operator would write. `algorithm`: RS256 or ES256.
    schema::JsonObject row(const std::string& algorithm) const;

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

  private:
    void keep_cookies(const http::Response& response);

    asio::io_context& io_;
    http::Client& client_;
    std::map<std::string, std::string> cookies_;
};

}  // namespace cardea
