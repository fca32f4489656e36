// JSON Web Tokens: parse, verify, sign (RFC 7515, 7519). Pure: no clock, no network.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "cardea/jose/jwk.hpp"

namespace cardea::jose {

inline constexpr Reason malformed{Code::peer_failed, "jose.malformed",
                                  "A signed token is malformed."};
inline constexpr Reason bad_signature{Code::peer_failed, "jose.bad_signature",
                                      "A signed token's signature is not valid."};
inline constexpr Reason bad_algorithm{Code::peer_failed, "jose.bad_algorithm",
                                      "A signed token uses an algorithm that is not allowed."};

/// A token taken apart and NOT verified: read its header to choose a key, then verify().
struct Unverified {
    Algorithm algorithm;
    std::string kid;
    boost::json::object header;
    boost::json::object payload;
    std::string signing_input;
    Bytes signature;
};

/// Strict compact form: three base64url parts, JSON objects without duplicate members, no `crit`,
/// no `none`, at most 16 KiB.
Result<Unverified> parse(std::string_view token);

/// The payload when one of the candidate keys verifies. `allowed` guards against key confusion:
/// HS256 is never allowed beside public keys.
Result<boost::json::object> verify(const Unverified& token, const KeySet& keys,
                                   const std::vector<Algorithm>& allowed);
Result<boost::json::object> verify(const Unverified& token, const Key& key,
                                   const std::vector<Algorithm>& allowed);

Result<std::string> sign(const Key& key, Algorithm algorithm, const boost::json::object& payload);

}  // namespace cardea::jose
