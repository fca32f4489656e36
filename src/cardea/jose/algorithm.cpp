// The table of signature algorithms.
#include "cardea/jose/algorithm.hpp"

#include <algorithm>
#include <array>

namespace cardea::jose {
namespace {

using crypto::Digest;
using crypto::RsaPadding;

struct Row {
    Algorithm algorithm;
    std::string_view name;
    KeyType key;
    crypto::Scheme scheme;
};

constexpr std::array<Row, 11> rows{{
    {Algorithm::RS256, "RS256", KeyType::rsa, {Digest::sha256, RsaPadding::pkcs1}},
    {Algorithm::RS384, "RS384", KeyType::rsa, {Digest::sha384, RsaPadding::pkcs1}},
    {Algorithm::RS512, "RS512", KeyType::rsa, {Digest::sha512, RsaPadding::pkcs1}},
    {Algorithm::PS256, "PS256", KeyType::rsa, {Digest::sha256, RsaPadding::pss}},
    {Algorithm::PS384, "PS384", KeyType::rsa, {Digest::sha384, RsaPadding::pss}},
    {Algorithm::PS512, "PS512", KeyType::rsa, {Digest::sha512, RsaPadding::pss}},
    {Algorithm::ES256, "ES256", KeyType::p256, {Digest::sha256}},
    {Algorithm::ES384, "ES384", KeyType::p384, {Digest::sha384}},
    {Algorithm::ES512, "ES512", KeyType::p521, {Digest::sha512}},
    {Algorithm::EdDSA, "EdDSA", KeyType::ed25519, {}},
    {Algorithm::HS256, "HS256", KeyType::secret, {Digest::sha256}},
}};

const Row& row(Algorithm algorithm) {
    return *std::ranges::find(rows, algorithm, &Row::algorithm);
}

struct TypeOf {
    KeyType operator()(const crypto::RsaNumbers&) const { return KeyType::rsa; }
    KeyType operator()(const crypto::Ed25519Point&) const { return KeyType::ed25519; }
    KeyType operator()(const crypto::EcPoint& point) const {
        switch (point.curve) {
            case crypto::Curve::p256:
                return KeyType::p256;
            case crypto::Curve::p384:
                return KeyType::p384;
            case crypto::Curve::p521:
                return KeyType::p521;
        }
        return KeyType::p256;
    }
};

}  // namespace

std::string_view to_string(Algorithm algorithm) {
    return row(algorithm).name;
}

std::optional<Algorithm> algorithm_from(std::string_view text) {
    const auto* found = std::ranges::find(rows, text, &Row::name);
    if (found == rows.end()) return std::nullopt;
    return found->algorithm;
}

KeyType key_type(Algorithm algorithm) {
    return row(algorithm).key;
}

KeyType key_type(const crypto::PublicNumbers& numbers) {
    return std::visit(TypeOf{}, numbers);
}

crypto::Scheme scheme(Algorithm algorithm) {
    return row(algorithm).scheme;
}

}  // namespace cardea::jose
