// The requests to a provider: exactly the configured method, everything encoded.
#include "cardea/oauth/requests.hpp"

#include <gtest/gtest.h>

#include "cardea/base/encoding.hpp"
#include "cardea/http/parameters.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

class Requests : public testing::Test {
  protected:
    AuthorizationCode make_code() {
        SeededRandom random;
        Beginning beginning{"https://app.example/cb?x=1&y=ä", "/", "cookie"};
        auto authorization = begin(provider, std::move(beginning), random, clock.now());
        verifier = authorization.pending.code_verifier;
        auto query = authorization.url.substr(authorization.url.find('?') + 1);
        std::string state(http::Parameters::parse(query)->get("state").value());
        auto callback = read_callback("", "code=c%2B%26d&state=" + state);
        return check_callback(provider, authorization.pending, *callback, clock.now()).value();
    }
    static std::string parameter(const http::Request& request, std::string_view name) {
        auto form = http::Parameters::parse(request.body);
        return form ? std::string(form->only(name).value_or("(none)")) : "(malformed)";
    }
    static std::string basic_pair(const http::Request& request) {
        auto header = request.headers.get("Authorization");
        if (!header.starts_with("Basic ")) return "(none)";
        return to_text(from_base64(header.substr(6)).value());
    }

    FakeClock clock;
    Provider provider = test_provider();
    SecretText verifier;
};

TEST_F(Requests, TradeTheCodeByAFormPost) {
    auto request = token_request(provider, make_code());

    EXPECT_EQ(request.method, http::Method::post);
    EXPECT_EQ(request.target, "https://idp.example/token");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(request.headers.get("Accept"), "application/json");
    EXPECT_EQ(parameter(request, "grant_type"), "authorization_code");
    EXPECT_EQ(parameter(request, "code"), "c+&d");
    EXPECT_EQ(parameter(request, "redirect_uri"), "https://app.example/cb?x=1&y=ä");
    EXPECT_EQ(parameter(request, "code_verifier"), verifier.reveal());
}

TEST_F(Requests, SendNoVerifierWherePkceIsForbidden) {
    provider.pkce = Pkce::forbidden;

    EXPECT_EQ(parameter(token_request(provider, make_code()), "code_verifier"), "(none)");
}

TEST_F(Requests, AuthenticateByBasicWhenTheRowSaysNothing) {
    auto request = token_request(provider, make_code());

    EXPECT_EQ(basic_pair(request), "client-1:secret-1");
    EXPECT_EQ(parameter(request, "client_id"), "(none)");
    EXPECT_EQ(parameter(request, "client_secret"), "(none)");
}

TEST_F(Requests, FormEncodeIdAndSecretBeforeTheyAreJoined) {
    provider.client_id = "a:b/c";
    provider.client_secret = SecretText("p q+r%s:ü");

    EXPECT_EQ(basic_pair(token_request(provider, make_code())), "a%3Ab%2Fc:p+q%2Br%25s%3A%C3%BC");
}

TEST_F(Requests, AuthenticateInTheBodyAndNowhereElse) {
    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;
    provider.client_secret = SecretText("p q+r%s:&=");

    auto request = token_request(provider, make_code());

    EXPECT_FALSE(request.headers.has("Authorization"));
    EXPECT_EQ(parameter(request, "client_id"), "client-1");
    EXPECT_EQ(parameter(request, "client_secret"), "p q+r%s:&=");
}

TEST_F(Requests, NameTheClientAloneWithoutASecret) {
    provider.token_endpoint_auth_method = ClientAuth::none;

    auto request = token_request(provider, make_code());

    EXPECT_FALSE(request.headers.has("Authorization"));
    EXPECT_EQ(parameter(request, "client_id"), "client-1");
    EXPECT_EQ(parameter(request, "client_secret"), "(none)");
}

TEST_F(Requests, CarryTheProvidersOwnHeadersAndParameters) {
    provider.token_request_headers = {{"Accept", "application/vnd.x"}, {"X-Version", "2"}};
    provider.token_params = {{"resource", "https://api.example"}};
    provider.refresh_params = {{"expiring", "1"}};

    auto request = token_request(provider, make_code());
    EXPECT_EQ(request.headers.get("Accept"), "application/vnd.x");
    EXPECT_EQ(request.headers.get("X-Version"), "2");
    EXPECT_EQ(parameter(request, "resource"), "https://api.example");
    EXPECT_EQ(parameter(request, "expiring"), "(none)");

    auto refresh = refresh_request(provider, SecretText("rt"));
    EXPECT_EQ(refresh.headers.get("X-Version"), "2");
    EXPECT_EQ(parameter(refresh, "expiring"), "1");
    EXPECT_EQ(parameter(refresh, "resource"), "(none)");
}

TEST_F(Requests, NeverPutASecretIntoAUrl) {
    auto token = token_request(provider, make_code());
    auto refresh = refresh_request(provider, SecretText("the-rt"));
    auto userinfo = userinfo_request(provider, SecretText("the-at"));

    for (const auto& request : {token, refresh, userinfo}) {
        EXPECT_EQ(request.target.find('?'), std::string::npos);
        EXPECT_EQ(request.target.find("secret-1"), std::string::npos);
        EXPECT_EQ(request.target.find("the-"), std::string::npos);
    }
}

TEST_F(Requests, RefreshWithoutNamingScopes) {
    auto request = refresh_request(provider, SecretText("r&t"));

    EXPECT_EQ(request.method, http::Method::post);
    EXPECT_EQ(request.target, "https://idp.example/token");
    EXPECT_EQ(parameter(request, "grant_type"), "refresh_token");
    EXPECT_EQ(parameter(request, "refresh_token"), "r&t");
    EXPECT_EQ(parameter(request, "scope"), "(none)");
    EXPECT_EQ(basic_pair(request), "client-1:secret-1");
}

TEST_F(Requests, AskForTheProfileWithTheTokenInTheHeader) {
    provider.profile.headers = {{"Accept", "application/vnd.github+json"}};

    auto request = userinfo_request(provider, SecretText("at"));

    EXPECT_EQ(request.method, http::Method::get);
    EXPECT_EQ(request.target, "https://idp.example/userinfo");
    EXPECT_EQ(request.headers.get("Authorization"), "Bearer at");
    EXPECT_EQ(request.headers.get("Accept"), "application/vnd.github+json");
}

TEST_F(Requests, AskForTheAddressesWhereTheRowSays) {
    provider.email_request = EmailRequest{};
    provider.email_request->endpoint = "https://api.example/emails";

    auto request = email_request(provider, SecretText("at"));

    EXPECT_EQ(request.target, "https://api.example/emails");
    EXPECT_EQ(request.headers.get("Authorization"), "Bearer at");
}

class Revocation : public Requests {
  protected:
    Revocation() {
        tokens.access_token = SecretText("at");
        tokens.refresh_token = SecretText("rt");
    }
    TokenSet tokens;
};

TEST_F(Revocation, IsNotPossibleWithoutAnEndpoint) {
    provider.revocation_endpoint.clear();

    EXPECT_FALSE(revocation_request(provider, tokens));
}

TEST_F(Revocation, IsNotPossibleWithoutATokenOfTheRightKind) {
    provider.revocation = RevocationRules{};
    provider.revocation->accepts = {TokenKind::refresh_token};
    tokens.refresh_token.reset();

    EXPECT_FALSE(revocation_request(provider, tokens));
}

TEST_F(Revocation, FollowsRfc7009ByDefault) {
    auto request = revocation_request(provider, tokens);

    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, http::Method::post);
    EXPECT_EQ(request->target, "https://idp.example/revoke");
    EXPECT_EQ(parameter(*request, "token"), "rt");
    EXPECT_EQ(parameter(*request, "token_type_hint"), "refresh_token");
    EXPECT_EQ(basic_pair(*request), "client-1:secret-1");
}

TEST_F(Revocation, SendsTheAccessTokenWhenThereIsNoOther) {
    tokens.refresh_token.reset();

    auto request = revocation_request(provider, tokens);

    EXPECT_EQ(parameter(*request, "token"), "at");
    EXPECT_EQ(parameter(*request, "token_type_hint"), "access_token");
}

TEST_F(Revocation, SpeaksGitHub) {
    provider.client_id = "Iv1/2";
    provider.revocation_endpoint = "https://api.github.com/applications/{client_id}/token";
    RevocationRules rules;
    rules.method = RevocationMethod::del;
    rules.auth = ClientAuth::client_secret_basic;
    rules.format = RevocationFormat::json;
    rules.token_param = "access_token";
    rules.accepts = {TokenKind::access_token};
    provider.revocation = rules;
    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;

    auto request = revocation_request(provider, tokens);

    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, http::Method::delete_);
    EXPECT_EQ(request->target, "https://api.github.com/applications/Iv1%2F2/token");
    EXPECT_EQ(request->headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request->body, R"({"access_token":"at"})");
    EXPECT_EQ(basic_pair(*request), "Iv1%2F2:secret-1");
}

}  // namespace
}  // namespace cardea::oauth
