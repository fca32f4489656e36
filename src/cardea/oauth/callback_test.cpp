// read_callback() and check_callback(): which answers of a browser lead to a code.
#include "cardea/oauth/callback.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/parameters.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

// Only check_callback() makes codes.
static_assert(!std::is_default_constructible_v<AuthorizationCode>);

class CheckCallback : public testing::Test {
  protected:
    CheckCallback() {
        Beginning beginning{"https://app.example/auth/callback/example", "/", "cookie"};
        auto authorization = begin(provider, std::move(beginning), random, clock.now());
        pending = authorization.pending;
        auto query = authorization.url.substr(authorization.url.find('?') + 1);
        state = http::Parameters::parse(query)->get("state").value();
    }
    std::string query(std::string_view more) { return "state=" + state + std::string(more); }
    Result<AuthorizationCode> check(std::string_view text, std::string_view path = "example") {
        auto callback = read_callback(path, text);
        if (!callback) return std::unexpected(callback.error());
        return check_callback(provider, pending, *callback, clock.now());
    }
    void expect_refused(std::string_view text, const Reason& reason) {
        auto code = check(text);
        ASSERT_FALSE(code) << text;
        EXPECT_EQ(code.error().reason().slug, reason.slug) << text;
    }

    Provider provider = test_provider();
    SeededRandom random;
    FakeClock clock;
    Pending pending;
    std::string state;
};

TEST_F(CheckCallback, RefusesWithoutAState) {
    expect_refused("code=abc", callback_malformed);
    expect_refused("code=abc&state=", callback_malformed);
}

TEST_F(CheckCallback, RefusesAChangedState) {
    std::string other = state;
    other[0] = other[0] == 'a' ? 'b' : 'a';

    expect_refused("code=abc&state=" + other, state_mismatch);
    expect_refused("code=abc&state=" + state + "x", state_mismatch);
    expect_refused("code=abc&state=" + state.substr(1), state_mismatch);
}

TEST_F(CheckCallback, RefusesTheStoredHashInPlaceOfTheState) {
    expect_refused("code=abc&state=" + pending.state_hash, state_mismatch);
}

TEST_F(CheckCallback, RefusesEveryParameterThatStandsTwice) {
    expect_refused(query("&code=a&code=b"), callback_malformed);
    expect_refused(query("&code=a&state=" + state), callback_malformed);
    expect_refused(query("&code=a&iss=https://idp.example&iss=https://idp.example"),
                   callback_malformed);
    expect_refused(query("&error=a&error=b"), callback_malformed);
}

TEST_F(CheckCallback, RefusesValuesOverTheirLimits) {
    expect_refused("code=abc&state=" + std::string(201, 'a'), callback_malformed);
    expect_refused(query("&code=" + std::string(4097, 'a')), callback_malformed);
    expect_refused(query("&code=a&iss=" + std::string(513, 'a')), callback_malformed);
    expect_refused(query("&code=a&x=" + std::string(20'000, 'a')), callback_malformed);
}

TEST_F(CheckCallback, RefusesBrokenEscapesAndBytesThatAreNoText) {
    expect_refused(query("&code=%zz"), callback_malformed);
    expect_refused(query("&code=%ff%fe"), callback_malformed);
    expect_refused(query("&code=a%00b"), callback_malformed);
}

TEST_F(CheckCallback, RefusesWithoutACode) {
    expect_refused(query(""), callback_malformed);
    expect_refused(query("&code="), callback_malformed);
}

TEST_F(CheckCallback, RefusesTokensThatCameInsteadOfACode) {
    expect_refused(query("&id_token=a.b.c&access_token=abc&token_type=Bearer"), callback_malformed);
}

TEST_F(CheckCallback, RefusesAfterTenMinutes) {
    clock.advance(10min - 1ms);
    EXPECT_TRUE(check(query("&code=abc")));

    clock.advance(1ms);
    expect_refused(query("&code=abc"), state_mismatch);
}

TEST_F(CheckCallback, RefusesOnAnotherProvidersPath) {
    auto code = check(query("&code=abc"), "other");

    ASSERT_FALSE(code);
    EXPECT_TRUE(code.error().is(state_mismatch));
}

TEST_F(CheckCallback, RefusesForAnotherProvidersPending) {
    pending.provider = "other";

    expect_refused(query("&code=abc"), state_mismatch);
}

TEST_F(CheckCallback, RefusesAnotherIssuer) {
    expect_refused(query("&code=abc&iss=https://evil.example"), issuer_mismatch);
    expect_refused(query("&code=abc&iss=https://idp.example/"), issuer_mismatch);
    expect_refused(query("&code=abc&iss=HTTPS://IDP.EXAMPLE"), issuer_mismatch);
    expect_refused(query("&code=abc&iss="), issuer_mismatch);
}

TEST_F(CheckCallback, RefusesAMissingIssuerWhenTheProviderSendsIt) {
    provider.authorization_response_iss_parameter_supported = true;

    expect_refused(query("&code=abc"), issuer_mismatch);
    expect_refused(query("&error=access_denied"), issuer_mismatch);
    EXPECT_TRUE(check(query("&code=abc&iss=https%3A%2F%2Fidp.example")));
}

TEST_F(CheckCallback, ComparesTheIssuerOfTheBeginning) {
    // The configuration was changed while the user was away: the code is of the old issuer.
    provider.issuer = "https://new.example";

    expect_refused(query("&code=abc&iss=https://new.example"), issuer_mismatch);
}

TEST_F(CheckCallback, TakesTheIssuersOtherNames) {
    provider.accepted_issuers = {"idp.example"};

    EXPECT_TRUE(check(query("&code=abc&iss=idp.example")));
}

TEST_F(CheckCallback, SaysWhenTheUserRefused) {
    expect_refused(query("&error=access_denied&error_description=no"), denied);
    expect_refused(query("&error=user_cancelled_login"), denied);
}

TEST_F(CheckCallback, SaysWhenTheProviderFailed) {
    expect_refused(query("&error=server_error"), provider_error);
    expect_refused(query("&error="), provider_error);
    // An error and a code at once is an error.
    expect_refused(query("&error=server_error&code=abc"), provider_error);
}

TEST_F(CheckCallback, ChecksTheStateBeforeItBelievesAnError) {
    expect_refused("error=access_denied&state=abc", state_mismatch);
}

TEST_F(CheckCallback, NeverRepeatsTheProvidersProse) {
    auto code = check(
        query("&error=%3Cscript%3E%0D%0ASet-Cookie&error_description=" + std::string(10'000, 'x')));

    ASSERT_FALSE(code);
    EXPECT_TRUE(code.error().is(provider_error));
    EXPECT_EQ(code.error().detail(), "unprintable error code");
}

TEST_F(CheckCallback, GivesACodeWithWhatTheExchangeNeeds) {
    auto code = check(query("&code=a%2Fb%2Bc&scope=openid&session_state=1"));

    ASSERT_TRUE(code);
    EXPECT_EQ(code->code().reveal(), "a/b+c");
    EXPECT_TRUE(code->code_verifier() == pending.code_verifier);
    EXPECT_EQ(code->redirect_uri(), pending.redirect_uri);
    EXPECT_EQ(code->nonce(), pending.nonce);
    EXPECT_EQ(code->provider(), "example");
}

TEST_F(CheckCallback, WorksOnThePathThatAllProvidersShare) {
    EXPECT_TRUE(check(query("&code=abc"), ""));
}

TEST_F(CheckCallback, BringsWhatElseCameWithTheCode) {
    auto code = check(query("&code=c&location=eu&iss=https://idp.example"));

    ASSERT_TRUE(code);
    EXPECT_EQ(code->parameters(), (Texts{{"location", "eu"}, {"state", state}}));
}

TEST_F(CheckCallback, BringsNothingThatStandsTwiceOrIsTooLongOrHasControls) {
    auto long_one = std::string(513, 'a');

    auto code = check(query("&code=c&location=eu&location=us&shop=" + long_one + "&user=a%0Ab"));

    ASSERT_TRUE(code);
    EXPECT_EQ(code->parameters(), (Texts{{"state", state}}));
}

TEST_F(CheckCallback, BringsSixteenParametersAtMost) {
    std::string many;
    for (int i = 0; i < 40; ++i) many += "&p" + std::to_string(i) + "=x";

    EXPECT_EQ(check(query("&code=c" + many))->parameters().size(), 17u);
}

class SignedCallback : public CheckCallback {
  protected:
    SignedCallback() { provider.callback.hmac_param = "hmac"; }
    /// `message` as the provider puts it together.
    std::string signature(const std::string& message, const std::string& key = "secret-1") {
        return to_hex(crypto::hmac_sha256(as_bytes(key), as_bytes(message)));
    }
};

TEST_F(SignedCallback, IsRefusedWithoutASignatureOrWithAnother) {
    auto right = signature("code=c&state=" + state);

    expect_refused(query("&code=c"), callback_forged);
    expect_refused(query("&code=c&hmac="), callback_forged);
    expect_refused(query("&code=c&hmac=" + right.substr(1)), callback_forged);
    expect_refused(query("&code=c&hmac=" + std::string(64, '0')), callback_forged);
    expect_refused(query("&code=d&hmac=" + right), callback_forged);
    expect_refused(query("&code=c&more=x&hmac=" + right), callback_forged);
    expect_refused(query("&code=c&hmac=" + right + "&hmac=" + right), callback_forged);
    EXPECT_TRUE(check(query("&code=c&hmac=" + right)));
}

TEST_F(SignedCallback, IsRefusedWhenAnybodyCouldHaveMadeIt) {
    provider.client_secret = SecretText();

    expect_refused(query("&code=c&hmac=" + signature("code=c&state=" + state, "")),
                   callback_forged);
}

TEST_F(SignedCallback, MayBeMadeWithThePreviousSecret) {
    provider.client_secret = SecretText("the new one");
    provider.client_secret_previous = SecretText("secret-1");

    EXPECT_TRUE(check(query("&code=c&hmac=" + signature("code=c&state=" + state))));
}

TEST_F(SignedCallback, IsLookedAtBeforeAnythingInIt) {
    expect_refused("code=c&state=unknown", callback_forged);
    expect_refused(query("&error=access_denied"), callback_forged);
    expect_refused(
        query("&error=access_denied&hmac=" + signature("error=access_denied&state=" + state)),
        denied);
}

TEST_F(SignedCallback, IsOverDecodedValuesInTheOrderOfTheirNames) {
    auto mac = signature("a=1 2&code=c&host=YQ==&state=" + state);

    EXPECT_TRUE(check("host=YQ%3D%3D&code=c&hmac=" + mac + "&state=" + state + "&a=1+2"));
}

TEST_F(SignedCallback, CannotBePartedAnew) {
    // What one value says must not be signed for two parameters.
    auto two = signature("a=1&b=2&code=c&state=" + state);

    expect_refused(query("&code=c&a=1%26b%3D2&hmac=" + two), callback_forged);
    EXPECT_TRUE(
        check(query("&code=c&a=1%26b%3D2&hmac=" + signature("a=1%26b=2&code=c&state=" + state))));
}

TEST_F(SignedCallback, IsMadeAsShopifyDocumentsIt) {
    provider.client_secret = SecretText("hush");

    // The state is another sign-in's, which is found out after the signature was right.
    expect_refused(
        "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab"
        "9df07390d2cbca10d7c328fc4bf&shop=some-shop.myshopify.com"
        "&state=0.6784241404160823&timestamp=1337178173",
        state_mismatch);
}

TEST_F(CheckCallback, RefusesAParameterThatIsBoundToSomethingElse) {
    provider.callback.must_equal = {{"shop", "acme.shops.example"}};

    expect_refused(query("&code=c"), callback_mismatch);
    expect_refused(query("&code=c&shop=evil.shops.example"), callback_mismatch);
    expect_refused(query("&code=c&shop=acme.shops.example&shop=acme.shops.example"),
                   callback_mismatch);
    EXPECT_TRUE(check(query("&code=c&shop=acme.shops.example")));
}

TEST_F(CheckCallback, TakesAnIssuerThatTheTenantsTemplateCouldBecome) {
    provider.issuer = pending.issuer = "https://login.example/{claim:tid}/v2.0";

    EXPECT_TRUE(check(query("&code=c&iss=https://login.example/t-1/v2.0")));
    expect_refused(query("&code=c&iss=https://evil.example/t-1/v2.0"), issuer_mismatch);
}

}  // namespace
}  // namespace cardea::oauth
