// JSON Web Tokens: signed JSON objects.
#include "cardea/jose/jwt.hpp"

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/jose/jws.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::jose {

Result<Unverified> parse(std::string_view token) {
    auto compact = parse_compact(token);
    if (!compact) return std::unexpected(compact.error());
    auto payload = schema::parse_json(as_text(compact->payload));
    if (!payload) return fail(malformed, payload.error());
    if (!payload->is_object()) return fail(malformed, "the payload is not an object");
    return Unverified{compact->algorithm,
                      std::move(compact->kid),
                      std::move(compact->header),
                      std::move(payload->get_object()),
                      std::move(compact->signing_input),
                      std::move(compact->signature)};
}

Result<void> verify_signature(const Unverified& token, const Key& key,
                              const std::vector<Algorithm>& allowed) {
    return check(token.algorithm, token.signing_input, token.signature, key, allowed);
}

Result<void> verify_signature(const Unverified& token, const KeySet& keys,
                              const std::vector<Algorithm>& allowed) {
    if (token.algorithm == Algorithm::HS256) return fail(bad_algorithm, "HS256 with public keys");
    if (std::ranges::find(allowed, token.algorithm) == allowed.end()) {
        return fail(bad_algorithm, std::string(to_string(token.algorithm)));
    }
    for (const auto& key : keys.candidates(token.algorithm, token.kid)) {
        if (verify_signature(token, key, allowed)) return {};
    }
    return fail(bad_signature, "no key of the set made it");
}

Result<schema::JsonObject> verify(const Unverified& token, const Key& key,
                                  const std::vector<Algorithm>& allowed) {
    if (auto ok = verify_signature(token, key, allowed); !ok) return std::unexpected(ok.error());
    return token.payload;
}

Result<schema::JsonObject> verify(const Unverified& token, const KeySet& keys,
                                  const std::vector<Algorithm>& allowed) {
    if (auto ok = verify_signature(token, keys, allowed); !ok) return std::unexpected(ok.error());
    return token.payload;
}

Result<std::string> sign(const Key& key, Algorithm algorithm, const schema::JsonObject& payload) {
    schema::JsonObject header{{"alg", to_string(algorithm)}, {"typ", "JWT"}};
    if (!key.kid().empty()) header["kid"] = key.kid();
    return sign(key, algorithm, std::move(header), payload);
}

Result<std::string> sign(const Key& key, Algorithm algorithm, schema::JsonObject header,
                         const schema::JsonObject& payload) {
    header["alg"] = to_string(algorithm);
    const auto header_text = schema::write_json(schema::Json(std::move(header)));
    const auto payload_text = schema::write_json(schema::Json(payload));
    auto token = to_base64url(as_bytes(header_text)) + '.' + to_base64url(as_bytes(payload_text));
    auto signature = key.sign(algorithm, as_bytes(token));
    if (!signature) return std::unexpected(signature.error());
    return token + '.' + to_base64url(*signature);
}

}  // namespace cardea::jose
