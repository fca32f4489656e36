// JWK objects to keys and back, and key sets.
#include "cardea/jose/jwk.hpp"

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/jose/algorithm.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::jose {
namespace {

constexpr std::size_t least_secret_size = 32;
constexpr std::size_t most_keys = 100;
constexpr schema::Limits limits{.bytes = 256 * 1024, .depth = 8, .members = 200, .values = 10'000};

std::unexpected<Error> unusable(std::string why) {
    return fail(bad_key, std::move(why));
}

/// A member that is a string; empty when it is missing or something else.
std::string_view text_member(const schema::JsonObject& jwk, std::string_view name) {
    const auto* value = jwk.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

Result<Bytes> number_member(const schema::JsonObject& jwk, std::string_view name) {
    const auto text = text_member(jwk, name);
    auto bytes = from_base64url(text);
    if (!bytes || bytes->empty()) return unusable("no base64url in " + std::string(name));
    return std::move(*bytes);
}

Result<crypto::PublicNumbers> rsa_numbers(const schema::JsonObject& jwk) {
    auto n = number_member(jwk, "n");
    if (!n) return std::unexpected(n.error());
    auto e = number_member(jwk, "e");
    if (!e) return std::unexpected(e.error());
    return crypto::RsaNumbers{std::move(*n), std::move(*e)};
}

std::optional<crypto::Curve> curve_from(std::string_view name) {
    if (name == "P-256") return crypto::Curve::p256;
    if (name == "P-384") return crypto::Curve::p384;
    if (name == "P-521") return crypto::Curve::p521;
    return std::nullopt;
}

std::string_view to_string(crypto::Curve curve) {
    switch (curve) {
        case crypto::Curve::p256:
            return "P-256";
        case crypto::Curve::p384:
            return "P-384";
        case crypto::Curve::p521:
            return "P-521";
    }
    return "";
}

Result<crypto::PublicNumbers> ec_numbers(const schema::JsonObject& jwk) {
    const auto curve = curve_from(text_member(jwk, "crv"));
    if (!curve) return unusable("an elliptic curve that is not known here");
    auto x = number_member(jwk, "x");
    if (!x) return std::unexpected(x.error());
    auto y = number_member(jwk, "y");
    if (!y) return std::unexpected(y.error());
    return crypto::EcPoint{*curve, std::move(*x), std::move(*y)};
}

Result<crypto::PublicNumbers> okp_numbers(const schema::JsonObject& jwk) {
    if (text_member(jwk, "crv") != "Ed25519") return unusable("a curve other than Ed25519");
    auto x = number_member(jwk, "x");
    if (!x) return std::unexpected(x.error());
    return crypto::Ed25519Point{std::move(*x)};
}

Result<crypto::PublicNumbers> numbers_of(const schema::JsonObject& jwk) {
    const auto type = text_member(jwk, "kty");
    if (type == "RSA") return rsa_numbers(jwk);
    if (type == "EC") return ec_numbers(jwk);
    if (type == "OKP") return okp_numbers(jwk);
    return unusable("a key type that is not known here");
}

bool may_verify(const schema::JsonObject& jwk) {
    if (jwk.contains("use") && text_member(jwk, "use") != "sig") return false;
    const auto* operations = jwk.if_contains("key_ops");
    if (operations == nullptr) return true;
    if (!operations->is_array()) return false;
    return std::ranges::any_of(operations->get_array(), [](const schema::Json& operation) {
        return operation.is_string() && operation.get_string() == "verify";
    });
}

struct ToJwk {
    schema::JsonObject operator()(const crypto::RsaNumbers& rsa) const {
        return {
            {"kty", "RSA"}, {"n", to_base64url(rsa.modulus)}, {"e", to_base64url(rsa.exponent)}};
    }
    schema::JsonObject operator()(const crypto::EcPoint& point) const {
        return {{"kty", "EC"},
                {"crv", to_string(point.curve)},
                {"x", to_base64url(point.x)},
                {"y", to_base64url(point.y)}};
    }
    schema::JsonObject operator()(const crypto::Ed25519Point& point) const {
        return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", to_base64url(point.bytes)}};
    }
};

crypto::SignatureKey generate_for(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return crypto::SignatureKey::generate_ec(crypto::Curve::p256);
        case KeyType::p384:
            return crypto::SignatureKey::generate_ec(crypto::Curve::p384);
        case KeyType::p521:
            return crypto::SignatureKey::generate_ec(crypto::Curve::p521);
        case KeyType::ed25519:
            return crypto::SignatureKey::generate_ed25519();
        case KeyType::rsa:
        case KeyType::secret:
            break;
    }
    return crypto::SignatureKey::generate_rsa();
}

}  // namespace

struct Key::State {
    std::string kid;
    KeyType type = KeyType::secret;
    std::optional<Algorithm> algorithm;       // where the JWK names one
    std::optional<crypto::SignatureKey> key;  // empty for a secret
    SecretText secret;
};

Result<Key> Key::from_jwk(std::string_view json) {
    auto parsed = schema::parse_json(json, limits);
    if (!parsed) return fail(bad_key, parsed.error());
    if (!parsed->is_object()) return unusable("not a JSON object");
    return from_json(parsed->get_object());
}

Result<Key> Key::from_json(const schema::JsonObject& jwk) {
    if (!may_verify(jwk)) return unusable("a key for another use than verifying");
    auto numbers = numbers_of(jwk);
    if (!numbers) return std::unexpected(numbers.error());
    State state;
    state.kid = text_member(jwk, "kid");
    state.type = key_type(*numbers);
    if (jwk.contains("alg")) {
        state.algorithm = algorithm_from(text_member(jwk, "alg"));
        if (!state.algorithm || key_type(*state.algorithm) != state.type) {
            return unusable("an algorithm that is not one of this key");
        }
    }
    auto key = crypto::SignatureKey::from_numbers(std::move(*numbers));
    if (!key) return fail(bad_key, key.error());
    state.key = std::move(*key);
    return Key(std::make_shared<const State>(std::move(state)));
}

Key Key::from_hmac_secret(const SecretText& secret) {
    State state;
    state.secret = secret;
    return Key(std::make_shared<const State>(std::move(state)));
}

Result<Key> Key::from_private_pem(const SecretText& pem, std::string kid) {
    auto key = crypto::SignatureKey::from_private_pem(pem);
    if (!key) return fail(bad_key, key.error());
    const auto type = key_type(key->numbers());
    State state{std::move(kid), type, std::nullopt, std::move(*key), {}};
    return Key(std::make_shared<const State>(std::move(state)));
}

Result<Key> Key::from_private_jwk(const SecretText& text) {
    auto parsed = schema::parse_json(text.reveal(), limits);
    if (!parsed || !parsed->is_object()) return unusable("a private key that is no JSON object");
    auto& jwk = parsed->get_object();
    auto number = number_member(jwk, "d");
    if (auto* d = jwk.if_contains("d"); d && d->is_string()) wipe(d->get_string());
    if (!number) return std::unexpected(number.error());
    SecretBytes private_number(std::move(*number));
    if (text_member(jwk, "kty") != "EC") return unusable("no private key on a curve");
    auto numbers = ec_numbers(jwk);
    if (!numbers) return std::unexpected(numbers.error());
    auto key = crypto::SignatureKey::from_ec_pair(std::get<crypto::EcPoint>(std::move(*numbers)),
                                                  private_number);
    if (!key) return fail(bad_key, key.error());
    State state{"", key_type(key->numbers()), std::nullopt, std::move(*key), {}};
    return Key(std::make_shared<const State>(std::move(state)));
}

Result<Key> Key::generate(Algorithm algorithm, std::string kid) {
    const auto type = key_type(algorithm);
    if (type == KeyType::secret) return unusable("secrets are not generated here");
    State state{std::move(kid), type, algorithm, generate_for(type), {}};
    return Key(std::make_shared<const State>(std::move(state)));
}

const std::string& Key::kid() const {
    return state_->kid;
}

bool Key::fits(Algorithm algorithm) const {
    if (key_type(algorithm) != state_->type) return false;
    if (!state_->key) return state_->secret.size() >= least_secret_size;
    return !state_->algorithm || *state_->algorithm == algorithm;
}

bool Key::verify(Algorithm algorithm, ByteView message, ByteView signature) const {
    if (!fits(algorithm)) return false;
    if (state_->key) return state_->key->verify(scheme(algorithm), message, signature);
    const auto expected = crypto::hmac_sha256(as_bytes(state_->secret.reveal()), message);
    return constant_time_equal(ByteView(expected), signature);
}

Result<Bytes> Key::sign(Algorithm algorithm, ByteView message) const {
    if (!fits(algorithm)) return unusable("an algorithm that is not one of this key");
    if (!state_->key) {
        const auto sum = crypto::hmac_sha256(as_bytes(state_->secret.reveal()), message);
        return Bytes(sum.begin(), sum.end());
    }
    if (!state_->key->has_private()) return unusable("a public key cannot sign");
    return state_->key->sign(scheme(algorithm), message);
}

schema::JsonObject Key::public_members() const {
    if (!state_->key) return {{"kty", "oct"}};
    return std::visit(ToJwk{}, state_->key->numbers());
}

Result<SecretText> Key::to_private_jwk() const {
    auto number = state_->key ? state_->key->ec_private_number() : SecretBytes();
    if (number.empty()) return unusable("no private key on a curve");
    auto jwk = public_members();
    std::string d = to_base64url(number.reveal());
    jwk["d"] = d;
    wipe(d);
    schema::Json whole(std::move(jwk));
    SecretText text(schema::write_json(whole));
    wipe(whole.as_object()["d"].as_string());
    return text;
}

std::string Key::to_public_jwk() const {
    auto jwk = public_members();
    jwk["use"] = "sig";
    if (!state_->kid.empty()) jwk["kid"] = state_->kid;
    if (state_->algorithm) jwk["alg"] = jose::to_string(*state_->algorithm);
    return schema::write_json(schema::Json(std::move(jwk)));
}

Result<KeySet> KeySet::from_json(std::string_view json) {
    auto parsed = schema::parse_json(json, limits);
    if (!parsed) return fail(bad_key, parsed.error());
    const auto* object = parsed->if_object();
    const auto* keys = object ? object->if_contains("keys") : nullptr;
    if (keys == nullptr || !keys->is_array()) return unusable("not a key set");
    KeySet set;
    for (const auto& jwk : keys->get_array()) {
        if (set.keys_.size() == most_keys) break;
        if (!jwk.is_object()) continue;
        if (auto key = Key::from_json(jwk.get_object())) set.keys_.push_back(std::move(*key));
    }
    return set;
}

std::vector<Key> KeySet::candidates(Algorithm algorithm, std::string_view kid) const {
    std::vector<Key> found;
    for (const auto& key : keys_) {
        if ((kid.empty() || key.kid() == kid) && key.fits(algorithm)) found.push_back(key);
    }
    return found;
}

bool KeySet::has(std::string_view kid) const {
    return std::ranges::any_of(keys_, [&](const Key& key) { return key.kid() == kid; });
}

}  // namespace cardea::jose
