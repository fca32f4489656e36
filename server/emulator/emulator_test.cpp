// The development provider: strict where a real one is, and understood by our own client.
#include <gtest/gtest.h>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/url.hpp"
#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/discovery.hpp"
#include "cardea/oauth/id_token.hpp"
#include "cardea/oauth/profile.hpp"
#include "cardea/oauth/requests.hpp"
#include "server/emulator/endpoints.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::emulator {
namespace {

using http::Method;
using http::Parameters;

constexpr std::string_view issuer = "http://127.0.0.1:9000";
constexpr std::string_view callback_url = "http://127.0.0.1:8080/auth/callback/dev";
const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

std::string challenge_of(std::string_view text) {
    return to_base64url(crypto::sha256(text));
}

/// What stands between `begin` and `end` in the text.
std::string between(const std::string& text, std::string_view begin, std::string_view end) {
    auto from = text.find(begin);
    if (from == std::string::npos) return "";
    from += begin.size();
    return text.substr(from, text.find(end, from) - from);
}

struct Emulator : testing::Test {
    Emulator() { endpoints.add_to(router); }

    Endpoints make_endpoints() {
        SecretText secret(std::string(43, 's'));
        auto key = jose::Key::generate(jose::Algorithm::ES256, "key-1");
        Grants grants({std::string(issuer), "client", secret}, std::move(*key), clock, random);
        Client client{"client", SecretText("client secret /%+"), {std::string(callback_url)}};
        Person suggestion{"newcomer@example.org", "Nora"};
        return {std::string(issuer), std::move(client), std::move(suggestion), std::move(grants)};
    }

    http::Response ask(http::Request request) {
        http::Exchange exchange;
        if (request.target.starts_with(issuer)) request.target.erase(0, issuer.size());
        exchange.request = std::move(request);
        EXPECT_TRUE(router.prepare(exchange).has_value());
        return *run(router.answer(exchange));
    }
    http::Response get(std::string target) {
        http::Request request;
        request.target = std::move(target);
        return ask(std::move(request));
    }
    http::Response post(std::string target, const Parameters& form) {
        http::Request request;
        request.method = Method::post;
        request.target = std::move(target);
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = form.encode();
        return ask(std::move(request));
    }

    Parameters good_query() {
        return {{"response_type", "code"},
                {"client_id", "client"},
                {"redirect_uri", std::string(callback_url)},
                {"scope", "openid email"},
                {"state", "the state"},
                {"nonce", "the nonce"},
                {"code_challenge", challenge_of(verifier)},
                {"code_challenge_method", "S256"}};
    }
    /// The same with one value replaced, or left out when it is empty.
    http::Response authorize(std::string_view name = "", std::string value = "") {
        Parameters query;
        for (const auto& [key, old] : good_query()) {
            if (key != name) query.add(key, old);
        }
        if (!value.empty()) query.add(std::string(name), value);
        return get("/authorize?" + query.encode());
    }
    http::Response decide(std::string decision = "allow", std::string email = "alice@example.org") {
        auto page = authorize();
        return post("/decide", {{"request", between(page.body, "name=\"request\" value=\"", "\"")},
                                {"decision", std::move(decision)},
                                {"email", std::move(email)},
                                {"name", "Alice"}});
    }
    static Parameters answer_in(const http::Response& response) {
        std::string location(response.headers.get("Location"));
        EXPECT_TRUE(location.starts_with(callback_url)) << response.status << location;
        auto question = location.find('?');
        if (question == std::string::npos) return {};
        return *Parameters::parse(location.substr(question + 1));
    }
    std::string code() { return std::string(answer_in(decide()).only("code").value_or("")); }

    Parameters code_form(std::string code) {
        return {{"grant_type", "authorization_code"},        {"client_id", "client"},
                {"client_secret", "client secret /%+"},      {"code", std::move(code)},
                {"redirect_uri", std::string(callback_url)}, {"code_verifier", verifier}};
    }
    Parameters refresh_form(std::string token) {
        return {{"grant_type", "refresh_token"},
                {"client_id", "client"},
                {"client_secret", "client secret /%+"},
                {"refresh_token", std::move(token)}};
    }
    schema::JsonObject tokens(const Parameters& form) {
        auto response = post("/token", form);
        EXPECT_EQ(response.status, 200) << response.body;
        return boost::json::parse(response.body).as_object();
    }
    std::string error_of(const Parameters& form) {
        auto response = post("/token", form);
        EXPECT_NE(response.status, 200);
        return std::string(boost::json::parse(response.body).at("error").as_string());
    }
    static std::string text_in(const schema::JsonObject& object, std::string_view name) {
        return std::string(object.at(name).as_string());
    }

    FakeClock clock;
    SeededRandom random;
    Endpoints endpoints = make_endpoints();
    http::Router router;
};
using EmulatorAuthorization = Emulator;
using EmulatorTokens = Emulator;
using EmulatorPage = Emulator;

// --- Authorization

TEST_F(EmulatorAuthorization, SendsNobodyToAnAddressThatIsNotRegistered) {
    for (std::string uri : {"https://evil.example/", "http://127.0.0.1:8080/auth/callback/dev/x",
                            "http://127.0.0.1:8080/auth/callback/dev?x=1", ""}) {
        auto response = authorize("redirect_uri", uri);

        EXPECT_EQ(response.status, 400) << uri;
        EXPECT_FALSE(response.headers.has("Location")) << uri;
    }
    EXPECT_EQ(authorize("client_id", "another").status, 400);
}

TEST_F(EmulatorAuthorization, TellsTheApplicationWhatIsWrong) {
    const std::vector<std::array<std::string, 3>> cases{
        {"response_type", "token", "unsupported_response_type"},
        {"scope", "email", "invalid_scope"},
        {"code_challenge_method", "plain", "invalid_request"},
        {"code_challenge_method", "", "invalid_request"},
        {"code_challenge", "", "invalid_request"},
        {"code_challenge", "short", "invalid_request"},
        {"response_mode", "form_post", "invalid_request"}};
    for (const auto& [name, value, error] : cases) {
        auto answer = answer_in(authorize(name, value));

        EXPECT_EQ(answer.only("error"), error) << name;
        EXPECT_EQ(answer.only("state"), "the state");
    }
}

TEST_F(EmulatorAuthorization, TellsTheApplicationThatThePersonSaidNo) {
    auto answer = answer_in(decide("deny", ""));

    EXPECT_EQ(answer.only("error"), "access_denied");
    EXPECT_EQ(answer.count("code"), 0U);
}

TEST_F(EmulatorAuthorization, BringsCodeStateAndIssuer) {
    auto answer = answer_in(decide());

    EXPECT_FALSE(answer.only("code")->empty());
    EXPECT_EQ(answer.only("state"), "the state");
    EXPECT_EQ(answer.only("iss"), issuer);
}

TEST_F(EmulatorAuthorization, BelievesNoRequestThatItDidNotSealOrThatIsOld) {
    auto page = authorize();
    auto sealed = between(page.body, "name=\"request\" value=\"", "\"");
    auto changed = sealed;
    changed[changed.size() / 2] ^= 1;
    Parameters forged{{"request", changed}, {"decision", "allow"}, {"email", "a@example.org"}};
    Parameters old{{"request", sealed}, {"decision", "allow"}, {"email", "a@example.org"}};

    EXPECT_EQ(post("/decide", forged).status, 400);
    clock.advance(10min);
    EXPECT_EQ(post("/decide", old).status, 400);
}

// --- The page

TEST_F(EmulatorPage, EscapesEverything) {
    auto page = authorize();
    Parameters form{{"request", between(page.body, "name=\"request\" value=\"", "\"")},
                    {"decision", "allow"},
                    {"email", "\"><script>alert(1)</script>"},
                    {"name", "<b>"}};

    auto again = post("/decide", form);

    EXPECT_EQ(again.status, 422);
    EXPECT_EQ(again.body.find("<script"), std::string::npos);
    EXPECT_EQ(again.body.find("<b>"), std::string::npos);
    EXPECT_NE(again.body.find("&lt;script&gt;"), std::string::npos);
    EXPECT_EQ(authorize("redirect_uri", "<script>").body.find("<script"), std::string::npos);
}

TEST_F(EmulatorPage, AllowsNothingButItsStyleAndItsForm) {
    std::string policy(authorize().headers.get("Content-Security-Policy"));

    EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'sha256-")) << policy;
    EXPECT_NE(policy.find("form-action 'self' http://127.0.0.1:8080;"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    auto style = between(authorize().body, "<style>", "</style>");
    EXPECT_NE(policy.find(to_base64(crypto::sha256(style))), std::string::npos);
}

TEST_F(EmulatorPage, RefusesWhatIsNoAddress) {
    for (std::string email : {"", "alice", "@example.org", "alice@", "a b@example.org"}) {
        EXPECT_EQ(decide("allow", email).status, 422) << email;
    }
}

TEST_F(EmulatorPage, LabelsItsFields) {
    auto page = authorize().body;

    EXPECT_NE(page.find("<label for=\"email\">"), std::string::npos);
    EXPECT_NE(page.find("<label for=\"name\">"), std::string::npos);
    EXPECT_NE(page.find("lang=\"en\""), std::string::npos);
    EXPECT_EQ(get("/").status, 200);
}

// --- Tokens

TEST_F(EmulatorTokens, WantTheClientsSecret) {
    auto form = code_form(code());
    Parameters wrong;
    for (const auto& [name, value] : form) wrong.add(name, name == "client_secret" ? "no" : value);

    auto response = post("/token", wrong);

    EXPECT_EQ(response.status, 401);
    EXPECT_NE(response.body.find("invalid_client"), std::string::npos);
    EXPECT_EQ(post("/token", {{"grant_type", "authorization_code"}}).status, 401);
    EXPECT_EQ(post("/revoke", {{"token", "x"}}).status, 401);
}

TEST_F(EmulatorTokens, WantTheVerifier) {
    auto replaced = [&](std::string_view name, const std::string& value) {
        Parameters form;
        for (const auto& [key, old] : code_form(code())) form.add(key, key == name ? value : old);
        return error_of(form);
    };

    EXPECT_EQ(replaced("code_verifier", std::string(43, 'x')), "invalid_grant");
    EXPECT_EQ(replaced("code_verifier", ""), "invalid_grant");
    EXPECT_EQ(replaced("code_verifier", challenge_of(verifier)), "invalid_grant");
    EXPECT_EQ(replaced("redirect_uri", "http://127.0.0.1:8080/"), "invalid_grant");
    EXPECT_EQ(replaced("grant_type", "password"), "unsupported_grant_type");
}

TEST_F(EmulatorTokens, TakeACodeOnceAndEndWhatCameOfItWhenItComesAgain) {
    auto form = code_form(code());
    auto first = tokens(form);

    EXPECT_EQ(error_of(form), "invalid_grant");

    EXPECT_EQ(error_of(refresh_form(text_in(first, "refresh_token"))), "invalid_grant");
}

TEST_F(EmulatorTokens, TakeACodeForAMinute) {
    auto form = code_form(code());

    clock.advance(60s);

    EXPECT_EQ(error_of(form), "invalid_grant");
}

TEST_F(EmulatorTokens, RotateAndEndTheFamilyWhenAnOldRefreshTokenComesAgain) {
    auto first = tokens(code_form(code()));
    auto second = tokens(refresh_form(text_in(first, "refresh_token")));
    EXPECT_NE(first.at("refresh_token"), second.at("refresh_token"));
    EXPECT_NE(first.at("access_token"), second.at("access_token"));

    EXPECT_EQ(error_of(refresh_form(text_in(first, "refresh_token"))), "invalid_grant");

    EXPECT_EQ(error_of(refresh_form(text_in(second, "refresh_token"))), "invalid_grant");
}

TEST_F(EmulatorTokens, AreOfOneUseEach) {
    auto given = tokens(code_form(code()));

    EXPECT_EQ(error_of(refresh_form(text_in(given, "access_token"))), "invalid_grant");
    EXPECT_EQ(error_of(refresh_form("nonsense")), "invalid_grant");
}

http::Request userinfo_request(const std::string& token) {
    http::Request request;
    request.target = "/userinfo";
    request.headers.set("Authorization", "Bearer " + token);
    return request;
}

TEST_F(EmulatorTokens, OpenTheProfileUntilTheyExpireOrAreRevoked) {
    auto first = tokens(code_form(code()));
    auto second = tokens(code_form(code()));
    auto opens = [&](const schema::JsonObject& given) {
        return ask(userinfo_request(text_in(given, "access_token"))).status;
    };
    EXPECT_EQ(opens(first), 200);
    EXPECT_EQ(ask(userinfo_request("nonsense")).status, 401);
    EXPECT_EQ(ask(userinfo_request(text_in(first, "refresh_token"))).status, 401);

    auto revocation = refresh_form(text_in(first, "refresh_token"));
    revocation.add("token", text_in(first, "refresh_token"));
    EXPECT_EQ(post("/revoke", revocation).status, 200);
    EXPECT_EQ(opens(first), 401);
    EXPECT_EQ(opens(second), 200);
    clock.advance(5min);
    EXPECT_EQ(opens(second), 401);
}

TEST_F(EmulatorTokens, OutliveARestartWithTheSameSecret) {
    auto first = tokens(code_form(code()));
    std::destroy_at(&endpoints);
    std::construct_at(&endpoints, make_endpoints());

    auto second = tokens(refresh_form(text_in(first, "refresh_token")));

    EXPECT_EQ(error_of(refresh_form(text_in(first, "refresh_token"))), "invalid_grant");
    EXPECT_TRUE(second.contains("access_token"));
}

// --- Together with our own client

struct EmulatorRoundTrip : Emulator {
    oauth::Provider provider() {
        oauth::Provider dev;
        dev.name = "dev";
        dev.issuer = issuer;
        dev.client_id = "client";
        dev.client_secret = SecretText("client secret /%+");
        dev.scopes = {"openid", "email", "profile"};
        dev.profile.email_trust = oauth::EmailTrust::claim;
        auto document = ask(oauth::discovery_request(dev));
        return *oauth::read_discovery(dev, document, oauth::Loopback::allowed);
    }
};

TEST_F(EmulatorRoundTrip, EndsWithAProvenPerson) {
    auto dev = provider();
    auto begun = oauth::begin(dev, {std::string(callback_url), "/", "cookie"}, random, clock.now());

    auto page = get(begun.url);
    auto decided =
        post("/decide", {{"request", between(page.body, "name=\"request\" value=\"", "\"")},
                         {"decision", "allow"},
                         {"email", "Alice@Example.org"},
                         {"name", "Alice"}});
    std::string location(decided.headers.get("Location"));
    auto callback = oauth::read_callback("dev", location.substr(location.find('?') + 1));
    auto code = oauth::check_callback(dev, begun.pending, *callback, clock.now());
    ASSERT_TRUE(code.has_value()) << code.error().describe();
    auto answer = ask(oauth::token_request(dev, *code));
    auto tokens = oauth::read_token_response(dev, answer, clock.now());
    ASSERT_TRUE(tokens.has_value()) << answer.body;
    oauth::Expectation expected{code->nonce(), tokens->access_token, clock.now()};
    auto claimed = oauth::check_claims(dev, tokens->id_token->reveal(), expected);
    ASSERT_TRUE(claimed.has_value()) << claimed.error().describe();
    auto keys = jose::KeySet::from_json(get("/jwks").body);
    auto claims = oauth::verify(dev, *claimed, *keys);
    ASSERT_TRUE(claims.has_value()) << claims.error().describe();
    auto info = oauth::read_json_answer(ask(oauth::userinfo_request(dev, *tokens)));
    auto profile = oauth::read_profile(dev, *info, claims->subject);

    ASSERT_TRUE(profile.has_value()) << profile.error().describe();
    EXPECT_EQ(profile->email, "alice@example.org");
    EXPECT_TRUE(profile->email_verified);
    EXPECT_EQ(profile->name, "Alice");
    EXPECT_EQ(tokens->expires_at, clock.now() + 5min);
    auto renewed = ask(oauth::refresh_request(dev, *tokens->refresh_token));
    EXPECT_TRUE(oauth::read_token_response(dev, renewed, clock.now()).has_value()) << renewed.body;
}

TEST_F(EmulatorRoundTrip, KnowsAPersonAgain) {
    EXPECT_EQ((Person{"a@example.org", "A"}.subject()), (Person{"a@example.org", "B"}.subject()));
    EXPECT_NE((Person{"a@example.org", "A"}.subject()), (Person{"b@example.org", "A"}.subject()));
}

}  // namespace
}  // namespace cardea::emulator
