// Proofs: whether requests come from the holder of a key, as RFC 9449 has a server see it.
#pragma once

#include <deque>
#include <expected>
#include <set>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/http/message.hpp"
#include "cardea/jose/jwt.hpp"
#include "server/emulator/behaviour.hpp"

namespace cardea::emulator {

/// Why a request counts as unproven: the RFC's name for it, and in plain words.
struct ProofProblem {
    std::string_view error;
    std::string text;
};

/// Remembers which proofs have been used, and the nonce that the next ones must have. One thread.
class Proofs {
  public:
    Proofs(const Clock& clock, crypto::Random& random) : clock_(clock), random_(random) {}

    /// The thumbprint (RFC 7638) of the key that proves the request; empty where there is no proof,
    /// and none is required. `access_token`: what it opens a resource with, else empty. A proof
    /// counts once.
    std::expected<std::string, ProofProblem> key_of(const ProofBehaviour& rules,
                                                    const http::Request& request,
                                                    const std::string& access_token);
    /// Another one each minute.
    const std::string& nonce();

  private:
    std::string problem_with_claims(const schema::JsonObject& claims, const http::Request& request,
                                    const std::string& access_token) const;
    /// False when it was used before.
    bool use(const std::string& jti);

    const Clock& clock_;
    crypto::Random& random_;
    std::string nonce_;
    Instant nonce_ends_at_{};
    std::set<std::string> used_;
    std::deque<std::pair<Instant, std::string>> used_in_order_;
};

}  // namespace cardea::emulator
