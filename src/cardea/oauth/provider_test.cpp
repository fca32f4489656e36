// check(): what is wrong with a provider's row, all at once.
#include "cardea/oauth/provider.hpp"

#include <gtest/gtest.h>

#include <functional>

#include <algorithm>

#include "cardea/schema/json.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

class CheckProvider : public testing::Test {
  protected:
    std::vector<std::string> wrong_fields() {
        auto checked = check(provider, Loopback::refused);
        std::vector<std::string> fields;
        if (checked) return fields;
        EXPECT_TRUE(checked.error().is(provider_invalid));
        for (const auto& field : checked.error().fields()) fields.push_back(field.field);
        return fields;
    }
    void expect_wrong(const std::string& field) {
        auto fields = wrong_fields();
        EXPECT_NE(std::ranges::find(fields, field), fields.end()) << field;
    }
    Provider provider = test_provider();
};

TEST_F(CheckProvider, FindsNothingWrongWithAGoodRow) {
    EXPECT_TRUE(wrong_fields().empty());
}

TEST_F(CheckProvider, NamesEveryProblemAtOnce) {
    provider.issuer = "http://idp.example";
    provider.token_endpoint = "file:///x";
    provider.authorization_params = {{"state", "fixed"}};
    provider.profile.name = {"name"};

    EXPECT_EQ(wrong_fields(),
              (std::vector<std::string>{"issuer", "token_endpoint", "authorization_params.state",
                                        "profile.name"}));
}

TEST_F(CheckProvider, RefusesNamesThatAreNoneInAUrl) {
    for (auto name : {"", "Google", "1a", "a b", "a/b", "../a", "a:b", "callback", "ä",
                      "a23456789012345678901234567890123456789012"}) {
        provider.name = name;
        expect_wrong("name");
    }
    for (auto name : {"a", "google", "my-idp_2"}) {
        provider.name = name;
        EXPECT_TRUE(wrong_fields().empty()) << name;
    }
}

TEST_F(CheckProvider, WantsWhatItsProtocolNeeds) {
    provider.issuer.clear();
    expect_wrong("issuer");

    provider = test_provider();
    provider.scopes = {"email"};
    expect_wrong("scopes");

    provider = test_provider();
    provider.id_token_algs.clear();
    expect_wrong("id_token_algs");

    provider = test_provider();
    provider.protocol = Protocol::oauth2;
    provider.authorization_endpoint.clear();
    provider.token_endpoint.clear();
    provider.userinfo_endpoint.clear();
    EXPECT_EQ(wrong_fields(), (std::vector<std::string>{"authorization_endpoint", "token_endpoint",
                                                        "userinfo_endpoint"}));

    provider.profile.source = ProfileSource::id_token;
    expect_wrong("profile.source");
}

TEST_F(CheckProvider, RefusesParametersThatWouldUndoAProtection) {
    for (auto name : {"response_type", "redirect_uri", "state", "nonce", "code_challenge",
                      "code_challenge_method", "scope", "client_id"}) {
        provider.authorization_params = {{name, "x"}};
        expect_wrong(std::string("authorization_params.") + name);
    }
    provider.token_params = {{"client_secret", "x"}};
    expect_wrong("token_params.client_secret");
}

TEST_F(CheckProvider, RefusesHeadersThatAreNoneOrOurs) {
    for (auto name : {"", "A B", "A:", "A\r\nB", "Authorization", "content-type"}) {
        provider.token_request_headers = {{name, "x"}};
        expect_wrong(std::string("token_request_headers.") + name);
    }
    provider.token_request_headers = {{"X-Version", "1\r\nX: y"}};
    expect_wrong("token_request_headers.X-Version");
}

TEST_F(CheckProvider, LetsHs256StandAloneOnly) {
    provider.id_token_algs = {IdTokenAlg::HS256};
    EXPECT_TRUE(check(provider, Loopback::refused));

    provider.id_token_algs = {IdTokenAlg::RS256, IdTokenAlg::HS256};
    EXPECT_FALSE(check(provider, Loopback::refused));

    provider.id_token_algs = {IdTokenAlg::HS256};
    provider.token_endpoint_auth_method = ClientAuth::none;
    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST_F(CheckProvider, WantsAnAssertionExactlyWhereOneIsSent) {
    provider.client_assertion = ClientAssertion{};
    EXPECT_FALSE(check(provider, Loopback::refused));

    provider.token_endpoint_auth_method = ClientAuth::private_key_jwt;
    EXPECT_TRUE(check(provider, Loopback::refused));

    provider.client_assertion.reset();
    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST_F(CheckProvider, ChecksEveryEndpointThatARowCanName) {
    Provider row = provider;
    row.renewal.endpoint = "http://idp.example/refresh";
    EXPECT_FALSE(check(row, Loopback::refused));

    row = provider;
    row.token_chain = TokenChain{};
    row.token_chain->endpoint = "https://10.0.0.1/longer";
    EXPECT_FALSE(check(row, Loopback::refused));
}

TEST_F(CheckProvider, RefusesPointersAndTemplatesThatAreNone) {
    Provider row = provider;
    row.token_answer.access_token = {"access_token"};
    EXPECT_FALSE(check(row, Loopback::refused));

    row = provider;
    row.profile.name_template = "{first_name}";
    EXPECT_FALSE(check(row, Loopback::refused));

    row = provider;
    row.token_answer.access_token.clear();
    EXPECT_FALSE(check(row, Loopback::refused));
}

TEST_F(CheckProvider, RefusesWordsThatWouldChangeARequest) {
    auto refuses = [this](const std::function<void(Provider&)>& change) {
        Provider row = provider;
        change(row);
        return !check(row, Loopback::refused);
    };

    EXPECT_TRUE(refuses([](Provider& row) { row.response_type = "token"; }));
    EXPECT_TRUE(refuses([](Provider& row) { row.response_type = "code id_token"; }));
    EXPECT_TRUE(refuses([](Provider& row) { row.authorization_url_fragment = "a#b"; }));
    EXPECT_TRUE(refuses([](Provider& row) { row.profile.token_param = "x: y"; }));
    EXPECT_TRUE(refuses([](Provider& row) { row.client_id_param = "a&b"; }));
}

TEST_F(CheckProvider, TakesScopeAndRedirectUriInARefresh) {
    provider.refresh_params = {{"scope", "{scopes}"}, {"redirect_uri", "{redirect_uri}"}};
    EXPECT_TRUE(check(provider, Loopback::refused));

    provider.refresh_params = {{"grant_type", "client_credentials"}};
    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST_F(CheckProvider, TakesAClientIdPlaceholderInAnEndpoint) {
    provider.revocation_endpoint = "https://api.example/applications/{client_id}/token";

    EXPECT_TRUE(wrong_fields().empty());
}

TEST(Endpoints, AreHttpsAndPublic) {
    for (auto url : {"https://idp.example", "https://idp.example:8443/a?b=c", "https://8.8.8.8/x",
                     "https://[2606:4700::1]/"})
        EXPECT_TRUE(is_endpoint(url, Loopback::refused)) << url;
}

TEST(Endpoints, AreNeverPlainPrivateOrDisguised) {
    for (auto url : {"",
                     "idp.example",
                     "http://idp.example",
                     "ftp://idp.example",
                     "file:///etc/passwd",
                     "https://",
                     "https://user@idp.example/",
                     "https://idp.example/#f",
                     "https://127.0.0.1/",
                     "https://127.1/",
                     "https://0x7f000001/",
                     "https://2130706433/",
                     "https://0177.0.0.1/",
                     "https://localhost/",
                     "https://a.localhost/",
                     "https://[::1]/",
                     "https://[::]/",
                     "https://[::ffff:10.0.0.1]/",
                     "https://10.1.2.3/",
                     "https://172.16.0.1/",
                     "https://192.168.0.1/",
                     "https://169.254.169.254/",
                     "https://100.64.0.1/",
                     "https://0.0.0.0/",
                     "https://224.0.0.1/",
                     "https://255.255.255.255/",
                     "https://[fe80::1]/",
                     "https://[fd00::1]/",
                     "https://[ff02::1]/",
                     "https://idp.example\\@evil.example/",
                     "https://idp.example/ x"})
        EXPECT_FALSE(is_endpoint(url, Loopback::refused)) << url;
}

TEST(Endpoints, MayBeOnLoopbackWhenThatIsAllowed) {
    for (auto url : {"http://127.0.0.1:9000/x", "http://localhost:9000", "https://[::1]:1/"})
        EXPECT_TRUE(is_endpoint(url, Loopback::allowed)) << url;
    for (auto url : {"http://idp.example/", "http://10.0.0.1/", "https://10.0.0.1/"})
        EXPECT_FALSE(is_endpoint(url, Loopback::allowed)) << url;
}

TEST(IdentityIssuer, IsTheIssuerOrTheProvidersOwnName) {
    auto provider = test_provider();
    EXPECT_EQ(identity_issuer(provider), "https://idp.example");

    provider.issuer.clear();
    provider.name = "github";
    EXPECT_EQ(identity_issuer(provider), "oauth2:github");
}

TEST(IdentityIssuer, HoldsTheHostWhereItIsAMatterOfVariables) {
    auto provider = test_provider();
    provider.issuer.clear();
    provider.variables["base_url"] = Variable{};

    EXPECT_EQ(identity_issuer(provider), "oauth2:example@idp.example");
}

TEST(NeedsDiscovery, OnlyWhereSomethingIsMissing) {
    auto provider = test_provider();
    EXPECT_FALSE(needs_discovery(provider));

    provider.jwks_uri.clear();
    EXPECT_TRUE(needs_discovery(provider));

    provider.protocol = Protocol::oauth2;
    EXPECT_FALSE(needs_discovery(provider));
}

TEST(ProviderRow, IsReadStrictly) {
    auto read = [](std::string_view text) { return schema::read_json<Provider>(text); };

    EXPECT_FALSE(read(R"({"isuer":"https://x.example"})"));
    EXPECT_FALSE(read(R"({"pkce":"sometimes"})"));
    EXPECT_FALSE(read(R"({"id_token_algs":["none"]})"));
    EXPECT_FALSE(read(R"({"profile":{"subjet":["/sub"]}})"));
    EXPECT_FALSE(read(R"({"scopes":"openid"})"));
    EXPECT_FALSE(read(R"({"token_chain":{}})"));
    auto provider = read(R"({"token_endpoint_auth_method":"none","access_token_lifetime":0})");
    ASSERT_TRUE(provider);
    EXPECT_EQ(provider->token_endpoint_auth_method, ClientAuth::none);
    EXPECT_EQ(provider->access_token_lifetime, Seconds(0));
}

TEST_F(CheckProvider, KeepsNoTokensAmongTheFacts) {
    provider.keep = {{"a", "{token_response:/refresh_token}"},
                     {"b", "{token_response:/access_token}"},
                     {"c", "{token_response:/id_token}"},
                     {"d", "{token_response:/team/id}"},
                     {"e", "{callback:team}"}};
    EXPECT_EQ(wrong_fields(), (std::vector<std::string>{"keep.a", "keep.b", "keep.c"}));

    provider.token_answer.refresh_token = {"/data/rt"};
    provider.keep = {{"a", "x{token_response:/data/rt}"}};
    expect_wrong("keep.a");
}

TEST_F(CheckProvider, RefusesPlaceholdersWhereNothingFillsThemIn) {
    provider.keep = {{"a", "{client_secret}"}};
    expect_wrong("keep.a");

    provider = test_provider();
    provider.callback.must_equal = {{"shop", "{callback:shop}"}};
    expect_wrong("callback.must_equal.shop");

    provider = test_provider();
    provider.token_endpoint = "https://idp.example/{token_prefix}";
    expect_wrong("token_endpoint");

    provider = test_provider();
    provider.profile.picture_template = "https://img.example/{callback:user}";
    expect_wrong("profile.picture_template");

    provider = test_provider();
    provider.variables["random"] = Variable{};
    expect_wrong("variables.random");
}

TEST_F(CheckProvider, WantsASecretForASignature) {
    provider.callback.hmac_param = "hmac";
    EXPECT_TRUE(wrong_fields().empty());

    provider.token_endpoint_auth_method = ClientAuth::none;
    expect_wrong("callback.hmac_param");

    provider = test_provider();
    provider.callback.hmac_param = "h&mac";
    expect_wrong("callback.hmac_param");
}
TEST_F(CheckProvider, LooksAtCompanionsAsAtRenewals) {
    provider.renewal.companions["files"].params = {{"scope", "a"},
                                                   {"resource", "https://b.example"}};
    EXPECT_TRUE(wrong_fields().empty());

    provider.renewal.companions["files"].params = {{"refresh_token", "x"},
                                                   {"scope", "{client_secret}"}};
    EXPECT_EQ(wrong_fields(),
              (std::vector<std::string>{"renewal.companions.files.params.refresh_token",
                                        "renewal.companions.files.params.scope"}));

    provider = test_provider();
    provider.renewal.companions["fi les"].params = {};
    expect_wrong("renewal.companions.fi les");
}

TEST_F(CheckProvider, WantsAnEndpointWhereRequestsMustBePushed) {
    provider.require_pushed_authorization_requests = true;
    EXPECT_EQ(wrong_fields(), std::vector<std::string>{"pushed_authorization_request_endpoint"});

    provider.pushed_authorization_request_endpoint = "https://idp.example/par";
    EXPECT_TRUE(wrong_fields().empty());
    provider.par = Par::never;
    EXPECT_EQ(wrong_fields(), std::vector<std::string>{"par"});

    provider.par = Par::when_offered;
    provider.pushed_authorization_request_endpoint = "http://idp.example/par";
    expect_wrong("pushed_authorization_request_endpoint");
}

TEST_F(CheckProvider, WantsABoundTokenWhereItsProofIs) {
    provider.dpop_bound_access_tokens = true;
    EXPECT_TRUE(wrong_fields().empty());

    provider.profile.token_in = TokenPlace::query;
    provider.token_chain = TokenChain{"https://idp.example/longer", RequestMethod::get, {}};
    EXPECT_EQ(wrong_fields(), (std::vector<std::string>{"profile.token_in", "token_chain"}));
}

TEST_F(CheckProvider, WaitsForDiscoveryToTellWhereRequestsArePushed) {
    provider.require_pushed_authorization_requests = true;
    provider.jwks_uri.clear();

    EXPECT_TRUE(wrong_fields().empty());
}

TEST_F(CheckProvider, LetsNoRowSetWhatIsPushed) {
    provider.authorization_params = {{"request_uri", "https://evil.example/request"}};

    expect_wrong("authorization_params.request_uri");
}

}  // namespace
}  // namespace cardea::oauth
