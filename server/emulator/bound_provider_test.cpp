// Pushed requests and proofs of possession: what the emulator refuses where a table wants them.
#include <gtest/gtest.h>

#include <limits>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/jose/jwt.hpp"
#include "server/emulator/emulator.hpp"
#include "server/emulator/requests.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::emulator {
namespace {

using http::Method;
using http::Parameters;
using schema::JsonObject;

constexpr const char* redirect_uri = "https://app.example/callback";
constexpr const char* verifier = "a-verifier-of-more-than-forty-three-characters-0123";
constexpr const char* par_url = "https://bound.example/par";
constexpr const char* token_url = "https://bound.example/token";
constexpr const char* userinfo_url = "https://bound.example/userinfo";
constexpr const char* tables = R"(
[bound]
title = "Bound"
authorization_endpoint = "https://bound.example/authorize"
token_endpoint = "https://bound.example/token"
userinfo_endpoint = "https://bound.example/userinfo"
pushed_authorization = { endpoint = "https://bound.example/par", required = true }
dpop = { required = true }
scopes = ["profile"]
refresh = { issued = "always", rotation = "always" }
profile = { subject = ["/id"] }

[lax]
title = "Takes both"
authorization_endpoint = "https://lax.example/authorize"
token_endpoint = "https://lax.example/token"
userinfo_endpoint = "https://lax.example/userinfo"
pushed_authorization = { endpoint = "https://lax.example/par" }
dpop = { nonce = true }
scopes = ["profile"]
profile = { subject = ["/id"] }
)";

/// What a proof of the right key says, and what a test has it say instead.
struct Proof {
    std::string method = "POST";
    std::string url = token_url;
    std::string access_token{};
    JsonObject claims{};
    JsonObject header{};
};

class BoundProviders : public testing::Test {
  protected:
    explicit BoundProviders(const std::string& played_tables = tables) {
        Emulator::Options options{{redirect_uri}};
        options.further = read_behaviours(played_tables).value();
        emulator = std::move(*Emulator::make(clock, random, std::move(options)));
    }
    EmulatedProvider& played(const std::string& name = "bound") { return *emulator->find(name); }

    std::string sign(const Proof& wanted, const jose::Key& with) {
        JsonObject header{{"typ", "dpop+jwt"}, {"jwk", with.public_members()}};
        JsonObject claims{{"jti", to_hex(random.bytes(16))},
                          {"htm", wanted.method},
                          {"htu", wanted.url},
                          {"iat", to_unix_seconds(clock.now())}};
        if (!wanted.access_token.empty())
            claims["ath"] = to_base64url(crypto::sha256(wanted.access_token));
        for (const auto& [name, value] : wanted.claims) claims[name] = value;
        for (const auto& [name, value] : wanted.header) header[name] = value;
        return jose::sign(with, jose::Algorithm::ES256, header, claims).value();
    }
    std::string proof(const Proof& wanted = {}) { return sign(wanted, key); }

    http::Response send(Method method, const std::string& url, const Parameters& form,
                        const std::string& proof, const std::string& token = "") {
        http::Request request;
        request.method = method;
        request.target = url;
        if (method == Method::post) {
            request.headers.set("Content-Type", "application/x-www-form-urlencoded");
            request.body = form.encode();
        }
        if (!proof.empty()) request.headers.set("DPoP", proof);
        if (!token.empty()) request.headers.set("Authorization", token);
        return emulator->answer(request).response;
    }
    static JsonObject members(const http::Response& response) {
        return schema::parse_json(response.body)->get_object();
    }
    static std::string text(const JsonObject& object, std::string_view name) {
        const auto* value = object.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
    }

    Parameters authorization(const std::string& name = "bound") {
        return {{"response_type", "code"},
                {"client_id", played(name).client().id},
                {"redirect_uri", redirect_uri},
                {"state", "0123456789abcdef"},
                {"scope", "profile"},
                {"code_challenge", to_base64url(crypto::sha256(verifier))},
                {"code_challenge_method", "S256"}};
    }
    Parameters with_secret(Parameters form, const std::string& name = "bound") {
        if (played(name).behaviour().client_auth == ClientProof::none) return form;
        form.add("client_secret", played(name).client().secret.reveal());
        return form;
    }
    http::Response push(const Parameters& form) {
        return send(Method::post, par_url, form, proof({.url = par_url}));
    }
    std::string pushed() {
        return text(members(push(with_secret(authorization()))), "request_uri");
    }
    /// What the browser brings back; empty when it is sent nowhere.
    Parameters visit(const Parameters& query, const std::string& name = "bound") {
        auto answer =
            emulator->visit(played(name).behaviour().authorization_endpoint + '?' + query.encode());
        std::string location(answer.headers.get("Location"));
        if (location.empty()) return {};
        return Parameters::parse(location.substr(location.find('?') + 1)).value();
    }
    Parameters visit_pushed(const std::string& uri) {
        return visit({{"client_id", "bound-client"}, {"request_uri", uri}});
    }
    std::string code() { return only(visit_pushed(pushed()), "code"); }
    Parameters exchange_form(const std::string& code) {
        return with_secret({{"grant_type", "authorization_code"},
                            {"code", code},
                            {"redirect_uri", redirect_uri},
                            {"code_verifier", verifier},
                            {"client_id", "bound-client"}});
    }
    JsonObject exchange(const std::string& with_proof) {
        return members(send(Method::post, token_url, exchange_form(code()), with_proof));
    }
    JsonObject renew(const JsonObject& tokens, const std::string& with_proof) {
        auto form = with_secret({{"grant_type", "refresh_token"},
                                 {"refresh_token", text(tokens, "refresh_token")},
                                 {"client_id", "bound-client"}});
        return members(send(Method::post, token_url, form, with_proof));
    }
    http::Response ask_profile(const std::string& scheme, const std::string& token,
                               const std::string& with_proof) {
        return send(Method::get, userinfo_url, {}, with_proof, scheme + ' ' + token);
    }

    FakeClock clock;
    SeededRandom random;
    std::unique_ptr<Emulator> emulator;
    jose::Key key = jose::Key::generate(jose::Algorithm::ES256, "").value();
    jose::Key other_key = jose::Key::generate(jose::Algorithm::ES256, "").value();
};

TEST_F(BoundProviders, TakeNoRequestThatWasNotPushedWhereThatIsRequired) {
    auto back = visit(authorization());

    EXPECT_EQ(only(back, "error"), "invalid_request");
    EXPECT_EQ(only(back, "code"), "");
}

TEST_F(BoundProviders, WantTheClientsSecretWithWhatIsPushed) {
    auto wrong = authorization();
    wrong.add("client_secret", "another");

    EXPECT_EQ(push(wrong).status, 401);
    EXPECT_EQ(push(authorization()).status, 401);
}

TEST_F(BoundProviders, RefuseWhatTheyWouldNotTakeFromABrowser) {
    auto replaced = [this](std::string_view name, const std::string& value) {
        Parameters form;
        for (const auto& [given, old] : with_secret(authorization()))
            form.add(given, given == name ? value : old);
        return text(members(push(form)), "error");
    };
    for (const char* name : {"response_type", "redirect_uri", "state", "scope", "code_challenge"})
        EXPECT_EQ(replaced(name, "else"), "invalid_request") << name;

    auto nested = with_secret(authorization());
    nested.add("request_uri", "urn:ietf:params:oauth:request_uri:x");
    EXPECT_EQ(push(nested).status, 400);
    auto in_query = send(Method::get, par_url + ('?' + with_secret(authorization()).encode()), {},
                         proof({.method = "GET", .url = par_url}));
    EXPECT_EQ(in_query.status, 400);
}

TEST_F(BoundProviders, LetWhatWasPushedBeUsedOnceWithinAMinute) {
    auto answer = push(with_secret(authorization()));
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(members(answer).at("expires_in"), 60);
    auto uri = text(members(answer), "request_uri");

    EXPECT_NE(only(visit_pushed(uri), "code"), "");
    EXPECT_EQ(visit_pushed(uri).size(), 0u);
    auto late = pushed();
    clock.advance(60s);
    EXPECT_EQ(visit_pushed(late).size(), 0u);
}

TEST_F(BoundProviders, TakeTheReferenceFromItsClientAndAlone) {
    EXPECT_EQ(visit({{"client_id", "lax-client"}, {"request_uri", pushed()}}).size(), 0u);
    EXPECT_EQ(visit({{"request_uri", pushed()}}).size(), 0u);
    EXPECT_EQ(
        visit({{"client_id", "bound-client"}, {"request_uri", pushed()}, {"scope", "x"}}).size(),
        0u);
    EXPECT_EQ(visit_pushed("urn:ietf:params:oauth:request_uri:bound.request.00").size(), 0u);
}

TEST_F(BoundProviders, RefuseEveryProofThatIsNotRight) {
    auto error_with = [this](const std::string& one) {
        return text(members(send(Method::post, token_url, exchange_form("none"), one)), "error");
    };
    auto now = to_unix_seconds(clock.now());
    auto with_private_part =
        schema::parse_json(key.to_private_jwk().value().reveal())->get_object();
    std::vector<std::pair<std::string, Proof>> wrong{
        {"htm", {.method = "GET"}},
        {"htu", {.url = par_url}},
        {"htu with its query", {.url = std::string(token_url) + "?a=b"}},
        {"ath", {.access_token = "some-token"}},
        {"typ", {.header = {{"typ", "JWT"}}}},
        {"jwk", {.header = {{"jwk", nullptr}}}},
        {"private key", {.header = {{"jwk", with_private_part}}}},
        {"another's key", {.header = {{"jwk", other_key.public_members()}}}},
        {"jti", {.claims = {{"jti", "short"}}}},
        {"iat", {.claims = {{"iat", now - 61}}}},
        {"iat", {.claims = {{"iat", now + 61}}}},
        {"iat", {.claims = {{"iat", std::numeric_limits<std::int64_t>::min()}}}},
        {"iat", {.claims = {{"iat", std::numeric_limits<std::int64_t>::max()}}}},
        {"iat", {.claims = {{"iat", "now"}}}}};

    EXPECT_EQ(error_with(""), "invalid_dpop_proof");
    EXPECT_EQ(error_with("a.b.c"), "invalid_dpop_proof");
    for (const auto& [what, one] : wrong)
        EXPECT_EQ(error_with(proof(one)), "invalid_dpop_proof") << what;
    EXPECT_EQ(error_with(proof()), "invalid_grant");
}

TEST_F(BoundProviders, TakeAProofOnce) {
    auto once = proof();
    ASSERT_EQ(exchange(once).at("token_type"), "DPoP");

    EXPECT_EQ(exchange(once).at("error"), "invalid_dpop_proof");
}

TEST_F(BoundProviders, BindTheCodeToTheKeyThatItsRequestCameWith) {
    EXPECT_EQ(exchange(sign({}, other_key)).at("error"), "invalid_grant");
    EXPECT_TRUE(exchange(proof()).contains("access_token"));
}

TEST_F(BoundProviders, RenewWithWhateverKeyTheirClientProves) {
    auto tokens = exchange(proof());

    EXPECT_EQ(text(renew(tokens, ""), "error"), "invalid_dpop_proof");
    auto renewed = renew(tokens, sign({}, other_key));
    ASSERT_EQ(text(renewed, "token_type"), "DPoP");

    Proof call{.method = "GET", .url = userinfo_url};
    call.access_token = text(renewed, "access_token");
    EXPECT_EQ(ask_profile("DPoP", call.access_token, proof(call)).status, 401);
    EXPECT_EQ(ask_profile("DPoP", call.access_token, sign(call, other_key)).status, 200);
}

/// The same for a client without a secret.
class BoundPublicClients : public BoundProviders {
  protected:
    BoundPublicClients() : BoundProviders(public_tables()) {}

  private:
    static std::string public_tables() {
        constexpr std::string_view head = "[bound]\n";
        std::string text(tables);
        return text.insert(text.find(head) + head.size(), "client_auth = \"none\"\n");
    }
};

TEST_F(BoundPublicClients, RenewWithTheSameKeyAlone) {
    auto tokens = exchange(proof());

    EXPECT_EQ(text(renew(tokens, sign({}, other_key)), "error"), "invalid_grant");
    EXPECT_EQ(text(renew(tokens, ""), "error"), "invalid_dpop_proof");
    EXPECT_EQ(text(renew(tokens, proof()), "token_type"), "DPoP");
}

TEST_F(BoundProviders, OpenTheProfileToTheHolderOfTheKeyAlone) {
    auto token = text(exchange(proof()), "access_token");
    Proof call{.method = "GET", .url = userinfo_url, .access_token = token};
    auto without_token = call;
    without_token.access_token.clear();

    auto unproven = ask_profile("DPoP", token, "");
    EXPECT_EQ(unproven.status, 401);
    EXPECT_EQ(unproven.headers.get("WWW-Authenticate"),
              R"(DPoP error="invalid_dpop_proof", algs="ES256")");
    EXPECT_EQ(ask_profile("DPoP", token, proof(without_token)).status, 401) << "no ath";
    EXPECT_EQ(ask_profile("DPoP", token, sign(call, other_key)).status, 401);
    EXPECT_EQ(ask_profile("Bearer", token, proof(call)).status, 401) << "it is no bearer token";
    EXPECT_EQ(ask_profile("DPoP", token, proof(call)).status, 200);
}

TEST_F(BoundProviders, BindNothingToNobodyWhereThatIsNotRequired) {
    auto back = visit(authorization("lax"), "lax");
    auto form = with_secret({{"grant_type", "authorization_code"},
                             {"code", only(back, "code")},
                             {"redirect_uri", redirect_uri},
                             {"code_verifier", verifier},
                             {"client_id", "lax-client"}},
                            "lax");
    const std::string url = "https://lax.example";
    auto tokens = members(send(Method::post, url + "/token", form, ""));
    EXPECT_EQ(tokens.at("token_type"), "Bearer");

    auto token = text(tokens, "access_token");
    EXPECT_EQ(send(Method::get, url + "/userinfo", {}, "", "Bearer " + token).status, 200);
    EXPECT_EQ(send(Method::get, url + "/userinfo", {}, "", "DPoP " + token).status, 401);
}

TEST_F(BoundProviders, WantTheNonceThatTheyGaveLast) {
    auto form = with_secret(authorization("lax"), "lax");
    const std::string url = "https://lax.example/par";
    auto first = send(Method::post, url, form, proof({.url = url}));
    EXPECT_EQ(first.status, 400);
    EXPECT_EQ(text(members(first), "error"), "use_dpop_nonce");
    std::string nonce(first.headers.get("DPoP-Nonce"));
    auto with_nonce = [&] {
        return send(Method::post, url, form, proof({.url = url, .claims = {{"nonce", nonce}}}));
    };

    EXPECT_EQ(with_nonce().status, 201);
    clock.advance(60s);
    auto late = with_nonce();
    EXPECT_EQ(text(members(late), "error"), "use_dpop_nonce");
    EXPECT_NE(late.headers.get("DPoP-Nonce"), nonce);
}

}  // namespace
}  // namespace cardea::emulator
