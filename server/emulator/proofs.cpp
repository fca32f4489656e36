#include "server/emulator/proofs.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

using schema::JsonObject;

constexpr std::string_view invalid_proof = "invalid_dpop_proof";
constexpr std::string_view use_nonce = "use_dpop_nonce";
/// How far a proof's time may be from ours, either way.
constexpr Seconds tolerance = 60s;
constexpr Seconds nonce_lifetime = 60s;
/// 96 random bits in base64url (RFC 9449 section 4.2).
constexpr std::size_t shortest_jti = 16;

std::string text_in(const JsonObject& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1.
bool has_private_part(const JsonObject& jwk) {
    constexpr std::array names{"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    return std::ranges::any_of(names, [&jwk](const char* name) { return jwk.contains(name); });
}

/// The key in the proof's header, when the proof is signed with it.
std::expected<jose::Key, std::string> signer_of(const jose::Unverified& proof) {
    if (text_in(proof.header, "typ") != "dpop+jwt") return std::unexpected("another typ");
    const auto* jwk = proof.header.if_contains("jwk");
    if (jwk == nullptr || !jwk->is_object()) return std::unexpected("no jwk");
    if (has_private_part(jwk->get_object())) return std::unexpected("the private key was sent");
    auto key = jose::Key::from_json(jwk->get_object());
    if (!key || !jose::verify_signature(proof, *key, {jose::Algorithm::ES256}))
        return std::unexpected("not signed with its jwk by ES256");
    return std::move(*key);
}

/// The members that count, in the order of the alphabet, without white space.
std::string thumbprint_of(const jose::Key& key) {
    std::map<std::string, schema::Json> sorted;
    for (const auto& [name, value] : key.public_members()) sorted.emplace(name, value);
    JsonObject members;
    for (auto& [name, value] : sorted) members[name] = std::move(value);
    return to_base64url(crypto::sha256(schema::write_json(schema::Json(std::move(members)))));
}

}  // namespace

const std::string& Proofs::nonce() {
    auto now = clock_.now();
    if (nonce_.empty() || now >= nonce_ends_at_) {
        nonce_ = to_base64url(random_.bytes(16));
        nonce_ends_at_ = now + nonce_lifetime;
    }
    return nonce_;
}

std::expected<std::string, ProofProblem> Proofs::key_of(const ProofBehaviour& rules,
                                                        const http::Request& request,
                                                        const std::string& access_token) {
    auto refused = [](std::string text) {
        return std::unexpected(ProofProblem{invalid_proof, std::move(text)});
    };
    bool is_needed = rules.required || !access_token.empty();
    if (!request.headers.has("DPoP") && !is_needed) return std::string();
    if (request.headers.count("DPoP") != 1) return refused("there must be one proof");
    auto proof = jose::parse(request.headers.get("DPoP"));
    if (!proof) return refused("the proof is no JWT");
    auto signer = signer_of(*proof);
    if (!signer) return refused("the proof: " + signer.error());
    auto problem = problem_with_claims(proof->payload, request, access_token);
    if (!problem.empty()) return refused("the proof: " + problem);
    if (rules.nonce && text_in(proof->payload, "nonce") != nonce())
        return std::unexpected(ProofProblem{use_nonce, "the proof: another nonce"});
    if (!use(text_in(proof->payload, "jti"))) return refused("the proof was used before");
    return thumbprint_of(*signer);
}

std::string Proofs::problem_with_claims(const JsonObject& claims, const http::Request& request,
                                        const std::string& access_token) const {
    if (text_in(claims, "jti").size() < shortest_jti) return "jti is missing or short";
    if (text_in(claims, "htm") != to_string(request.method)) return "another htm";
    if (text_in(claims, "htu") != url_of(request)) return "another htu";
    const auto* iat = claims.if_contains("iat");
    if (iat == nullptr || !iat->is_int64()) return "no iat";
    auto now = to_unix_seconds(clock_.now());
    bool is_of_now =
        iat->get_int64() >= now - tolerance.count() && iat->get_int64() <= now + tolerance.count();
    if (!is_of_now) return "iat is of another time";
    if (access_token.empty()) return claims.contains("ath") ? "ath where no token is shown" : "";
    auto hash = to_base64url(crypto::sha256(access_token));
    return text_in(claims, "ath") == hash ? "" : "another ath";
}

bool Proofs::use(const std::string& jti) {
    auto now = clock_.now();
    // What is older would be refused for its time.
    while (!used_in_order_.empty() && used_in_order_.front().first < now - 2 * tolerance) {
        used_.erase(used_in_order_.front().second);
        used_in_order_.pop_front();
    }
    if (!used_.insert(jti).second) return false;
    used_in_order_.emplace_back(now, jti);
    return true;
}

}  // namespace cardea::emulator
