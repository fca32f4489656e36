// Pushed authorization requests: what is sent, what of the answer is believed, where the browser
// goes.
#include "cardea/oauth/pushed_authorization.hpp"

#include <gtest/gtest.h>

#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/schema/json.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

using schema::Json;
using schema::JsonObject;

class PushedAuthorizations : public testing::Test {
  protected:
    PushedAuthorizations() {
        provider.pushed_authorization_request_endpoint = "https://idp.example/par";
    }
    Authorization begin_here() {
        Beginning beginning{"https://app.example/auth/callback/example", "/", "cookie"};
        return begin(provider, std::move(beginning), random, clock.now());
    }
    http::Request request() {
        return pushed_authorization_request(provider, begin_here().parameters);
    }
    static http::Parameters form_of(const http::Request& request) {
        return http::Parameters::parse(request.body).value();
    }
    static http::Response answered(int status, std::string body) {
        http::Response response;
        response.status = status;
        response.headers.set("Content-Type", "application/json");
        response.body = std::move(body);
        return response;
    }
    Result<PushedAuthorization> read(int status, std::string body) {
        return read_pushed_authorization(provider, answered(status, std::move(body)));
    }
    Result<PushedAuthorization> read_members(JsonObject members) {
        return read(201, schema::write_json(Json(std::move(members))));
    }
    std::string refusal(const Result<PushedAuthorization>& result) {
        return result ? "" : std::string(result.error().reason().slug);
    }

    Provider provider = test_provider();
    SeededRandom random;
    FakeClock clock;
};

// The answer.

TEST_F(PushedAuthorizations, BelieveNoRequestUriThatIsNone) {
    const schema::JsonArray odd{nullptr,
                                17,
                                "",
                                JsonObject(),
                                "no scheme",
                                "nocolon",
                                ":nothing-before-it",
                                "urn:<script>alert(1)</script>",
                                "urn:a\"b",
                                "urn:a\r\nLocation: https://evil.example",
                                std::string_view("urn:a\0b", 7),
                                "urn:a b",
                                "urn:\u00e4",
                                "urn:" + std::string(1021, 'x')};
    for (const auto& one : odd) {
        auto read = read_members({{"request_uri", one}, {"expires_in", 60}});
        EXPECT_EQ(refusal(read), "oauth.answer_malformed") << schema::write_json(one);
    }
    EXPECT_EQ(refusal(read_members({{"expires_in", 60}})), "oauth.answer_malformed");
}

TEST_F(PushedAuthorizations, NeedNoLifetime) {
    EXPECT_TRUE(read_members({{"request_uri", "urn:x:1"}}));
    for (Json odd : {Json(nullptr), Json("60"), Json(-1), Json(1e20), Json(JsonObject())})
        EXPECT_TRUE(read_members({{"request_uri", "urn:x:1"}, {"expires_in", odd}}))
            << schema::write_json(odd);
}

TEST_F(PushedAuthorizations, AreAnsweredInJsonHoweverTokensCome) {
    provider.token_answer_format = AnswerFormat::form;

    auto read = read_members({{"request_uri", "urn:x:1"}, {"expires_in", 60}});

    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->request_uri, "urn:x:1");
}

TEST_F(PushedAuthorizations, NeedNotSayWhatTellsTheSuccessOfTokens) {
    provider.token_answer.success = "/ok";
    provider.token_answer.success_value = "true";

    auto read = read_members({{"request_uri", "urn:x:1"}, {"expires_in", 60}});

    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->request_uri, "urn:x:1");
    EXPECT_EQ(refusal(read_members({{"ok", false}, {"error", "invalid_client"}})),
              "oauth.client_rejected");
    EXPECT_EQ(refusal(read_members({{"ok", false}})), "oauth.answer_malformed");
}

TEST_F(PushedAuthorizations, TellWhoMustActWhenTheyAreRefused) {
    EXPECT_EQ(refusal(read(401, R"({"error":"invalid_client"})")), "oauth.client_rejected");
    EXPECT_EQ(refusal(read(400, R"({"error":"unauthorized_client"})")), "oauth.client_rejected");
    EXPECT_EQ(refusal(read(400, R"({"error":"invalid_request"})")), "oauth.provider_error");
    EXPECT_EQ(refusal(read(400, R"({"error":"invalid_grant"})")), "oauth.provider_error");
    EXPECT_EQ(refusal(read(413, "")), "oauth.provider_error");
    EXPECT_EQ(refusal(read(500, "<h1>Sorry</h1>")), "oauth.provider_error");
    EXPECT_EQ(refusal(read(200, "<h1>Welcome</h1>")), "oauth.answer_malformed");
    EXPECT_EQ(refusal(read(201, "[]")), "oauth.answer_malformed");
    EXPECT_EQ(refusal(read(302, "{}")), "oauth.answer_malformed");
}

TEST_F(PushedAuthorizations, AreReadAsInRfc9126Section22) {
    auto read = read_members(
        {{"request_uri", "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"},
         {"expires_in", 60}});

    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->request_uri, "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c");
}

// The request.

TEST_F(PushedAuthorizations, AreMadeWhereTheyAreOffered) {
    EXPECT_TRUE(is_pushed(provider));
    provider.par = Par::never;
    EXPECT_FALSE(is_pushed(provider));
    EXPECT_FALSE(is_pushed(test_provider()));
}

TEST_F(PushedAuthorizations, CarryWhatTheUrlWouldSay) {
    provider.authorization_params = {{"prompt", "consent"}};
    auto begun = begin_here();
    auto url = begun.url.substr(begun.url.find('?') + 1);

    auto request = pushed_authorization_request(provider, begun.parameters);

    EXPECT_EQ(request.method, http::Method::post);
    EXPECT_EQ(request.target, "https://idp.example/par");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(request.body, url);
    EXPECT_EQ(form_of(request).only("prompt"), "consent");
}

TEST_F(PushedAuthorizations, AreProvenAsAtTheTokenEndpoint) {
    EXPECT_TRUE(request().headers.get("Authorization").starts_with("Basic "));

    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;
    auto in_body = form_of(request());
    EXPECT_EQ(in_body.only("client_secret"), "secret-1");
    EXPECT_EQ(in_body.only("client_id"), "client-1");

    provider.token_endpoint_auth_method = ClientAuth::none;
    EXPECT_FALSE(request().headers.has("Authorization"));
    EXPECT_EQ(form_of(request()).only("client_id"), "client-1");

    provider.token_endpoint_auth_method = ClientAuth::private_key_jwt;
    provider.assertion = SecretText("signed");
    EXPECT_EQ(form_of(request()).only("client_assertion"), "signed");
}

TEST_F(PushedAuthorizations, SeparateScopesBySpacesWhereTheUrlHasABarePlus) {
    provider.scope_separator = "+";

    EXPECT_EQ(form_of(request()).only("scope"), "openid email");
    EXPECT_TRUE(begin_here().url.ends_with("&scope=openid+email"));
}

TEST_F(PushedAuthorizations, LeaveTheBrowserWithWhereTheyLie) {
    EXPECT_EQ(pushed_authorization_url(provider, "urn:x:a&b=c"),
              "https://idp.example/authorize?client_id=client-1&request_uri=urn%3Ax%3Aa%26b%3Dc");
}

}  // namespace
}  // namespace cardea::oauth
