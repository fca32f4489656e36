// What an operator is told of a provider that does not work: every way in which one can fail.
#include <gmock/gmock.h>

#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using Failure = FakeProvider::Failure;
using schema::JsonObject;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Checked : public ProvidersTest {
  protected:
    Checked() { add_fake(); }
    CheckReport check() {
        auto report = run(providers->check("fake"));
        EXPECT_TRUE(report);
        if (!report) return {};
        for (const auto& one : report->items) {
            EXPECT_EQ(one.outcome == Outcome::works, one.problem.empty()) << one.what;
            EXPECT_EQ(one.problem.empty(), one.advice.empty()) << one.what;
        }
        return *report;
    }
    std::vector<std::string> tried() {
        std::vector<std::string> names;
        for (const auto& one : check().items) names.push_back(one.what);
        return names;
    }
    Tried about(std::string_view what) {
        for (auto& one : check().items)
            if (one.what == what) return one;
        ADD_FAILURE() << what << " was not tried";
        return {};
    }
    std::string problem(std::string_view what) { return about(what).problem; }
    void change(JsonObject changes) {
        ASSERT_TRUE(run(providers->update("fake", std::move(changes))));
    }
};

TEST_F(Checked, WorksWithoutAUser) {
    auto report = check();

    EXPECT_TRUE(report.works);
    EXPECT_EQ(report.redirect_uri, "https://app.example/auth/callback/fake");
    EXPECT_THAT(tried(), ElementsAre("configuration", "discovery", "authorization_endpoint",
                                     "jwks_uri", "token_endpoint", "client_secret",
                                     "userinfo_endpoint", "revocation_endpoint"));
}

TEST_F(Checked, NeedsAProviderThatIsKnown) {
    EXPECT_TRUE(run(providers->check("nobody")).error().is(unknown));
}

TEST_F(Checked, SaysWhatIsMissingInTheConfiguration) {
    change({{"client_id", nullptr}});

    EXPECT_THAT(tried(), ElementsAre("configuration"));
    EXPECT_THAT(problem("configuration"), HasSubstr("FAKE_CLIENT_ID"));
    EXPECT_EQ(check().redirect_uri, "https://app.example/auth/callback/fake");
    EXPECT_TRUE(idp.requests.empty());
}

/// How each failure of an endpoint reads, the same for all that are asked for JSON.
struct Words {
    Failure failure;
    const char* text;
};
constexpr Words words[] = {{Failure::hang, "did not answer in time"},
                           {Failure::broken, "could not be reached"},
                           {Failure::bad_certificate, "certificate was not accepted"},
                           {Failure::not_found, "not this path (status 404)"},
                           {Failure::redirect, "leads elsewhere (status 302)"},
                           {Failure::status_500, "in trouble (status 500)"},
                           {Failure::busy, "in trouble (status 503)"},
                           {Failure::html, "not JSON (text/html, status 200)"},
                           {Failure::garbage, "not JSON"},
                           {Failure::cut_off, "not JSON"}};

TEST_F(Checked, TellsTheFailuresOfDiscoveryApartAndStopsThere) {
    for (const auto& [failure, text] : words) {
        idp.fail("discovery", failure);
        EXPECT_THAT(problem("discovery"), HasSubstr(text));
        EXPECT_THAT(tried(), ElementsAre("configuration", "discovery"));
        EXPECT_FALSE(check().works);
    }
    EXPECT_EQ(idp.count("token"), 0);
    EXPECT_EQ(about("discovery").url, "https://idp.example/.well-known/openid-configuration");
}

TEST_F(Checked, TellsTheFailuresOfTheKeySetApart) {
    for (const auto& [failure, text] : words) {
        idp.fail("jwks", failure);
        EXPECT_THAT(problem("jwks_uri"), HasSubstr(text));
        EXPECT_EQ(about("client_secret").outcome, Outcome::works) << "the rest is tried";
        EXPECT_FALSE(check().works);
    }
}

TEST_F(Checked, TellsTheFailuresOfTheTokenEndpointApart) {
    for (const auto& [failure, text] : words) {
        // Cut off, the refusal of a made-up code is no JSON either.
        idp.fail("token", failure);
        EXPECT_THAT(problem("token_endpoint"),
                    HasSubstr(failure == Failure::html || failure == Failure::garbage ||
                                      failure == Failure::cut_off
                                  ? "not JSON"
                                  : text));
        EXPECT_THAT(tried(), Not(Contains("client_secret")));
    }
}

TEST_F(Checked, SaysWhereToMendIt) {
    idp.fail("jwks", Failure::not_found);
    EXPECT_THAT(about("jwks_uri").advice,
                HasSubstr("jwks_uri (`cardea provider update fake --set"));

    change({{"jwks_uri", "https://idp.example/jwks"}});
    EXPECT_THAT(about("jwks_uri").advice, HasSubstr("jwks_uri (`cardea provider update fake`)"));

    environment["FAKE_CLIENT_SECRET"] = "another";
    make_providers();
    EXPECT_THAT(about("client_secret").advice,
                AllOf(HasSubstr("client_secret (FAKE_CLIENT_SECRET in the environment)"),
                      HasSubstr("client_id (`cardea provider update fake`)")));
}

TEST_F(Checked, NamesTheOtherIssuer) {
    idp.change_discovery = [](JsonObject& document) { document["issuer"] = "https://b.example/"; };

    EXPECT_THAT(problem("discovery"), AllOf(HasSubstr("of the issuer https://b.example/,"),
                                            HasSubstr("says https://idp.example.")));
}

TEST_F(Checked, SaysThatAnEndpointOfTheDocumentIsRefused) {
    idp.change_discovery = [](JsonObject& document) {
        document["token_endpoint"] = "https://127.0.0.1/token";
    };

    EXPECT_THAT(problem("discovery"), HasSubstr("token_endpoint"));
}

TEST_F(Checked, ProvesAndDisprovesTheCredentials) {
    EXPECT_EQ(about("client_secret").outcome, Outcome::works);

    idp.options.client_secret = "changed at the provider";
    EXPECT_EQ(about("client_secret").outcome, Outcome::fails);
    EXPECT_THAT(problem("client_secret"),
                HasSubstr("refuses this client: status 401, invalid_client"));
    EXPECT_EQ(about("token_endpoint").outcome, Outcome::works);
    EXPECT_FALSE(check().works);
}

TEST_F(Checked, SaysWhenTheProviderDoesNotLetOneTell) {
    // A provider that knows no such grant says so, whoever asks.
    change({{"token_params", {{"extra", "1"}}}, {"token_request", {{"omit", {"grant_type"}}}}});

    EXPECT_EQ(about("client_secret").outcome, Outcome::unclear);
    EXPECT_THAT(problem("client_secret"), HasSubstr("unsupported_grant_type"));
    EXPECT_TRUE(check().works) << "nothing is known to be wrong";
}

TEST_F(Checked, SaysWhatARefusedAuthorizationRequestMayMean) {
    change({{"response_type", "none"}});

    EXPECT_EQ(about("authorization_endpoint").outcome, Outcome::unclear);
    EXPECT_THAT(about("authorization_endpoint").advice,
                HasSubstr("https://app.example/auth/callback/fake"));
}

TEST_F(Checked, TakesARedirectOfTheAuthorizationEndpointForItsSignInPage) {
    idp.fail("authorization", Failure::redirect);
    EXPECT_EQ(about("authorization_endpoint").outcome, Outcome::works);

    idp.fail("authorization", Failure::not_found);
    EXPECT_EQ(about("authorization_endpoint").outcome, Outcome::fails);

    idp.fail("authorization", Failure::bad_certificate);
    EXPECT_THAT(problem("authorization_endpoint"), HasSubstr("certificate"));
}

TEST_F(Checked, LooksAtTheEndpointsThatComeAfterTheSignIn) {
    idp.fail("userinfo", Failure::not_found);
    EXPECT_THAT(problem("userinfo_endpoint"), HasSubstr("not this path"));

    idp.repair();
    idp.fail("revocation", Failure::broken);
    EXPECT_THAT(problem("revocation_endpoint"), HasSubstr("could not be reached"));
    EXPECT_FALSE(check().works);

    idp.fail("revocation", Failure::not_found);
    EXPECT_EQ(about("revocation_endpoint").outcome, Outcome::unclear)
        << "some say so of a token that nobody knows";
}

TEST_F(Checked, LooksAtWhatRenewalsAndTheSecondExchangeAsk) {
    auto longer = idp.options.issuer + "/token/longer";
    auto renewal = idp.options.issuer + "/token/renewal";
    change({{"token_chain",
             {{"endpoint", longer}, {"params", {{"client_secret", "{client_secret}"}}}}},
            {"renewal", {{"endpoint", renewal}}}});
    EXPECT_TRUE(check().works);
    EXPECT_EQ(about("token_chain.endpoint").url, longer) << "and no secret in it";
    EXPECT_EQ(about("renewal.endpoint").url, renewal);

    for (const auto& [failure, text] : words) {
        idp.repair();
        auto expected = HasSubstr(failure == Failure::html ? "not JSON (text/html" : text);
        idp.fail("longer", failure);
        EXPECT_THAT(problem("token_chain.endpoint"), expected);
        idp.fail("renewal", failure);
        EXPECT_THAT(problem("renewal.endpoint"), expected);
        EXPECT_FALSE(check().works);
    }
}

TEST_F(Checked, TriesAnUrlThatServesForSeveralThingsOnce) {
    auto token = idp.options.issuer + "/token";
    change({{"token_chain", {{"endpoint", token}, {"params", {{"a", "b"}}}}},
            {"renewal", {{"endpoint", token}}}});
    EXPECT_THAT(tried(), Not(Contains("token_chain.endpoint")));
    EXPECT_THAT(tried(), Not(Contains("renewal.endpoint")));

    auto other = idp.options.issuer + "/token/longer";
    change({{"token_chain", {{"endpoint", other}, {"params", {{"a", "b"}}}}},
            {"renewal", {{"endpoint", other}}}});
    EXPECT_THAT(tried(), Contains("token_chain.endpoint"));
    EXPECT_THAT(tried(), Not(Contains("renewal.endpoint")));
}

TEST_F(Checked, SaysThatTheClientIsRefusedWhereItRenews) {
    change({{"renewal", {{"endpoint", idp.options.issuer + "/token/renewal"}, {"auth", "none"}}}});

    EXPECT_EQ(about("client_secret").outcome, Outcome::works);
    EXPECT_THAT(problem("renewal.endpoint"), HasSubstr("refuses this client (status 401"));
    EXPECT_THAT(about("renewal.endpoint").advice, HasSubstr("renewal.auth is not the way"));
}

TEST_F(Checked, RenewsWithTheSecretThatCounts) {
    change({{"client_secret", "the new one"},
            {"client_secret_previous", "the old one"},
            {"renewal", {{"endpoint", idp.options.issuer + "/token/renewal"}}}});
    idp.options.client_secret = "the old one";

    EXPECT_EQ(about("renewal.endpoint").outcome, Outcome::works);
}

TEST_F(Checked, LooksAtTheListOfAddresses) {
    change({{"email_request", {{"endpoint", idp.options.issuer + "/emails"}}}});
    EXPECT_EQ(about("email_request.endpoint").outcome, Outcome::works);

    idp.fail("emails", Failure::bad_certificate);
    EXPECT_THAT(problem("email_request.endpoint"), HasSubstr("certificate"));
    EXPECT_FALSE(check().works);
}

TEST_F(Checked, AsksForTheProfileOfNobodyWhereTheTokenNamesItsOwner) {
    auto ask_at = [&](const std::string& path) {
        change({{"userinfo_endpoint", idp.options.issuer + path},
                {"profile", {{"source", "userinfo"}}}});
        return about("userinfo_endpoint");
    };
    EXPECT_EQ(ask_at("/users/{token_prefix}").url, "https://idp.example/users/0");

    idp.fail("userinfo", Failure::not_found);
    EXPECT_EQ(ask_at("/userinfo").outcome, Outcome::fails);
    EXPECT_EQ(ask_at("/userinfo?of={token_prefix}").outcome, Outcome::unclear);
}

TEST_F(Checked, ShowsNoParametersInWhichASecretMayStand) {
    change({{"profile", {{"source", "userinfo"}, {"query", {{"key", "{client_secret}"}}}}}});

    EXPECT_EQ(about("userinfo_endpoint").url, "https://idp.example/userinfo");
    EXPECT_TRUE(idp.requests.back().target.contains("/revoke"));
}

TEST_F(Checked, TakesACallbackThatNobodySigned) {
    change({{"callback", {{"hmac_param", "hmac"}, {"must_equal", {{"shop", "a.example"}}}}}});

    EXPECT_TRUE(check().works);
}

TEST_F(Checked, PushesBeforeItLooksAtTheAuthorizationEndpoint) {
    idp.options.offers_par = idp.options.demands_par = true;

    EXPECT_TRUE(check().works);
    EXPECT_EQ(about("pushed_authorization_request_endpoint").outcome, Outcome::works);
    EXPECT_EQ(about("authorization_endpoint").outcome, Outcome::works);
}

TEST_F(Checked, TellsTheFailuresOfThePushedAuthorizationEndpointApart) {
    idp.options.offers_par = true;
    for (const auto& [failure, text] : words) {
        idp.fail("par", failure);
        EXPECT_THAT(problem("pushed_authorization_request_endpoint"),
                    HasSubstr(failure == Failure::html ? "not JSON (text/html" : text));
        EXPECT_THAT(problem("authorization_endpoint"), HasSubstr("was not tried"));
        EXPECT_FALSE(check().works);
    }
}

TEST_F(Checked, PushesWithTheSecretThatCounts) {
    idp.options.offers_par = true;
    change({{"client_secret", "the new one"}, {"client_secret_previous", "the old one"}});
    idp.options.client_secret = "the old one";

    EXPECT_EQ(about("pushed_authorization_request_endpoint").outcome, Outcome::works);
}

TEST_F(Checked, AsksAnewWhateverIsKept) {
    ASSERT_TRUE(exchange());
    idp.fail("discovery", Failure::broken);

    EXPECT_EQ(about("discovery").outcome, Outcome::fails);
    EXPECT_TRUE(exchange()) << "people go on signing in";
}

TEST_F(Checked, MindsAnOldSecretOnlyWhileItIsNeeded) {
    change({{"client_secret", "the new one"}, {"client_secret_previous", "the old one"}});
    idp.options.client_secret = "the new one";
    EXPECT_THAT(about("client_secret_previous").advice, HasSubstr("Take it away"));
    EXPECT_TRUE(check().works);

    idp.options.client_secret = "the old one";
    EXPECT_EQ(about("client_secret").outcome, Outcome::fails);
    EXPECT_EQ(about("client_secret_previous").outcome, Outcome::works);
    EXPECT_EQ(check().secret_in_use, ClientSecret::previous);
    EXPECT_FALSE(check().works) << "the operator's work is not done";
}

}  // namespace
}  // namespace cardea::provider
