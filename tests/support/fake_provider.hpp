// FakeProvider: an OpenID provider inside the test, in the place of http::Client.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json.hpp"

namespace cardea {

/// Speaks OpenID Connect as a strict provider would: discovery, key set, authorization code with
/// PKCE S256, nonce, refresh with rotation (using a dead refresh token ends the chain), userinfo, a
/// list of e-mail addresses, revocation; pushed authorization requests and proofs of possession
/// where its options say so. Nothing here reaches a network, nothing sleeps.
///
///     FakeProvider idp(clock, random);
///     auto query = idp.authorize(authorization.url);      // what the browser brings back
///     idp.fail("token", FakeProvider::Failure::status_500);
class FakeProvider final : public http::Client {
  public:
    struct Options {
        std::string issuer = "https://idp.example";
        std::string client_id = "cardea:client/1";
        std::string client_secret = "s3cret: /%+";  ///< Empty: the client is public.
        jose::Algorithm algorithm = jose::Algorithm::ES256;
        bool rotates = true;
        bool demands_challenge = true;  ///< A code for a request without one opens nothing.
        std::int64_t expires_in = 3600;
        bool offers_par = false;
        bool demands_par = false;  ///< Takes no authorization request that was not pushed.
        /// Takes no request for tokens without a proof (RFC 9449), and binds what it gives to the
        /// key: code, access token and a public client's refresh token.
        bool demands_dpop = false;
        /// Takes no proof without the nonce that it gives, which is another after each answer.
        bool demands_nonce = false;
        bool forgets_nonces = false;  ///< Takes no nonce at all, whatever it gave.
        /// What x-api-key must be in calls with an access token; empty = nothing.
        std::string api_key;
    };
    /// Who signs in next.
    struct User {
        std::string subject = "user-1";
        std::optional<std::string> email = "alice@idp.example";
        schema::Json email_verified = true;
        std::optional<std::string> name = "Alice";
        std::optional<std::string> picture;
    };
    /// How an endpoint misbehaves: does not answer, breaks off, shows a bad certificate, answers
    /// 404, a redirect, 500, 503 with Retry-After, a page, something that is no JSON, ten
    /// megabytes, or a JSON text that is cut off.
    enum class Failure {
        none,
        hang,
        broken,
        bad_certificate,
        not_found,
        redirect,
        status_500,
        busy,
        html,
        garbage,
        ten_megabytes,
        cut_off
    };

    FakeProvider(const Clock& clock, crypto::Random& random);
    FakeProvider(const Clock& clock, crypto::Random& random, Options options);

    Task<http::Response> send(http::Request request, http::Limits limits) override;

    /// The row an operator would write: issuer, client id and secret, scopes.
    schema::JsonObject row() const;
    /// The same as a Provider whose endpoints come from discovery.
    oauth::Provider provider(std::string name = "fake") const;

    /// What a browser does with an authorization URL: `user` consents. Gives the query of the
    /// callback, or `error=…&state=…` when the request is not one that a provider takes.
    std::string authorize(std::string_view url);
    /// The user says no.
    std::string refuse(std::string_view url);

    /// Endpoints: discovery, authorization, jwks, par, token, userinfo, emails, revocation; longer
    /// and renewal, which are the token endpoint at another URL.
    void fail(const std::string& endpoint, Failure failure) { failures_[endpoint] = failure; }
    void repair() { failures_.clear(); }
    int count(const std::string& endpoint) const;
    /// New keys under a new key id; tokens signed from now on need them.
    void rotate_keys();
    /// From now on ID tokens are signed with a key that the key set does not hold, under the same
    /// id.
    void forge() { forging_ = true; }
    const jose::Key& key() const { return *key_; }
    /// Whether a token that was handed out is worth anything now. Revoking one ends no other.
    bool is_live(const std::string& token) const {
        return refresh_.contains(token) || access_.contains(token);
    }
    /// The user withdraws the consent at the provider: every refresh token is dead.
    void withdraw() { refresh_.clear(); }

    Options options;
    User user;
    /// Called on what is about to be answered, when set.
    std::function<void(schema::JsonObject&)> change_discovery;
    std::function<void(schema::JsonObject&)> change_claims;
    std::function<void(schema::JsonObject&)> change_par_answer;
    std::function<void(schema::JsonObject&)> change_token_answer;
    std::function<void(schema::JsonObject&)> change_userinfo;
    std::function<void(std::string&)> change_id_token;
    /// Changes the nonce that is about to be given.
    std::function<void(std::string&)> change_nonce;
    schema::Json emails = schema::JsonArray();
    std::vector<http::Request> requests;  ///< Every request that came in.
    std::vector<std::string> revoked;     ///< Tokens that were revoked.
    std::string why_no_proof;             ///< What was wrong with the last proof that was refused.

  private:
    struct Grant {
        std::string redirect_uri;
        std::string challenge;
        std::string nonce;
        std::string scope;
        User user;
        std::string chain;  ///< All refresh tokens of one consent.
        std::string key{};  ///< The public JWK that all of it is bound to; empty: nothing is.
    };
    struct Pushed {
        http::Parameters parameters;
        Instant expires_at;
        std::string key;
    };
    struct Request {
        http::Parameters parameters;
        std::string key;  ///< Of the proof that it was pushed with.
    };
    using Answer = Result<http::Response>;

    std::string endpoint_of(const std::string& target) const;
    Answer answer(const std::string& endpoint, const http::Request& request);
    Answer discovery() const;
    Answer key_set() const;
    Answer par(const http::Request& request);
    /// The authorization request that the URL's query is, or that was pushed before.
    std::optional<Request> requested(const http::Parameters& query);
    /// Whether it is a request that a provider takes.
    bool is_fit(const http::Parameters& query) const;
    Answer authorization_page(const http::Request& request);
    Answer token(const http::Request& request);
    Answer by_code(const http::Parameters& form, const std::string& key);
    Answer by_refresh_token(const http::Parameters& form, const std::string& key);
    /// The key of the request's proof; empty where none is demanded. `access_token`: of a resource.
    Result<std::string> proven_key(const http::Request& request, const std::string& access_token);
    std::string wrong_with(const jose::Unverified& proof, const http::Request& request,
                           const std::string& access_token) const;
    std::string wrong_key_of(const jose::Unverified& proof) const;
    static http::Response no_proof(int status, const Error& error);
    /// The grant of the access token that the request carries, as its kind demands.
    std::expected<const Grant*, http::Response> granted(const http::Request& request);
    Answer issue(Grant grant);
    Answer userinfo(const http::Request& request);
    Answer email_list(const http::Request& request);
    Answer revoke(const http::Request& request);
    bool is_client(const http::Request& request, const http::Parameters& form) const;
    std::string id_token(const Grant& grant, const std::string& access_token);
    std::string random_name(const char* prefix);

    const Clock& clock_;
    crypto::Random& random_;
    std::optional<jose::Key> key_;
    int key_number_ = 0;
    bool forging_ = false;
    std::map<std::string, Failure> failures_;
    std::map<std::string, int> counts_;
    std::set<std::string> seen_proofs_;
    std::string nonce_;
    std::map<std::string, Pushed> pushed_;
    std::map<std::string, Grant> codes_;
    std::map<std::string, Grant> refresh_;
    std::map<std::string, std::string> dead_;  // refresh token → chain
    std::map<std::string, Grant> access_;
};

}  // namespace cardea
