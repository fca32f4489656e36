// Grants: the codes and tokens that the development provider gives out, and what became of them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/jose/jwk.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::emulator {

/// The code or token was used, is too old, was revoked, or was never given out
/// (RFC 6749 section 5.2).
inline constexpr Reason invalid_grant{Code::invalid, "invalid_grant",
                                      "The code or token is not valid any more."};
inline constexpr Reason invalid_token{Code::unauthenticated, "invalid_token",
                                      "The access token is not valid."};

/// Whoever the newcomer chose to be.
struct Person {
    std::string email;
    std::string name;
    /// The same for the same address, also after a restart.
    std::string subject() const;
};

/// What the person agreed to, and how the code must be redeemed.
struct Consent {
    Person person;
    std::string scope;
    std::string nonce;
    std::string redirect_uri;
    std::string code_challenge;
};

/// Codes live here; tokens carry what they mean, signed with a key of our own, so that those of an
/// earlier start still work with the same secret.
class Grants {
  public:
    struct Options {
        std::string issuer;
        std::string client_id;
        SecretText secret;  ///< Signs tokens that only this provider reads.
        Seconds token_lifetime = 5min;
    };
    static constexpr Milliseconds code_lifetime = 60s;

    Grants(Options options, jose::Key id_token_key, const Clock& clock, crypto::Random& random);

    /// A code for one use.
    std::string give_code(Consent consent);
    /// The token answer. A second use of a code ends everything that came of the first
    /// (RFC 6749 section 4.1.2).
    Result<schema::JsonObject> redeem(std::string_view code, std::string_view redirect_uri,
                                      std::string_view code_verifier);
    /// The token answer with a new refresh token; the old one is dead, and using it again ends the
    /// whole family (RFC 9700 section 4.14).
    Result<schema::JsonObject> renew(std::string_view refresh_token);
    Result<Person> person_of(std::string_view access_token) const;
    void revoke(std::string_view token);
    /// The key set with the public half.
    std::string key_set() const;
    /// An authorization request as text for a hidden field, good for ten minutes.
    std::string seal_request(schema::JsonObject request) const;
    /// What seal_request() made for `request`, or what a token of that use holds.
    Result<schema::JsonObject> unseal(std::string_view use, std::string_view text) const;

  private:
    struct Code {
        Consent consent;
        std::string family;
        Instant expires_at;
        bool used = false;
    };
    // One sign-in and all tokens that came of it.
    struct Line {
        Person person;
        std::string scope;
        std::string family;
        std::int64_t generation = 0;
        std::int64_t signed_in_at = 0;
    };

    Line read_line(const schema::JsonObject& content) const;
    schema::JsonObject write_line(const Line& line, std::string_view use, Seconds lifetime) const;
    Result<schema::JsonObject> answer(const Line& line, std::string_view nonce) const;
    Result<std::string> id_token(const Line& line, std::string_view nonce,
                                 std::string_view access_token) const;
    void forget_old_codes();
    std::string seal(const schema::JsonObject& content) const;
    std::string random_text() const;

    Options options_;
    jose::Key id_token_key_;
    jose::Key own_key_;
    const Clock& clock_;
    crypto::Random& random_;
    std::map<std::string, Code, std::less<>> codes_;
    std::map<std::string, std::int64_t> generations_;  // the living refresh token of each family
    std::set<std::string> ended_;                      // families that were revoked
};

}  // namespace cardea::emulator
