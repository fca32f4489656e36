// Endpoints: the development provider's routes, OpenID Connect without a socket.
#pragma once

#include <string>
#include <vector>

#include "cardea/http/exchange.hpp"
#include "cardea/http/router.hpp"
#include "cardea/runtime/task.hpp"
#include "server/emulator/grants.hpp"

namespace cardea::emulator {

/// The one client, made at start.
struct Client {
    std::string id;
    SecretText secret;
    std::vector<std::string> redirect_uris;  ///< Compared as text.
};

/// Discovery, JWKS, authorization (code, PKCE S256, nonce), token, userinfo, revocation.
class Endpoints {
  public:
    Endpoints(std::string issuer, Client client, Person suggestion, Grants grants);

    /// The router must not outlive this.
    void add_to(http::Router& router);
    const std::string& issuer() const { return issuer_; }
    const Client& client() const { return client_; }
    void allow_redirect_uri(std::string uri) { client_.redirect_uris.push_back(std::move(uri)); }

  private:
    Task<http::Response> welcome(http::Exchange& exchange);
    Task<http::Response> discovery(http::Exchange& exchange);
    Task<http::Response> key_set(http::Exchange& exchange);
    Task<http::Response> authorize(http::Exchange& exchange);
    Task<http::Response> decide(http::Exchange& exchange);
    Task<http::Response> token(http::Exchange& exchange);
    Task<http::Response> userinfo(http::Exchange& exchange);
    Task<http::Response> revoke(http::Exchange& exchange);

    Result<schema::JsonObject> grant(const http::Parameters& form);
    bool is_client(const http::Exchange& exchange, const http::Parameters& form) const;
    std::string back(const schema::JsonObject& request, http::Parameters answer) const;

    std::string issuer_;
    Client client_;
    Person suggestion_;
    Grants grants_;
};

}  // namespace cardea::emulator
