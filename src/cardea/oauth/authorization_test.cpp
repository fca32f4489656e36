// begin(): what stands in the authorization request, and what is kept of it.
#include "cardea/oauth/authorization.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cardea/http/parameters.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

class Begin : public testing::Test {
  protected:
    Authorization begin_here() {
        Beginning beginning{"https://app.example/auth/callback/example", "/after?a=b", "cookie"};
        return begin(provider, std::move(beginning), random, clock.now());
    }
    std::string parameter(const Authorization& authorization, std::string_view name) {
        auto query = authorization.url.substr(authorization.url.find('?') + 1);
        auto parsed = http::Parameters::parse(query);
        EXPECT_TRUE(parsed);
        return std::string(parsed->only(name).value_or("(none)"));
    }

    Provider provider = test_provider();
    SeededRandom random;
    FakeClock clock;
};

TEST(CodeChallenge, IsThatOfRfc7636AppendixB) {
    EXPECT_EQ(code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_F(Begin, AsksForACodeAndNothingElse) {
    auto authorization = begin_here();

    EXPECT_TRUE(authorization.url.starts_with("https://idp.example/authorize?"));
    EXPECT_EQ(parameter(authorization, "response_type"), "code");
    EXPECT_EQ(parameter(authorization, "client_id"), "client-1");
    EXPECT_EQ(parameter(authorization, "redirect_uri"),
              "https://app.example/auth/callback/example");
    EXPECT_EQ(parameter(authorization, "response_mode"), "(none)");
}

TEST_F(Begin, AsksForTheConfiguredScopesOnly) {
    EXPECT_EQ(parameter(begin_here(), "scope"), "openid email");
}

TEST_F(Begin, JoinsScopesWithTheProvidersSeparator) {
    provider.scope_separator = ",";

    EXPECT_EQ(parameter(begin_here(), "scope"), "openid,email");
}

TEST_F(Begin, LeavesAnEmptyScopeOut) {
    provider.scopes.clear();

    EXPECT_EQ(parameter(begin_here(), "scope"), "(none)");
}

TEST_F(Begin, WritesSpacesAsPercent20) {
    EXPECT_NE(begin_here().url.find("scope=openid%20email"), std::string::npos);
}

TEST_F(Begin, EscapesEveryOddCharacter) {
    provider.client_id = "a&b=c d/é#";

    EXPECT_NE(begin_here().url.find("client_id=a%26b%3Dc%20d%2F%C3%A9%23&"), std::string::npos);
}

TEST_F(Begin, AppendsToAQueryThatTheEndpointHas) {
    provider.authorization_endpoint = "https://idp.example/authorize?tenant=1";

    auto url = begin_here().url;

    EXPECT_TRUE(url.starts_with("https://idp.example/authorize?tenant=1&response_type=code"));
    EXPECT_EQ(std::count(url.begin(), url.end(), '?'), 1);
}

TEST_F(Begin, AddsTheProvidersOwnParameters) {
    provider.authorization_params = {{"access_type", "offline"}, {"prompt", "consent"}};

    auto authorization = begin_here();

    EXPECT_EQ(parameter(authorization, "access_type"), "offline");
    EXPECT_EQ(parameter(authorization, "prompt"), "consent");
}

TEST_F(Begin, AsksForFormPostWhereTheRowSaysSo) {
    provider.response_mode = ResponseMode::form_post;

    EXPECT_EQ(parameter(begin_here(), "response_mode"), "form_post");
}

TEST_F(Begin, MakesAStateOfTheKeptForm) {
    auto state = parameter(begin_here(), "state");

    ASSERT_EQ(state.size(), 36 + 1 + std::string("example").size());
    for (std::size_t dash : {8, 13, 18, 23}) EXPECT_EQ(state[dash], '-');
    EXPECT_EQ(state.substr(36), ":example");
    EXPECT_EQ(provider_of_state(state), "example");
}

TEST_F(Begin, KeepsTheHashOfTheStateAlone) {
    auto authorization = begin_here();
    auto state = parameter(authorization, "state");

    EXPECT_EQ(authorization.pending.state_hash, state_hash(state));
    EXPECT_EQ(write(authorization.pending).reveal().find(state.substr(0, 36)), std::string::npos);
}

TEST_F(Begin, UsesAllBitsOfTheStatesUuid) {
    // A version 4 UUID has fixed bits at 14 and 19; here they vary.
    std::set<char> version;
    std::set<char> variant;
    for (int i = 0; i < 200; ++i) {
        auto state = parameter(begin_here(), "state");
        version.insert(state[14]);
        variant.insert(state[19]);
    }

    EXPECT_EQ(version.size(), 16u);
    EXPECT_EQ(variant.size(), 16u);
}

TEST_F(Begin, SendsTheChallengeOfAFreshVerifier) {
    auto first = begin_here();
    auto second = begin_here();

    EXPECT_EQ(parameter(first, "code_challenge_method"), "S256");
    EXPECT_EQ(parameter(first, "code_challenge"),
              code_challenge(first.pending.code_verifier.reveal()));
    EXPECT_GE(first.pending.code_verifier.size(), 43u);
    EXPECT_LE(first.pending.code_verifier.size(), 128u);
    EXPECT_FALSE(first.pending.code_verifier == second.pending.code_verifier);
}

TEST_F(Begin, SendsTheChallengeToProvidersThatIgnoreIt) {
    for (Pkce pkce : {Pkce::required, Pkce::supported, Pkce::ignored}) {
        provider.pkce = pkce;
        EXPECT_EQ(parameter(begin_here(), "code_challenge_method"), "S256");
    }
}

TEST_F(Begin, LeavesTheChallengeOutOnlyWhereTheRowSaysSo) {
    for (Pkce pkce : {Pkce::forbidden, Pkce::app_setting}) {
        provider.pkce = pkce;
        auto authorization = begin_here();
        EXPECT_EQ(parameter(authorization, "code_challenge"), "(none)");
        EXPECT_TRUE(authorization.pending.code_verifier.empty());
    }
}

TEST_F(Begin, NeverPutsTheVerifierIntoTheUrl) {
    auto authorization = begin_here();

    EXPECT_EQ(authorization.url.find(authorization.pending.code_verifier.reveal()),
              std::string::npos);
}

TEST_F(Begin, SendsAFreshNonceToOpenIdProviders) {
    auto first = begin_here();
    auto second = begin_here();

    EXPECT_EQ(parameter(first, "nonce"), first.pending.nonce);
    EXPECT_GE(first.pending.nonce.size(), 43u);
    EXPECT_NE(first.pending.nonce, second.pending.nonce);
}

TEST_F(Begin, SendsNoNonceWhereNoneComesBack) {
    provider.nonce = Nonce::unsupported;
    EXPECT_EQ(parameter(begin_here(), "nonce"), "(none)");

    provider.nonce = Nonce::supported;
    provider.protocol = Protocol::oauth2;
    EXPECT_EQ(parameter(begin_here(), "nonce"), "(none)");
}

TEST_F(Begin, GivesTheUserTenMinutes) {
    EXPECT_EQ(begin_here().pending.expires_at, clock.now() + 10min);
}

TEST_F(Begin, KeepsWhatTheCallbackNeeds) {
    auto pending = begin_here().pending;

    EXPECT_EQ(pending.provider, "example");
    EXPECT_EQ(pending.issuer, "https://idp.example");
    EXPECT_EQ(pending.redirect_uri, "https://app.example/auth/callback/example");
    EXPECT_EQ(pending.return_to, "/after?a=b");
    EXPECT_EQ(pending.transport, "cookie");
}

TEST_F(Begin, NamesTheClientAsTheProviderDoes) {
    provider.client_id_param = "client_key";

    EXPECT_EQ(parameter(begin_here(), "client_key"), "client-1");
    EXPECT_EQ(parameter(begin_here(), "client_id"), "(none)");
}

TEST_F(Begin, AsksForTheProvidersOwnResponseTypeOrForNone) {
    provider.response_type = "auth_code";
    EXPECT_EQ(parameter(begin_here(), "response_type"), "auth_code");

    provider.response_type.clear();
    EXPECT_EQ(parameter(begin_here(), "response_type"), "(none)");
}

TEST_F(Begin, SendsAPlusBetweenScopesAsItIs) {
    provider.scopes = {"customers:read", "a+b"};
    provider.scope_separator = "+";

    EXPECT_NE(begin_here().url.find("&scope=customers%3Aread+a%2Bb"), std::string::npos);

    provider.scopes.clear();
    EXPECT_EQ(begin_here().url.find("scope"), std::string::npos);
}

TEST_F(Begin, EndsWithTheProvidersFragment) {
    provider.authorization_url_fragment = "wechat_redirect";

    EXPECT_TRUE(begin_here().url.ends_with("#wechat_redirect"));
}

TEST_F(Begin, SpellsTheChallengeInHexWhereTheRowSaysSo) {
    provider.pkce_encoding = PkceEncoding::hex;

    auto challenge = parameter(begin_here(), "code_challenge");

    EXPECT_EQ(challenge.size(), 64u);
    EXPECT_EQ(challenge.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(StateText, NamesNoProviderWhenItIsNotOurs) {
    EXPECT_EQ(provider_of_state(""), "");
    EXPECT_EQ(provider_of_state("abc:google"), "");
    EXPECT_EQ(provider_of_state("01234567-0123-0123-0123-0123456789ab"), "");
    EXPECT_EQ(provider_of_state("01234567-0123-0123-0123-0123456789ab:"), "");
    EXPECT_EQ(provider_of_state("01234567-0123-0123-0123-0123456789ab:../etc"), "");
    EXPECT_EQ(provider_of_state("01234567-0123-0123-0123-0123456789ab:GOOGLE"), "");
}

TEST_F(Begin, PendingIsReadAsItWasWrittenBeforeCodesWereBound) {
    auto pending = begin_here().pending;
    auto text = write(pending).reveal();
    ASSERT_FALSE(text.contains("dpop_key"));

    auto read = read_pending(text);

    ASSERT_TRUE(read);
    EXPECT_FALSE(read->dpop_key);
}

TEST_F(Begin, PendingSurvivesItsTextForm) {
    auto pending = begin_here().pending;
    pending.dpop_key = SecretText("key");

    auto read = read_pending(write(pending).reveal());

    ASSERT_TRUE(read);
    EXPECT_EQ(read->state_hash, pending.state_hash);
    EXPECT_EQ(read->nonce, pending.nonce);
    EXPECT_TRUE(read->code_verifier == pending.code_verifier);
    EXPECT_TRUE(read->dpop_key == pending.dpop_key);
    EXPECT_EQ(read->redirect_uri, pending.redirect_uri);
    EXPECT_EQ(read->return_to, pending.return_to);
    EXPECT_EQ(read->expires_at, pending.expires_at);
}

TEST(PendingText, IsRefusedWhenItIsSomethingElse) {
    for (auto text : {"", "{}", "null", "[]", R"({"state_hash":1})"})
        EXPECT_FALSE(read_pending(text)) << text;
}

}  // namespace
}  // namespace cardea::oauth
