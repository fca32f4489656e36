// Discovery documents: what they may say, and what no request follows.
#include "cardea/oauth/discovery.hpp"

#include <gtest/gtest.h>

#include "cardea/oauth/callback.hpp"
#include "cardea/schema/json.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

using schema::JsonObject;

class Discovery : public testing::Test {
  protected:
    Discovery() {
        provider = test_provider();
        provider.authorization_endpoint.clear();
        provider.token_endpoint.clear();
        provider.userinfo_endpoint.clear();
        provider.jwks_uri.clear();
        provider.revocation_endpoint.clear();
        document = {{"issuer", "https://idp.example"},
                    {"authorization_endpoint", "https://idp.example/a"},
                    {"token_endpoint", "https://idp.example/t"},
                    {"userinfo_endpoint", "https://login.idp.example/u"},
                    {"jwks_uri", "https://idp.example/j"}};
    }
    Result<Provider> read(std::string body, int status = 200) {
        http::Response response;
        response.status = status;
        response.body = std::move(body);
        return read_discovery(provider, response, loopback);
    }
    Result<Provider> read() { return read(schema::write_json(schema::Json(document))); }
    void expect_refused(const Result<Provider>& found, const std::string& what) {
        ASSERT_FALSE(found) << what;
        EXPECT_TRUE(found.error().is(discovery_refused)) << what;
    }

    Provider provider;
    JsonObject document;
    Loopback loopback = Loopback::refused;
};

TEST_F(Discovery, IsRefusedWhenItIsNoDocument) {
    for (auto body : {"", "<html>", "[]", "null", "{}", R"({"issuer":["https://idp.example"]})",
                      R"({"issuer":"https://idp.example","issuer":"https://idp.example"})"})
        expect_refused(read(body), body);
    expect_refused(read("{}", 404), "404");
    expect_refused(read("{}", 302), "302");
}

TEST_F(Discovery, IsAnOutageWhenTheProviderIsInTrouble) {
    EXPECT_TRUE(read("{}", 500).error().is(provider_error));
    EXPECT_TRUE(read("{}", 429).error().is(provider_error));
}

TEST_F(Discovery, IsRefusedOfAnotherIssuer) {
    for (auto issuer : {"https://evil.example", "https://idp.example/", "http://idp.example",
                        "https://idp.example.evil.example", ""}) {
        document["issuer"] = issuer;
        expect_refused(read(), issuer);
    }
}

TEST_F(Discovery, IsRefusedWithEndpointsThatNoRequestMayGoTo) {
    for (auto name : {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
                      "revocation_endpoint", "pushed_authorization_request_endpoint"}) {
        for (auto url : {"http://idp.example/x", "file:///etc/passwd", "https://127.0.0.1/x",
                         "https://[::1]/x", "https://localhost/x", "https://169.254.169.254/x",
                         "https://10.0.0.1/x", "https://192.168.1.1/x", "https://other.example/x",
                         "https://notidp.example/x", "https://idp.example@evil.example/x",
                         "https://idp.example#/x", "javascript:alert(1)", "//idp.example/x", ""}) {
            JsonObject good = document;
            document[name] = url;
            expect_refused(read(), std::string(name) + ' ' + url);
            document = good;
        }
        JsonObject good = document;
        document[name] = {"https://idp.example/x"};
        expect_refused(read(), std::string(name) + " as a list");
        document = good;
    }
}

TEST_F(Discovery, IsRefusedWithoutAnEndpointThatIsNeeded) {
    for (auto name : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
        JsonObject good = document;
        document.erase(name);
        expect_refused(read(), name);
        document = good;
    }
}

TEST_F(Discovery, FillsWhatTheRowLeavesOpen) {
    document["revocation_endpoint"] = "https://idp.example/r";
    document["unknown_member"] = {{"x", 1}};

    auto found = read();

    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->authorization_endpoint, "https://idp.example/a");
    EXPECT_EQ(found->token_endpoint, "https://idp.example/t");
    EXPECT_EQ(found->userinfo_endpoint, "https://login.idp.example/u");
    EXPECT_EQ(found->jwks_uri, "https://idp.example/j");
    EXPECT_EQ(found->revocation_endpoint, "https://idp.example/r");
}

TEST_F(Discovery, TellsWhereAndWhetherRequestsArePushed) {
    EXPECT_EQ(read()->pushed_authorization_request_endpoint, "");
    document["pushed_authorization_request_endpoint"] = "https://idp.example/par";
    EXPECT_EQ(read()->require_pushed_authorization_requests, false);
    document["require_pushed_authorization_requests"] = true;

    auto found = read();

    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->pushed_authorization_request_endpoint, "https://idp.example/par");
    EXPECT_EQ(found->require_pushed_authorization_requests, true);
    EXPECT_EQ(found->par, Par::when_offered);
}

TEST_F(Discovery, IsRefusedWhenRequestsMustBePushedAndCannot) {
    document["require_pushed_authorization_requests"] = true;
    expect_refused(read(), "no endpoint");
    EXPECT_TRUE(read().error().detail().contains("require_pushed_authorization_requests"));

    document["pushed_authorization_request_endpoint"] = "https://idp.example/par";
    provider.par = Par::never;
    expect_refused(read(), "never");

    provider.require_pushed_authorization_requests = false;
    EXPECT_TRUE(read());
}

TEST_F(Discovery, NeverReplacesWhatTheRowSays) {
    provider.token_endpoint = "https://elsewhere.example/token";
    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;
    provider.authorization_response_iss_parameter_supported = true;
    document["authorization_response_iss_parameter_supported"] = false;

    auto found = read();

    ASSERT_TRUE(found);
    EXPECT_EQ(found->token_endpoint, "https://elsewhere.example/token");
    EXPECT_EQ(found->token_endpoint_auth_method, ClientAuth::client_secret_post);
    EXPECT_EQ(found->authorization_response_iss_parameter_supported, true);
}

TEST_F(Discovery, FollowsOtherHostsThatTheRowNames) {
    provider.endpoint_hosts = {"API.example"};
    document["token_endpoint"] = "https://api.example/t";

    EXPECT_TRUE(read());
}

TEST_F(Discovery, ReachesLoopbackOnlyWhenThatIsAllowed) {
    provider.issuer = "http://127.0.0.1:9000";
    document = {{"issuer", "http://127.0.0.1:9000"},
                {"authorization_endpoint", "http://127.0.0.1:9000/a"},
                {"token_endpoint", "http://127.0.0.1:9000/t"},
                {"jwks_uri", "http://127.0.0.1:9000/j"}};
    expect_refused(read(), "loopback");

    loopback = Loopback::allowed;
    EXPECT_TRUE(read());
    document["token_endpoint"] = "http://idp.example/t";
    expect_refused(read(), "plain http beyond loopback");
}

TEST_F(Discovery, ChoosesAClientAuthenticationThatTheProviderKnows) {
    auto chosen = [&](schema::Json methods) {
        document["token_endpoint_auth_methods_supported"] = std::move(methods);
        return read()->token_endpoint_auth_method;
    };

    EXPECT_EQ(read()->token_endpoint_auth_method, ClientAuth::client_secret_basic);
    EXPECT_EQ(chosen({"client_secret_post", "client_secret_basic"}),
              ClientAuth::client_secret_basic);
    EXPECT_EQ(chosen({"private_key_jwt", "client_secret_post"}), ClientAuth::client_secret_post);
    EXPECT_EQ(chosen("odd"), ClientAuth::client_secret_basic);
}

TEST_F(Discovery, LearnsWhetherCallbacksCarryTheIssuer) {
    EXPECT_EQ(read()->authorization_response_iss_parameter_supported, false);

    document["authorization_response_iss_parameter_supported"] = "true";
    EXPECT_EQ(read()->authorization_response_iss_parameter_supported, false);

    document["authorization_response_iss_parameter_supported"] = true;
    EXPECT_EQ(read()->authorization_response_iss_parameter_supported, true);
}

TEST_F(Discovery, IsAskedForBelowTheIssuer) {
    auto url = "https://idp.example/.well-known/openid-configuration";
    EXPECT_EQ(discovery_request(provider).target, url);

    provider.issuer = "https://idp.example/";
    EXPECT_EQ(discovery_request(provider).target, url);

    provider.issuer = "https://idp.example/tenant/1";
    EXPECT_EQ(discovery_request(provider).target,
              "https://idp.example/tenant/1/.well-known/openid-configuration");

    provider.discovery_endpoint = "https://idp.example/other";
    EXPECT_EQ(discovery_request(provider).target, "https://idp.example/other");
}

}  // namespace
}  // namespace cardea::oauth
