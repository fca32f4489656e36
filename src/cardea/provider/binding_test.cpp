// Tokens that are bound to a key (RFC 9449): the whole conversation with a provider that checks
// every member of every proof.
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/dpop.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using Failure = FakeProvider::Failure;
using schema::JsonObject;

class BoundTokens : public ProvidersTest {
  protected:
    BoundTokens() {
        idp.options.demands_dpop = true;
        add_fake();
        change(JsonObject{{"dpop_bound_access_tokens", true}});
    }
    void change(JsonObject changes) {
        ASSERT_TRUE(run(providers->update("fake", std::move(changes))));
    }
    Result<oauth::Profile> profile() {
        auto exchanged = exchange();
        if (!exchanged) return std::unexpected(exchanged.error());
        return run(providers->profile("fake", *exchanged));
    }
    /// Signs in with the code and a key of one's own choice.
    Result<Exchanged> exchange_with(std::optional<SecretText> key) {
        auto code = sign_in();
        if (!code) return std::unexpected(code.error());
        return run(providers->exchange(std::move(*code), std::move(key)));
    }
};

TEST_F(BoundTokens, AreRefusedWhenTheyAreNotBound) {
    idp.change_token_answer = [](JsonObject& answer) { answer["token_type"] = "Bearer"; };
    EXPECT_EQ(refusal(exchange()), oauth::token_not_bound.slug);

    idp.change_token_answer = [](JsonObject& answer) { answer.erase("token_type"); };
    EXPECT_EQ(refusal(exchange()), oauth::token_not_bound.slug);
}

TEST_F(BoundTokens, AreNotAskedForUnlessTheRowSaysSo) {
    change(JsonObject{{"dpop_bound_access_tokens", nullptr}});
    idp.options.demands_dpop = false;

    auto exchanged = exchange();

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_FALSE(exchanged->tokens.dpop_key);
    for (const auto& request : idp.requests) EXPECT_FALSE(request.headers.has("DPoP"));
}

TEST_F(BoundTokens, ComeWithTheirKey) {
    auto exchanged = exchange();

    ASSERT_TRUE(exchanged) << exchanged.error().describe() << idp.why_no_proof;
    EXPECT_EQ(exchanged->tokens.token_type, "DPoP");
    ASSERT_TRUE(exchanged->tokens.dpop_key);
    EXPECT_TRUE(jose::Key::from_private_jwk(*exchanged->tokens.dpop_key));
}

TEST_F(BoundTokens, OpenTheProfileAndTheAddresses) {
    change(JsonObject{{"email_request", {{"endpoint", idp.options.issuer + "/emails"}}}});
    idp.emails = {{{"email", "main@x.example"}, {"primary", true}, {"verified", true}}};

    auto who = profile();

    ASSERT_TRUE(who) << who.error().describe() << idp.why_no_proof;
    EXPECT_EQ(who->email, "main@x.example");
}

TEST_F(BoundTokens, OpenNothingWithAnotherKey) {
    auto exchanged = exchange();
    ASSERT_TRUE(exchanged);
    exchanged->tokens.dpop_key = oauth::new_dpop_key().value();

    EXPECT_EQ(refusal(run(providers->profile("fake", *exchanged))), oauth::token_refused.slug);
    exchanged->tokens.dpop_key.reset();
    EXPECT_EQ(refusal(run(providers->profile("fake", *exchanged))), oauth::token_refused.slug);
}

TEST_F(BoundTokens, AreRenewedWithTheirKey) {
    auto tokens = exchange()->tokens;

    auto renewed = run(providers->renew("fake", tokens));

    ASSERT_TRUE(renewed) << renewed.error().describe() << idp.why_no_proof;
    EXPECT_TRUE(renewed->dpop_key == tokens.dpop_key);
}

TEST_F(BoundTokens, OfAPublicClientAreRenewedWithTheirKeyAlone) {
    idp.options.client_secret.clear();
    change(JsonObject{{"token_endpoint_auth_method", "none"}});
    auto tokens = exchange()->tokens;
    EXPECT_TRUE(tokens.is_for_public_client);

    EXPECT_EQ(refusal(renew("fake", *tokens.refresh_token)), oauth::consent_withdrawn.slug);
    EXPECT_TRUE(run(providers->renew("fake", tokens)));
}

TEST_F(BoundTokens, OfAConfidentialClientAreRenewedWithAnyKey) {
    auto tokens = exchange()->tokens;
    EXPECT_FALSE(tokens.is_for_public_client);

    auto renewed = renew("fake", *tokens.refresh_token);

    ASSERT_TRUE(renewed) << renewed.error().describe() << idp.why_no_proof;
    EXPECT_FALSE(renewed->dpop_key == tokens.dpop_key);
}

// The refresh token that rotates in a public client's hand would get the companion's key.
TEST_F(BoundTokens, OfACompanionAreNotBoundBeforeTheConnectionIs) {
    idp.options.client_secret.clear();
    idp.options.demands_dpop = false;
    JsonObject companions{{"files", {{"params", {{"resource", "https://files.example"}}}}}};
    change(JsonObject{{"token_endpoint_auth_method", "none"},
                      {"dpop_bound_access_tokens", false},
                      {"renewal", {{"companions", companions}}}});
    auto tokens = exchange()->tokens;
    change(JsonObject{{"dpop_bound_access_tokens", true}});

    auto files = run(providers->companion("fake", tokens, "files"));

    ASSERT_TRUE(files) << files.error().describe();
    EXPECT_FALSE(files->dpop_key);
}

TEST_F(BoundTokens, StayBoundWhateverTheRowSaysNow) {
    auto tokens = exchange()->tokens;
    change(JsonObject{{"dpop_bound_access_tokens", false}});

    auto renewed = run(providers->renew("fake", tokens));

    ASSERT_TRUE(renewed) << renewed.error().describe();
    EXPECT_TRUE(renewed->dpop_key == tokens.dpop_key);
}

TEST_F(BoundTokens, AreNotRenewedIntoTokensForAnybody) {
    auto tokens = exchange()->tokens;
    idp.change_token_answer = [](JsonObject& answer) { answer["token_type"] = "Bearer"; };

    EXPECT_EQ(refusal(run(providers->renew("fake", tokens))), oauth::token_not_bound.slug);
}

TEST_F(BoundTokens, AreProvenAnewWhenARequestIsSentAgain) {
    auto exchanged = exchange();
    idp.fail("userinfo", Failure::broken);
    EXPECT_FALSE(run(providers->profile("fake", *exchanged)));
    ASSERT_EQ(idp.count("userinfo"), 2);

    const auto& first = idp.requests[idp.requests.size() - 2];
    const auto& second = idp.requests.back();
    EXPECT_NE(first.headers.get("DPoP"), second.headers.get("DPoP"));
}

TEST_F(BoundTokens, ShowTheirKeyToNobodyElse) {
    auto tokens = exchange()->tokens;
    auto jwk = schema::parse_json(tokens.dpop_key->reveal()).value();
    std::string d(jwk.at("d").as_string());

    for (const auto& request : idp.requests) {
        auto proof = jose::parse(request.headers.get("DPoP"));
        if (!proof) continue;
        EXPECT_FALSE(schema::write_json(schema::Json(proof->header)).contains(d));
        EXPECT_FALSE(schema::write_json(schema::Json(proof->payload)).contains(d));
    }
    EXPECT_FALSE(
        schema::write_json(schema::parse_json(tokens.answer.reveal()).value()).contains(d));
}

TEST_F(BoundTokens, AreTriedOutLikeOthers) {
    auto report = run(providers->check("fake"));

    ASSERT_TRUE(report);
    auto found = std::ranges::find(report->items, "client_secret", &Tried::what);
    ASSERT_NE(found, report->items.end());
    EXPECT_EQ(found->outcome, Outcome::works) << found->problem;
}

// The provider of these tests, which must notice whatever is wrong.

class StrictProvider : public BoundTokens {
  protected:
    StrictProvider() {
        auto exchanged = exchange();
        EXPECT_TRUE(run(providers->profile("fake", *exchanged)));
        tokens = exchanged->tokens;
        request = idp.requests.back();
    }
    /// What is wrong with the request, by the provider.
    std::string wrong() {
        idp.why_no_proof.clear();
        auto copy = request;
        auto response = run(idp.send(std::move(copy), http::Limits()));
        return response->status == 200 ? "" : idp.why_no_proof;
    }
    void prove(SecretText access_token) {
        oauth::DpopBinding binding{*tokens.dpop_key, std::move(access_token), {}};
        request = oauth::with_dpop_proof(std::move(request), binding, random, clock.now()).value();
    }

    oauth::TokenSet tokens;
    http::Request request;
};

TEST_F(StrictProvider, RefusesAProofOfAnotherRequest) {
    request.method = http::Method::post;
    EXPECT_EQ(wrong(), "htm");

    request.method = http::Method::get;
    request.target = idp.options.issuer + "/emails";
    EXPECT_EQ(wrong(), "htu");
}

TEST_F(StrictProvider, RefusesAProofThatWasSeen) {
    EXPECT_EQ(wrong(), "jti was seen before");
}

TEST_F(StrictProvider, RefusesAProofThatIsOld) {
    clock.advance(61s);
    EXPECT_EQ(wrong(), "iat is old");
}

TEST_F(StrictProvider, RefusesAProofForAnotherToken) {
    prove(SecretText("another"));
    request.headers.set("Authorization", "DPoP " + tokens.access_token.reveal());
    EXPECT_EQ(wrong(), "ath");
}

TEST_F(StrictProvider, RefusesAProofWithoutItsNonce) {
    idp.options.demands_nonce = true;
    prove(tokens.access_token);
    EXPECT_EQ(wrong(), "nonce");
}

TEST_F(StrictProvider, RefusesAProofThatWasChanged) {
    std::string proof(request.headers.get("DPoP"));
    proof.back() = proof.back() == 'A' ? 'Q' : 'A';
    request.headers.set("DPoP", proof);
    EXPECT_EQ(wrong(), "signature");

    request.headers.remove("DPoP");
    EXPECT_EQ(wrong(), "not one proof");
}

TEST_F(StrictProvider, TakesOneThatIsRight) {
    prove(tokens.access_token);
    EXPECT_EQ(wrong(), "");
}

// Pushed requests.

TEST_F(BoundTokens, BeginWithAPushedRequestOfTheSameKey) {
    idp.options.offers_par = idp.options.demands_par = true;
    auto provider = run(providers->ready("fake")).value();
    oauth::Beginning beginning{providers->redirect_uri(*provider), "/", "cookie"};
    auto built = oauth::begin(*provider, std::move(beginning), random, clock.now());
    auto begun = run(providers->push(provider, std::move(built)));
    ASSERT_TRUE(begun) << begun.error().describe() << idp.why_no_proof;
    auto pending = oauth::read_pending(oauth::write(begun->pending).reveal()).value();
    auto callback = oauth::read_callback("fake", idp.authorize(begun->url)).value();
    auto code = oauth::check_callback(*provider, pending, callback, clock.now()).value();

    auto exchanged = run(providers->exchange(std::move(code), pending.dpop_key));

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_TRUE(exchanged->tokens.dpop_key == begun->pending.dpop_key);
}

TEST_F(BoundTokens, DoNotComeForACodeThatIsBoundToAnotherKey) {
    idp.options.offers_par = true;

    EXPECT_EQ(refusal(exchange_with(oauth::new_dpop_key().value())), code_refused.slug);
}

// Nonces.

class Nonces : public BoundTokens {
  protected:
    Nonces() { idp.options.demands_nonce = true; }
};

TEST_F(Nonces, AreNotTakenWhenTheyAreHostile) {
    for (std::string hostile :
         {std::string("a b"), std::string("quote\""), std::string("\x7f"), std::string(513, 'x')}) {
        int before = idp.count("token");
        idp.change_nonce = [&](std::string& nonce) { nonce = hostile; };
        EXPECT_EQ(refusal(exchange()), failed.slug) << hostile;
        EXPECT_EQ(idp.count("token"), before + 1);
    }
}

TEST_F(Nonces, AreTriedOnce) {
    idp.options.forgets_nonces = true;

    EXPECT_EQ(refusal(exchange()), failed.slug);
    EXPECT_EQ(idp.count("token"), 2);
}

TEST_F(Nonces, AreRememberedForTheNextRequestToTheSameOrigin) {
    auto exchanged = exchange();
    ASSERT_TRUE(exchanged) << exchanged.error().describe() << idp.why_no_proof;
    EXPECT_EQ(idp.count("token"), 2) << "once refused for want of it";

    ASSERT_TRUE(run(providers->profile("fake", *exchanged)));
    EXPECT_EQ(idp.count("userinfo"), 1);
    auto renewed = run(providers->renew("fake", exchanged->tokens));
    ASSERT_TRUE(renewed);
    EXPECT_EQ(idp.count("token"), 3);
}

TEST_F(Nonces, AreAskedForByResourcesToo) {
    auto exchanged = exchange();
    make_providers();  // one that remembers nothing

    auto who = run(providers->profile("fake", *exchanged));

    EXPECT_TRUE(who) << idp.why_no_proof;
    EXPECT_EQ(idp.count("userinfo"), 2);
}

TEST_F(Nonces, AreAskedForByPushedRequestsToo) {
    idp.options.offers_par = true;

    EXPECT_TRUE(sign_in());
    EXPECT_EQ(idp.count("par"), 2);
}

}  // namespace
}  // namespace cardea::provider
