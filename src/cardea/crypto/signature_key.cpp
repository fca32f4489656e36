// Signature keys: from numbers, with checks, and new ones.
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>

#include "cardea/crypto/signature_state.hpp"

namespace cardea::crypto {
namespace {

constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 8192;  // longer keys let a stranger burn our time

const char* group_name(Curve curve) {
    switch (curve) {
        case Curve::p256:
            return "P-256";
        case Curve::p384:
            return "P-384";
        case Curve::p521:
            return "P-521";
    }
    return "";
}

// ROCA (CVE-2017-15361): Infineon's primes were powers of 65537 modulo many small primes, and so is
// their product. An honest modulus passes all of these with a chance of 1 in 2^27.
bool has_roca_fingerprint(const BIGNUM* modulus) {
    static constexpr std::array<unsigned, 17> primes{11, 13, 17,  19,  37,  53,  61,  71, 73,
                                                     79, 97, 103, 107, 109, 127, 151, 157};
    for (auto prime : primes) {
        const auto rest = BN_mod_word(modulus, prime);
        unsigned power = 1;
        bool found = false;
        do {
            power = power * 65537 % prime;
            found = found || power == rest;
        } while (power != 1);
        if (!found) return false;
    }
    return true;
}

std::string weakness_of(const BIGNUM* modulus, const BIGNUM* exponent) {
    const int bits = BN_num_bits(modulus);
    if (bits < least_rsa_bits) return "RSA of less than 2048 bits";
    if (bits > most_rsa_bits) return "RSA of more than 8192 bits";
    if (!BN_is_odd(modulus)) return "an even RSA modulus";
    if (!BN_is_odd(exponent) || BN_is_one(exponent)) return "an even RSA exponent, or 1";
    if (BN_num_bits(exponent) > 64) return "an RSA exponent of more than 64 bits";
    if (has_roca_fingerprint(modulus)) return "RSA with the ROCA flaw";
    return {};
}

/// `selection`: EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR.
PKey from_params(const char* type, OSSL_PARAM_BLD* builder, int selection) {
    Params params(OSSL_PARAM_BLD_to_param(builder));
    PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) {
        return nullptr;
    }
    return PKey(key);
}

Result<PKey> make(const RsaNumbers& numbers) {
    const auto n = to_number(numbers.modulus);
    const auto e = to_number(numbers.exponent);
    if (auto why = weakness_of(n.get(), e.get()); !why.empty()) return fail(bad_public_key, why);
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    auto key = from_params("RSA", builder.get(), EVP_PKEY_PUBLIC_KEY);
    if (!key) return fail(bad_public_key, "OpenSSL does not take the RSA numbers");
    return key;
}

bool is_on_curve(EVP_PKEY* key) {
    PKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return EVP_PKEY_public_check(context.get()) == 1;
}

bool is_pair(EVP_PKEY* key) {
    PKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return EVP_PKEY_pairwise_check(context.get()) == 1;
}

/// OpenSSL wipes what it copies of a number that is marked as secret.
SecretNumber to_secret_number(ByteView bytes) {
    SecretNumber number(BN_secure_new());
    BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), number.get());
    return number;
}

/// The public half alone where there is no private number.
PKey ec_key(const EcPoint& point, const BIGNUM* private_number) {
    Bytes uncompressed{std::byte{4}};
    uncompressed.insert(uncompressed.end(), point.x.begin(), point.x.end());
    uncompressed.insert(uncompressed.end(), point.y.begin(), point.y.end());
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                    group_name(point.curve), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, uncompressed.data(),
                                     uncompressed.size());
    if (private_number == nullptr) return from_params("EC", builder.get(), EVP_PKEY_PUBLIC_KEY);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, private_number);
    return from_params("EC", builder.get(), EVP_PKEY_KEYPAIR);
}

Result<PKey> make(const EcPoint& point) {
    const auto size = coordinate_size(point.curve);
    if (point.x.size() != size || point.y.size() != size) {
        return fail(bad_public_key, "a coordinate of the wrong length");
    }
    auto key = ec_key(point, nullptr);
    if (!key || !is_on_curve(key.get())) return fail(bad_public_key, "a point off its curve");
    return key;
}

Result<PKey> make(const Ed25519Point& point) {
    PKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(point.bytes),
                                         point.bytes.size()));
    if (!key) return fail(bad_public_key, "an Ed25519 key is 32 bytes");
    return key;
}

BigNumber number_of(EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key, name, &number);
    return BigNumber(number);
}

PKey generated(EVP_PKEY* key) {
    if (key == nullptr) throw std::runtime_error("OpenSSL made no key");
    return PKey(key);
}

RsaNumbers rsa_numbers_of(EVP_PKEY* key) {
    return {to_bytes(number_of(key, OSSL_PKEY_PARAM_RSA_N).get()),
            to_bytes(number_of(key, OSSL_PKEY_PARAM_RSA_E).get())};
}

EcPoint ec_point_of(EVP_PKEY* key, Curve curve) {
    const auto size = coordinate_size(curve);
    return {curve, to_bytes(number_of(key, OSSL_PKEY_PARAM_EC_PUB_X).get(), size),
            to_bytes(number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y).get(), size)};
}

Ed25519Point ed25519_point_of(EVP_PKEY* key) {
    Ed25519Point point{Bytes(32)};
    std::size_t size = point.bytes.size();
    EVP_PKEY_get_raw_public_key(key, raw(point.bytes.data()), &size);
    return point;
}

Result<PublicNumbers> numbers_of(EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA") == 1) return rsa_numbers_of(key);
    if (EVP_PKEY_is_a(key, "ED25519") == 1) return ed25519_point_of(key);
    std::array<char, 32> group{};
    EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr);
    const std::string_view name(group.data());
    if (name == "prime256v1") return ec_point_of(key, Curve::p256);
    if (name == "secp384r1") return ec_point_of(key, Curve::p384);
    if (name == "secp521r1") return ec_point_of(key, Curve::p521);
    return fail(bad_public_key, "neither RSA nor a curve that signs");
}

/// Without it OpenSSL would ask on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

}  // namespace

std::size_t coordinate_size(Curve curve) {
    switch (curve) {
        case Curve::p256:
            return 32;
        case Curve::p384:
            return 48;
        case Curve::p521:
            return 66;
    }
    return 0;
}

Result<SignatureKey> SignatureKey::from_numbers(PublicNumbers numbers) {
    auto key = std::visit([](const auto& known) { return make(known); }, numbers);
    if (!key) return std::unexpected(key.error());
    return SignatureKey(
        std::make_shared<const State>(State{std::move(numbers), std::move(*key), false}));
}

Result<SignatureKey> SignatureKey::from_private_pem(const SecretText& pem) {
    const std::string& text = pem.reveal();
    std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
    PKey key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key) return fail(bad_public_key, "no private key in PEM");
    auto numbers = numbers_of(key.get());
    if (!numbers) return std::unexpected(numbers.error());
    if (auto fit = from_numbers(*numbers); !fit) return std::unexpected(fit.error());
    return SignatureKey(
        std::make_shared<const State>(State{std::move(*numbers), std::move(key), true}));
}

SecretText SignatureKey::to_private_pem() const {
    if (!has_private()) throw std::logic_error("a public key has no private half");
    std::unique_ptr<BIO, decltype(&BIO_free)> target(BIO_new(BIO_s_secmem()), BIO_free);
    PEM_write_bio_PKCS8PrivateKey(target.get(), state_->key.get(), nullptr, nullptr, 0, nullptr,
                                  nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(target.get(), &text);
    return SecretText(std::string(text, static_cast<std::size_t>(size)));
}

Result<SignatureKey> SignatureKey::from_ec_pair(EcPoint point, const SecretBytes& private_number) {
    if (auto fit = make(point); !fit) return std::unexpected(fit.error());
    if (private_number.size() != coordinate_size(point.curve))
        return fail(bad_public_key, "a private number of the wrong length");
    auto key = ec_key(point, to_secret_number(private_number.reveal()).get());
    if (!key || !is_pair(key.get()))
        return fail(bad_public_key, "a private number of another point");
    return SignatureKey(
        std::make_shared<const State>(State{std::move(point), std::move(key), true}));
}

SignatureKey SignatureKey::generate_rsa(unsigned bits) {
    auto key = generated(EVP_RSA_gen(bits));
    RsaNumbers numbers = rsa_numbers_of(key.get());
    return SignatureKey(
        std::make_shared<const State>(State{std::move(numbers), std::move(key), true}));
}

SignatureKey SignatureKey::generate_ec(Curve curve) {
    auto key = generated(EVP_EC_gen(group_name(curve)));
    EcPoint point = ec_point_of(key.get(), curve);
    return SignatureKey(
        std::make_shared<const State>(State{std::move(point), std::move(key), true}));
}

SignatureKey SignatureKey::generate_ed25519() {
    auto key = generated(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    Ed25519Point point = ed25519_point_of(key.get());
    return SignatureKey(
        std::make_shared<const State>(State{std::move(point), std::move(key), true}));
}

const PublicNumbers& SignatureKey::numbers() const {
    return state_->numbers;
}

bool SignatureKey::has_private() const {
    return state_->has_private;
}

SecretBytes SignatureKey::ec_private_number() const {
    const auto* point = std::get_if<EcPoint>(&state_->numbers);
    if (point == nullptr || !state_->has_private) return {};
    SecretNumber number(number_of(state_->key.get(), OSSL_PKEY_PARAM_PRIV_KEY).release());
    return SecretBytes(to_bytes(number.get(), coordinate_size(point->curve)));
}

}  // namespace cardea::crypto
