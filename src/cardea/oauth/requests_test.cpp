// The requests to a provider: exactly the configured method, everything encoded.
#include "cardea/oauth/requests.hpp"

#include <gtest/gtest.h>

#include "cardea/base/encoding.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/schema/json.hpp"
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

    static TokenSet tokens_of(std::string access_token) {
        TokenSet tokens;
        tokens.access_token = SecretText(std::move(access_token));
        tokens.answer = SecretText(R"({"openid":"o-1","uid":7})");
        return tokens;
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
    auto userinfo = userinfo_request(provider, tokens_of("the-at"));

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

    auto request = userinfo_request(provider, tokens_of("at"));

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

TEST_F(Requests, SendBasicAsTheProviderWantsIt) {
    provider.client_id = "a:b";
    provider.client_secret = SecretText("s/t");

    provider.token_endpoint_auth_method = ClientAuth::client_secret_basic_raw;
    EXPECT_EQ(basic_pair(token_request(provider, make_code())), "a:b:s/t");

    provider.token_endpoint_auth_method = ClientAuth::client_secret_as_basic_username;
    auto request = refresh_request(provider, SecretText("rt"));
    EXPECT_EQ(basic_pair(request), "s/t:");
    EXPECT_EQ(parameter(request, "client_id"), "(none)");
}

TEST_F(Requests, SpeakJson) {
    provider.token_request.format = RequestFormat::json;
    provider.token_request.client_id_param = "clientId";
    provider.token_request.client_secret_param = "clientSecret";
    provider.token_request.code_param = "auth_code";
    provider.token_request.omit = {"grant_type", "redirect_uri", "code_verifier"};
    provider.token_params = {{"grantType", "authorization_code"}};
    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;

    auto request = token_request(provider, make_code());

    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(schema::parse_json(request.body).value(),
              schema::parse_json(R"({"auth_code":"c+&d","clientId":"client-1",
                  "clientSecret":"secret-1","grantType":"authorization_code"})")
                  .value());
}

TEST_F(Requests, SendEverythingInTheQueryOfAGet) {
    provider.token_request.method = RequestMethod::get;
    provider.token_endpoint = "https://idp.example/token?v=1";
    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;

    auto request = refresh_request(provider, SecretText("r t"));

    EXPECT_EQ(request.method, http::Method::get);
    EXPECT_TRUE(request.body.empty());
    EXPECT_EQ(request.target,
              "https://idp.example/token?v=1&grant_type=refresh_token&refresh_token=r%20t&"
              "client_id=client-1&client_secret=secret-1");
}

TEST_F(Requests, CarryWhatTheCallbackBrought) {
    provider.token_params = {{"state", "{callback:state}"}, {"scope", "{scopes}"}};

    auto request = token_request(provider, make_code());

    EXPECT_EQ(provider_of_state(parameter(request, "state")), "example");
    EXPECT_EQ(parameter(request, "scope"), "openid email");
}

TEST_F(Requests, RenewAtTheProvidersOwnEndpoint) {
    provider.renewal.endpoint = "https://graph.example/refresh";
    provider.renewal.method = RequestMethod::get;
    provider.renewal.auth = ClientAuth::none;
    provider.renewal.grant_type = "ig_refresh_token";
    provider.renewal.token_param = "access_token";

    auto request = refresh_request(provider, SecretText("long"));

    EXPECT_EQ(request.target,
              "https://graph.example/refresh?grant_type=ig_refresh_token&access_token=long&"
              "client_id=client-1");
}

TEST_F(Requests, NameScopesInARefreshWhereTheRowSaysSo) {
    provider.redirect_uri = "https://app.example/cb";
    provider.refresh_params = {{"scope", "{scopes}"}, {"redirect_uri", "{redirect_uri}"}};

    auto request = refresh_request(provider, SecretText("rt"));

    EXPECT_EQ(parameter(request, "scope"), "openid email");
    EXPECT_EQ(parameter(request, "redirect_uri"), "https://app.example/cb");
}

TEST_F(Requests, TradeAShortTokenForALongOne) {
    EXPECT_FALSE(chain_request(provider, tokens_of("short")));

    provider.token_chain = TokenChain{};
    provider.token_chain->endpoint = "https://graph.example/longer";
    provider.token_chain->params = {{"client_secret", "{client_secret}"},
                                    {"fb_exchange_token", "{access_token}"}};
    auto request = chain_request(provider, tokens_of("short&x"));

    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, http::Method::get);
    EXPECT_EQ(request->target,
              "https://graph.example/longer?client_secret=secret-1&fb_exchange_token=short%26x");
}

TEST_F(Requests, PutTheTokenWhereTheProfileCallWantsIt) {
    ProfileRules& rules = provider.profile;
    auto header = [&](std::string_view name) {
        return std::string(userinfo_request(provider, tokens_of("at")).headers.get(name));
    };
    rules.token_in = TokenPlace::oauth;
    EXPECT_EQ(header("Authorization"), "OAuth at");
    rules.token_in = TokenPlace::raw;
    EXPECT_EQ(header("Authorization"), "at");
    rules.token_in = TokenPlace::header;
    rules.token_param = "x-access-token";
    EXPECT_EQ(header("x-access-token"), "at");
    EXPECT_EQ(header("Authorization"), "");
}

TEST_F(Requests, FillTheQueryOfTheProfileCall) {
    provider.profile.token_in = TokenPlace::query;
    provider.profile.query = {{"openid", "{token_response:/openid}"}};

    EXPECT_EQ(userinfo_request(provider, tokens_of("at")).target,
              "https://idp.example/userinfo?openid=o-1&access_token=at");
}

TEST_F(Requests, PostTheProfileCallAsFormOrJson) {
    provider.profile.method = RequestMethod::post;
    EXPECT_FALSE(userinfo_request(provider, tokens_of("at")).headers.has("Content-Type"));

    provider.profile.json = R"({"query":"{ viewer { id } }"})";
    auto graph = userinfo_request(provider, tokens_of("at"));
    EXPECT_EQ(graph.method, http::Method::post);
    EXPECT_EQ(graph.body, R"({"query":"{ viewer { id } }"})");
    EXPECT_EQ(graph.headers.get("Content-Type"), "application/json");

    provider.profile.json.clear();
    provider.profile.token_in = TokenPlace::form;
    provider.profile.token_param = "token";
    provider.profile.form = {{"client_id", "{client_id}"}};
    auto form = userinfo_request(provider, tokens_of("at"));
    EXPECT_EQ(form.body, "client_id=client-1&token=at");
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
    rules.format = RequestFormat::json;
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

TEST_F(Revocation, IsABearerPostWithoutABody) {
    provider.revocation = RevocationRules{};
    provider.revocation->token_in = RevokedPlace::bearer;
    provider.revocation->accepts = {TokenKind::access_token};

    auto request = revocation_request(provider, tokens);

    ASSERT_TRUE(request);
    EXPECT_EQ(request->headers.get("Authorization"), "Bearer at");
    EXPECT_TRUE(request->body.empty());
    EXPECT_FALSE(request->headers.has("Content-Type"));
}

TEST_F(Revocation, PutsTheTokenIntoAHeaderOfItsOwn) {
    provider.revocation = RevocationRules{};
    provider.revocation->token_in = RevokedPlace::header;
    provider.revocation->token_param = "X-Access-Token";

    auto request = revocation_request(provider, tokens);

    EXPECT_EQ(request->headers.get("X-Access-Token"), "rt");
    EXPECT_FALSE(request->headers.has("Authorization"));
}

TEST_F(Revocation, PutsTheTokenIntoThePath) {
    provider.revocation_endpoint = "https://idp.example/tokens/{token}";
    provider.revocation = RevocationRules{};
    provider.revocation->method = RevocationMethod::del;
    provider.revocation->token_in = RevokedPlace::elsewhere;
    tokens.refresh_token = SecretText("r/t?x");

    auto request = revocation_request(provider, tokens);

    EXPECT_EQ(request->method, http::Method::delete_);
    EXPECT_EQ(request->target, "https://idp.example/tokens/r%2Ft%3Fx");
    EXPECT_TRUE(request->body.empty());
}

TEST_F(Revocation, IsAnotherGrantOfTheTokenEndpoint) {
    provider.revocation = RevocationRules{};
    provider.revocation->token_param = "access_token";
    provider.revocation->accepts = {TokenKind::access_token};
    provider.revocation->params = {{"grant_type", "delete"}, {"id", "{token_response:/uid}"}};
    provider.token_endpoint_auth_method = ClientAuth::client_secret_post;

    auto request = revocation_request(provider, tokens_of("at"));

    EXPECT_EQ(parameter(*request, "grant_type"), "delete");
    EXPECT_EQ(parameter(*request, "access_token"), "at");
    EXPECT_EQ(parameter(*request, "id"), "7");
    EXPECT_EQ(parameter(*request, "client_secret"), "secret-1");
    EXPECT_EQ(parameter(*request, "token_type_hint"), "(none)");
}

TEST_F(Revocation, MayStandInTheQuery) {
    provider.revocation = RevocationRules{};
    provider.revocation->format = RequestFormat::query;
    provider.revocation->auth = ClientAuth::none;

    auto request = revocation_request(provider, tokens);

    EXPECT_EQ(request->target, "https://idp.example/revoke?client_id=client-1&token=rt");
    EXPECT_TRUE(request->body.empty());
}

TEST_F(Revocation, IsRepeatedForEachCompanionThatItCouldName) {
    tokens.companions["files"].access_token = SecretText("files-at");
    tokens.companions["mail"].access_token = SecretText("mail-at");

    auto companions = companions_to_revoke(provider, tokens);

    ASSERT_EQ(companions.size(), 2u);
    EXPECT_EQ(parameter(*revocation_request(provider, companions[0]), "token"), "files-at");
    EXPECT_EQ(parameter(*revocation_request(provider, companions[1]), "token"), "mail-at");
    provider.revocation = RevocationRules{};
    provider.revocation->accepts = {TokenKind::refresh_token};
    EXPECT_FALSE(revocation_request(provider, companions[0])) << "no refresh token, no request";
}

TEST_F(Revocation, IsNotRepeatedWhereItNamesNoToken) {
    tokens.companions["files"].access_token = SecretText("files-at");
    provider.revocation = RevocationRules{};
    provider.revocation->token_in = RevokedPlace::elsewhere;
    provider.revocation->params = {{"user", "{token_response:/user}"}};
    EXPECT_TRUE(companions_to_revoke(provider, tokens).empty());

    provider.revocation->params = {{"accessToken", "{access_token}"}};
    EXPECT_EQ(companions_to_revoke(provider, tokens).size(), 1u);
    provider.revocation->params.clear();
    provider.revocation_endpoint = "https://idp.example/tokens/{token}";
    EXPECT_EQ(companions_to_revoke(provider, tokens).size(), 1u);
}

TEST_F(Requests, FillTheOwnerThatATokenBeginsWithIntoTheUrl) {
    provider.userinfo_endpoint = "https://api.example/users/{token_prefix}";

    EXPECT_EQ(userinfo_request(provider, tokens_of("12/3?x=#.secret.more")).target,
              "https://api.example/users/12%2F3%3Fx%3D%23");
    EXPECT_EQ(userinfo_request(provider, tokens_of("..")).target, "https://api.example/users/");
    // A token without a dot is nobody's id, and a secret.
    EXPECT_EQ(userinfo_request(provider, tokens_of("opaque")).target, "https://api.example/users/");
}

TEST_F(Requests, RepeatWhatTheCallbackNamedAtEachRenewal) {
    provider.refresh_params = {{"device_id", "{callback:device_id}"}, {"absent", "{callback:x}"}};

    auto request = refresh_request(provider, SecretText("rt"), {{"device_id", "d&1"}});

    EXPECT_EQ(parameter(request, "device_id"), "d&1");
    EXPECT_EQ(parameter(request, "absent"), "");
}

}  // namespace
}  // namespace cardea::oauth
