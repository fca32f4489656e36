// EmulatedProvider: one real provider, played strictly by its table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cardea/http/message.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/jose/jwk.hpp"
#include "server/emulator/client_check.hpp"
#include "server/emulator/ledger.hpp"
#include "server/emulator/proofs.hpp"

namespace cardea::emulator {

enum class Endpoint {
    discovery,
    keys,
    authorization,
    pushed_authorization,
    token,
    userinfo,
    emails,
    revocation
};
BOOST_DESCRIBE_ENUM(Endpoint, discovery, keys, authorization, pushed_authorization, token, userinfo,
                    emails, revocation)

/// The keys that ID tokens are signed with: one an algorithm, made when first needed.
class SigningKeys {
  public:
    const jose::Key& key(jose::Algorithm algorithm);

  private:
    std::map<jose::Algorithm, jose::Key> keys_;
};

class EmulatedProvider {
  public:
    struct Parts {
        const Clock& clock;
        crypto::Random& random;
        SigningKeys& keys;
        /// Of all access tokens, in the place of the real provider's.
        std::optional<Seconds> token_lifetime = std::nullopt;
    };
    /// The behaviour must outlive the object.
    EmulatedProvider(std::string name, const Behaviour& behaviour, Registration client,
                     Parts parts);

    const std::string& name() const { return name_; }
    const Behaviour& behaviour() const { return behaviour_; }
    const Registration& client() const { return client_; }
    void allow_redirect_uri(std::string uri) { client_.redirect_uris.push_back(std::move(uri)); }

    /// Who signs in from now on; a `login_hint` in the request names another address.
    void set_person(Somebody person) { person_ = std::move(person); }
    const Somebody& person() const { return person_; }
    /// The person takes every consent back: all that was handed out is dead.
    void withdraw_consents();

    /// Which of its endpoints the request is for. Several providers may share one.
    std::optional<Endpoint> endpoint_of(const http::Request& request) const;
    /// Whether the request names this provider's client, or a code or token of it.
    bool is_meant(const http::Request& request) const;
    http::Response answer(Endpoint endpoint, const http::Request& request);

    /// What the last request was refused for; empty when it was not.
    const std::string& last_problem() const { return problem_; }
    /// Whether the last authorization request, or the last that was pushed, came with a
    /// code_challenge.
    bool saw_challenge() const { return saw_challenge_; }
    /// Whether a token still opens something, or a refresh token still renews.
    bool is_live(const std::string& token);
    /// Seconds that answers tell; not what a relying party could guess, so that one shows that does
    /// not read them. 0 = no end.
    std::int64_t told_lifetime() const;

  private:
    using Problem = std::string;

    http::Response answer_of(Endpoint endpoint, const http::Request& request);
    http::Response discovery() const;
    http::Response key_set();
    http::Response authorize(const http::Request& request);
    http::Response authorize_pushed(const http::Parameters& query);
    http::Response push(const http::Request& request);
    http::Response token(const http::Request& request);
    http::Response exchange(const http::Request& request, const http::Parameters& parameters);
    http::Response lengthen(const http::Request& request, const http::Parameters& parameters);
    http::Response renew(const http::Request& request, const http::Parameters& parameters);
    http::Response userinfo(const http::Request& request);
    http::Response emails(const http::Request& request);
    http::Response revoke(const http::Request& request);

    /// Whether client and redirect URI are those of the registration.
    bool is_registered(const http::Parameters& query) const;
    /// What an authorization request asks the person for.
    std::shared_ptr<Agreement> asked_in(const http::Parameters& query);
    /// The person says yes; the code is bound to the key.
    http::Response agree(std::shared_ptr<Agreement> consent, std::string key);
    Problem problem_with_pushed(const http::Parameters& parameters) const;
    Problem problem_with_authorization(const http::Parameters& query) const;
    Problem problem_with_challenge(const http::Parameters& query) const;
    Problem problem_with_scopes(const http::Parameters& query) const;
    Problem problem_with_exchange(const http::Parameters& parameters,
                                  const Agreement& consent) const;
    Problem problem_with_verifier(const http::Parameters& parameters,
                                  const Agreement& consent) const;
    Problem problem_with_renewal(const http::Request& request, const http::Parameters& parameters);
    Problem problem_with_profile_call(const http::Request& request, const Agreement& consent) const;
    bool wants_refresh_token(const http::Parameters& query) const;
    http::Response send_back(const Agreement& consent, http::Parameters answer) const;

    bool is_lengthening(const http::Request& request, const http::Parameters& parameters);
    /// The key that proves a request to the authorization server; empty: it has none.
    std::expected<std::string, ProofProblem> proven_key(const http::Request& request);
    Handed* renewable(Kind kind, const std::string& token);
    bool rotates(const Agreement& consent) const;
    std::int64_t token_lifetime() const;
    http::Response hand_short_token(std::shared_ptr<Agreement> consent);
    http::Response hand_tokens(std::shared_ptr<Agreement> consent, bool first, std::string key);
    std::string new_refresh_token(std::shared_ptr<Agreement> consent, std::string key);
    std::string token_prefix(const Agreement& consent) const;
    void put_lifetime(schema::Json& answer, const Agreement& consent, bool plain) const;
    std::string granted_scopes(const Agreement& consent) const;
    std::string id_token(const Agreement& consent, const std::string& access_token);
    http::Response refuse(int status, std::string_view error, Problem problem);
    http::Response refuse_request(Problem problem);
    http::Response refuse_code(Problem problem);
    http::Response refuse_grant(Problem problem);
    http::Response refuse_client(Problem problem);
    http::Response refuse_call(Problem problem);
    http::Response refuse_proof(ProofProblem problem);
    http::Response refuse_proven_call(ProofProblem problem);

    /// Nothing when the wanted text cannot be known: any value will do.
    std::optional<std::string> expected(const std::string& wanted, const Agreement& consent) const;
    Problem problem_with_texts(const Texts& wanted, const http::Parameters& given,
                               const Agreement& consent) const;
    Problem problem_with_headers(const Texts& wanted, const http::Request& request,
                                 const Agreement& consent) const;
    /// The access token that the request carries, as its kind must be carried; else the refusal.
    std::expected<Handed*, http::Response> presented(const http::Request& request);

    std::string name_;
    const Behaviour& behaviour_;
    Registration client_;
    Parts parts_;
    Ledger ledger_;
    Proofs proofs_;
    Somebody person_;
    std::map<std::string, std::deque<std::string>> refresh_tokens_;  // by subject, oldest first
    std::string problem_;
    std::size_t grant_refusals_ = 0;
    std::size_t client_refusals_ = 0;
    bool saw_challenge_ = false;
};

}  // namespace cardea::emulator
