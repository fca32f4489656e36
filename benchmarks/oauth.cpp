// What a sign-in with a provider costs, whole and in its steps: the authorization URL, the
// callback, and an ID token beside OpenSSL's bare verification of the same signature.
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>

#include "benchmarks/report.hpp"
#include "benchmarks/sign_in.hpp"
#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/id_token.hpp"
#include "cardea/schema/json.hpp"

namespace {

std::size_t allocations = 0;  // one thread

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

using namespace cardea;
using namespace cardea::bench;
using schema::JsonObject;

constexpr int rounds = 11;
constexpr double longest_us = 5;
constexpr double most_allocations = 20;
constexpr double es256_bound = 1.1;
constexpr double rs256_bound = 1.35;
constexpr const char* nonce = "Zp0mXr0oJm0C6m7m9dJkq3b3l1hJ1s8mQb1y7p6n2Xk";
constexpr const char* access_token = "ya29.a0AfB_byC3q9l1hJ1s8mQb1y7p6n2XkZp0mXr0oJm0C6m7m9dJkq3b3";

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().describe());
    return std::move(*result);
}

/// Microseconds of one call, over enough of them to be told apart.
double time_of(int calls, const std::function<void()>& work) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) work();
    std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    return took.count() / calls;
}

double allocations_of(const std::function<void()>& work) {
    work();
    auto before = allocations;
    work();
    return static_cast<double>(allocations - before);
}

oauth::Provider typical_provider() {
    oauth::Provider provider;
    provider.name = "example";
    provider.issuer = "https://accounts.example.com";
    provider.authorization_endpoint = "https://accounts.example.com/o/oauth2/v2/auth";
    provider.client_id = "407408718192-0q8s7t5u1v9w3x2y.apps.example.com";
    provider.scopes = {"openid", "email", "profile"};
    provider.authorization_params = {{"access_type", "offline"}, {"prompt", "consent"}};
    return provider;
}

void add_step(Report& report, const std::string& name, const std::function<void()>& step) {
    std::vector<double> times;
    times.reserve(rounds);
    for (int i = 0; i < rounds; ++i) times.push_back(time_of(5000, step));
    Figure time{.name = name, .value = median(times), .unit = "us"};
    Figure count{.name = name + ", allocations", .value = allocations_of(step), .unit = "1"};
    report.add_at_most(time, longest_us);
    report.add_at_most(count, most_allocations);
}

void measure_url_and_callback(Report& report) {
    crypto::SystemRandom random;
    auto provider = typical_provider();
    SystemClock clock;
    auto now = clock.now();
    auto begin = [&] {
        oauth::Beginning beginning{"https://app.example.org/auth/callback/example", "/", "cookie"};
        return oauth::begin(provider, std::move(beginning), random, now);
    };
    add_step(report, "authorization URL", [&] { (void)begin(); });

    auto begun = begin();
    auto at = begun.url.find("state=") + 6;
    auto state = begun.url.substr(at, begun.url.find('&', at) - at);
    auto query = "code=4%2F0AeaYSHBcQn3m1J7hX2pZt8fVq9&scope=openid+email+profile&state=" + state;
    add_step(report, "callback", [&] {
        auto callback = must(oauth::read_callback("example", query));
        (void)must(oauth::check_callback(provider, begun.pending, callback, now));
    });
}

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

unsigned char* bytes_of(Bytes& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* bytes_of(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes member(const JsonObject& jwk, const char* name) {
    return from_base64url(std::string_view(jwk.at(name).as_string())).value();
}

Owned<BIGNUM> number(const Bytes& bytes) {
    return Owned<BIGNUM>(
        BN_bin2bn(bytes_of(ByteView(bytes)), static_cast<int>(bytes.size()), nullptr));
}

/// The same key as OpenSSL reads it, without anything of ours.
Owned<EVP_PKEY> openssl_key(const jose::Key& key) {
    auto jwk = must(schema::parse_json(key.to_public_jwk())).as_object();
    Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    bool rsa = jwk.at("kty").as_string() == "RSA";
    Owned<BIGNUM> modulus;
    Owned<BIGNUM> exponent;
    Bytes point{std::byte{4}};
    if (rsa) {
        modulus = number(member(jwk, "n"));
        exponent = number(member(jwk, "e"));
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    } else {
        for (const char* name : {"x", "y"}) {
            auto coordinate = member(jwk, name);
            point.insert(point.end(), coordinate.begin(), coordinate.end());
        }
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size());
    }
    Owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder.get()));
    Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, rsa ? "RSA" : "EC", nullptr));
    EVP_PKEY* made = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        throw std::runtime_error("OpenSSL does not read the key");
    }
    return Owned<EVP_PKEY>(made);
}

/// r and s side by side become what OpenSSL verifies.
Bytes to_der(const Bytes& signature) {
    auto half = static_cast<std::ptrdiff_t>(signature.size() / 2);
    auto r = number(Bytes(signature.begin(), signature.begin() + half));
    auto s = number(Bytes(signature.begin() + half, signature.end()));
    Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
    ECDSA_SIG_set0(pair.get(), r.release(), s.release());
    Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
    auto* out = bytes_of(der);
    i2d_ECDSA_SIG(pair.get(), &out);
    return der;
}

void verify_bare(EVP_PKEY* key, std::string_view message, const Bytes& signature) {
    Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key);
    auto outcome = EVP_DigestVerify(context.get(), bytes_of(ByteView(signature)), signature.size(),
                                    bytes_of(as_bytes(message)), message.size());
    if (outcome != 1) throw std::runtime_error("OpenSSL does not verify the token");
}

JsonObject claims_at(Instant now) {
    auto seconds = to_unix_seconds(now);
    auto digest = crypto::sha256(access_token);
    return {{"iss", "https://accounts.example.com"},
            {"aud", typical_provider().client_id},
            {"azp", typical_provider().client_id},
            {"sub", "110169484474386276334"},
            {"at_hash", to_base64url(ByteView(digest).first(digest.size() / 2))},
            {"email", "ada.lovelace@example.com"},
            {"email_verified", true},
            {"name", "Ada Lovelace"},
            {"picture", "https://images.example.com/a/ACg8ocJ8s7t5u1v9w3x2y=s96-c"},
            {"given_name", "Ada"},
            {"family_name", "Lovelace"},
            {"nonce", nonce},
            {"iat", seconds},
            {"exp", seconds + 3600}};
}

void measure_id_token(Report& report, jose::Algorithm algorithm, double bound) {
    SystemClock clock;
    auto provider = typical_provider();
    auto key = must(jose::Key::generate(algorithm, "key-1"));
    auto token = must(jose::sign(key, algorithm, claims_at(clock.now())));
    auto keys = must(jose::KeySet::from_json(R"({"keys":[)" + key.to_public_jwk() + "]}"));
    oauth::Expectation expected{nonce, SecretText(access_token), clock.now()};
    auto ours = [&] {
        auto claimed = must(oauth::check_claims(provider, token, expected));
        (void)must(oauth::verify(provider, claimed, keys));
    };
    auto parsed = must(jose::parse(token));
    auto bare_key = openssl_key(key);
    bool elliptic = algorithm == jose::Algorithm::ES256;
    auto signature = elliptic ? to_der(parsed.signature) : parsed.signature;
    auto bare = [&] { verify_bare(bare_key.get(), parsed.signing_input, signature); };

    std::vector<double> values;
    std::vector<double> baselines;
    for (int i = 0; i < rounds; ++i) {
        values.push_back(time_of(2000, ours));
        baselines.push_back(time_of(2000, bare));
    }
    auto name =
        fmt::format("ID token, {}, against OpenSSL's bare verification", to_string(algorithm));
    report.add_ratio_at_most(compare(name, "us", values, baselines), bound);
}

}  // namespace

int main() {
    return guarded("oauth", [] {
        Report report("oauth");
        measure_sign_ins(report);
        measure_url_and_callback(report);
        measure_id_token(report, jose::Algorithm::ES256, es256_bound);
        measure_id_token(report, jose::Algorithm::RS256, rs256_bound);
        return report.end();
    });
}
