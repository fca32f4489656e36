// Authorization requests that are pushed to the provider, and the ways in which that can fail.
#include "cardea/oauth/discovery.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/providers_test.hpp"

namespace cardea::provider {
namespace {

using schema::Json;
using schema::JsonObject;

class Pushing : public ProvidersTest {
  protected:
    Pushing() {
        idp.options.offers_par = idp.options.demands_par = true;
        add_fake();
    }
    Result<oauth::Authorization> push() {
        auto provider = run(providers->ready("fake"));
        if (!provider) return std::unexpected(provider.error());
        oauth::Beginning beginning{providers->redirect_uri(**provider), "/", "cookie"};
        auto begun = oauth::begin(**provider, std::move(beginning), random, clock.now());
        return run(providers->push(*provider, std::move(begun)));
    }
    std::string refusal() { return ProvidersTest::refusal(push()); }
    std::string refusal_of(const Json& request_uri) {
        idp.change_par_answer = [&](JsonObject& answer) { answer["request_uri"] = request_uri; };
        return refusal();
    }
};

TEST_F(Pushing, TellsHowTheEndpointFailed) {
    expect_failures_told("par", [&] { return refusal(); });
}

TEST_F(Pushing, SaysThatTheCredentialsAreWrong) {
    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"client_secret", "wrong"}})));

    EXPECT_EQ(refusal(), oauth::client_rejected.slug);
}

TEST_F(Pushing, SendsNobodyToWhatIsNoRequestUri) {
    EXPECT_EQ(refusal_of("urn:x\"><script>"), failed.slug);
    EXPECT_EQ(refusal_of("urn:x\r\nSet-Cookie: a=b"), failed.slug);
    EXPECT_EQ(refusal_of(Json("urn:" + std::string(2000, 'x'))), failed.slug);
    EXPECT_EQ(refusal_of(nullptr), failed.slug);
}

TEST_F(Pushing, ShowsTheBrowserNothingOfTheRequest) {
    auto pushed = push();

    ASSERT_TRUE(pushed) << pushed.error().describe();
    auto query = pushed->url.substr(pushed->url.find('?') + 1);
    auto parameters = http::Parameters::parse(query).value();
    EXPECT_EQ(parameters.size(), 2u);
    EXPECT_EQ(parameters.only("client_id"), idp.options.client_id);
    EXPECT_TRUE(parameters.only("request_uri"));
}

TEST_F(Pushing, EndsInTokens) {
    auto exchanged = exchange();

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    EXPECT_EQ(exchanged->id->subject, "user-1");
    EXPECT_EQ(idp.count("par"), 1);
}

TEST_F(Pushing, HappensOnlyWhereItIsOfferedAndWanted) {
    idp.options.demands_par = false;
    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"par", "never"}})));
    EXPECT_TRUE(exchange());

    idp.options.offers_par = false;
    ASSERT_TRUE(run(providers->update("fake", JsonObject{{"par", nullptr}})));
    EXPECT_TRUE(exchange());
    EXPECT_EQ(idp.count("par"), 0);
}

TEST_F(Pushing, GoesWhereTheRowSays) {
    idp.options.offers_par = false;
    JsonObject changes{{"pushed_authorization_request_endpoint", idp.options.issuer + "/par"}};
    ASSERT_TRUE(run(providers->update("fake", std::move(changes))));

    EXPECT_TRUE(exchange());
    EXPECT_EQ(idp.count("par"), 1);
}

TEST_F(Pushing, IsAProblemWhereItIsRequiredWithoutAnEndpoint) {
    idp.options.offers_par = false;

    auto report = run(providers->check("fake"));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->items.back().what, "discovery");
    EXPECT_TRUE(report->items.back().problem.contains("require_pushed_authorization_requests"));
    EXPECT_EQ(refusal(), oauth::discovery_refused.slug);
}

}  // namespace
}  // namespace cardea::provider
