// The pages and forms as a browser meets them: statuses, Locations, cookies, and every way round.
#include <gmock/gmock.h>

#include "tests/support/front.hpp"

namespace cardea {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class SiteTest : public testing::Test {
  protected:
    std::string location(const http::Response& response) {
        return std::string(response.headers.get("Location"));
    }
    /// Begins with a provider; gives the callback's query.
    std::string begun(Visitor& visitor, FakeProvider& provider, std::string path) {
        auto response = visitor.get(std::move(path));
        EXPECT_EQ(response.status, 303) << response.body;
        return provider.authorize(location(response));
    }
    void add_posting_provider() {
        auto row = world.other.row();
        row["response_mode"] = "form_post";
        ASSERT_TRUE(world.run(world.providers.add("posting", std::move(row))));
    }
    http::Response post(Visitor& visitor, std::string path, std::string query, std::string origin) {
        // As a browser does that comes from another site: the session's Lax cookie stays behind.
        auto session = visitor.cookies.extract("__Host-cardea_session");
        http::Headers headers{{"Origin", std::move(origin)},
                              {"Content-Type", "application/x-www-form-urlencoded"}};
        auto response =
            visitor.send(Method::post, std::move(path), std::move(headers), std::move(query));
        if (session && visitor.cookies.count("__Host-cardea_session") == 0)
            visitor.cookies.insert(std::move(session));
        return response;
    }

    World world;
    Front front{world, {"https://shop.example"}};
    Visitor ada{front};
};

// Forms.

TEST_F(SiteTest, SignsUpOutAndIn) {
    auto up = ada.form("/sign-up", {{"email", "ada@example.org"}, {"password", "correct horse"}});
    EXPECT_EQ(up.status, 303);
    EXPECT_EQ(location(up), "/");
    EXPECT_TRUE(ada.is_signed_in());

    auto out = ada.form("/sign-out");
    EXPECT_EQ(out.status, 303);
    EXPECT_EQ(location(out), "/?notice=signed-out");
    EXPECT_FALSE(ada.is_signed_in());

    auto in = ada.form("/sign-in", {{"email", "ada@example.org"},
                                    {"password", "correct horse"},
                                    {"return_to", "/orders?page=2"}});
    EXPECT_EQ(in.status, 303);
    EXPECT_EQ(location(in), "/orders?page=2");
    EXPECT_TRUE(ada.is_signed_in());
}

TEST_F(SiteTest, ShowsTheFormAgainWithWhatIsWrong) {
    auto wrong =
        ada.form("/sign-in", {{"email", "ada@example.org"}, {"password", "correct horse"}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(wrong.body, HasSubstr("The email address or the password is wrong."));
    EXPECT_THAT(wrong.body, HasSubstr("value=\"ada@example.org\""));

    auto malformed = ada.form("/sign-up", {{"email", "nonsense"}, {"password", "short"}});
    EXPECT_EQ(malformed.status, 422);
    EXPECT_THAT(malformed.body, HasSubstr("aria-describedby=\"email-note\""));
    EXPECT_THAT(malformed.body, HasSubstr("password-note"));
    EXPECT_THAT(malformed.body, Not(HasSubstr("value=\"short\"")));
}

TEST_F(SiteTest, RefusesFormsOfOtherSites) {
    ada.sign_up("ada@example.org");
    for (auto path : {"/sign-in", "/sign-up", "/sign-out", "/account/password", "/auth/idp/link"}) {
        auto response = ada.form(path, {}, {{"Origin", "https://evil.example"}});
        EXPECT_EQ(response.status, 403) << path;
    }
    EXPECT_TRUE(ada.is_signed_in());
}

TEST_F(SiteTest, ChangesThePassword) {
    ada.sign_up("ada@example.org");

    auto wrong = ada.form("/account/password", {{"current_password", "wrong horse"},
                                                {"new_password", "battery staple"}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(wrong.body, HasSubstr("current_password-note"));
    auto changed = ada.form("/account/password", {{"current_password", "correct horse"},
                                                  {"new_password", "battery staple"}});
    EXPECT_EQ(changed.status, 303);
    EXPECT_EQ(location(changed), "/?notice=password-changed");
}

TEST_F(SiteTest, EndsASessionOfTheOwner) {
    ada.sign_up("ada@example.org");
    Visitor phone(front);
    (void)phone.form("/sign-in", {{"email", "ada@example.org"}, {"password", "correct horse"}});
    auto id = std::string(json_of(phone.get("/v1/session")).at("session").at("id").as_string());

    EXPECT_EQ(ada.form("/account/sessions/ses_nonsense/end").status, 404);
    auto ended = ada.form("/account/sessions/" + id + "/end");

    EXPECT_EQ(ended.status, 303);
    EXPECT_EQ(location(ended), "/?notice=session-ended");
    EXPECT_FALSE(phone.is_signed_in());
    EXPECT_TRUE(ada.is_signed_in());
}

TEST_F(SiteTest, RemovesAConnectionButNotTheLastWayIn) {
    auto query = begun(ada, world.idp, "/auth/idp");
    ASSERT_EQ(ada.get("/auth/callback/idp?" + query).status, 303);
    auto list = json_of(ada.get("/v1/connections"));
    auto id = std::string(list.at("items").at(0).at("id").as_string());

    auto last = ada.form("/account/connections/" + id + "/remove");
    EXPECT_EQ(last.status, 409);
    EXPECT_THAT(last.body, HasSubstr("only way into your account"));
    ASSERT_EQ(ada.form("/account/password", {{"new_password", "battery staple"}}).status, 303);
    auto removed = ada.form("/account/connections/" + id + "/remove");
    EXPECT_EQ(removed.status, 303);
    EXPECT_EQ(location(removed), "/?notice=connection-removed");
}

// With a provider.

TEST_F(SiteTest, ReturnsToAnOriginThatIsListed) {
    auto query = begun(ada, world.idp, "/auth/idp?return_to=https://shop.example/cart");

    auto done = ada.get("/auth/callback/idp?" + query);

    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(location(done), "https://shop.example/cart");
    EXPECT_EQ(ada.get("/auth/idp?return_to=https://shop.example.evil/").status, 400);
}

TEST_F(SiteTest, GivesATokenOnlyToWhoAsksForJson) {
    auto query = begun(ada, world.idp, "/auth/idp?transport=bearer");
    auto page = ada.get("/auth/callback/idp?" + query, {{"Accept", "*/*"}});
    EXPECT_EQ(page.status, 303);
    EXPECT_THAT(page.body, Not(HasSubstr("cas_")));

    Visitor program(front);
    query = begun(program, world.idp, "/auth/idp?transport=bearer");
    auto json = program.get("/auth/callback/idp?" + query, {{"Accept", "application/json"}});
    EXPECT_EQ(json.status, 200) << json.body;
    EXPECT_TRUE(json_of(json).at("token").as_string().starts_with("cas_"));
    EXPECT_FALSE(json.headers.get("Set-Cookie").starts_with("__Host-cardea_session=c"));

    Visitor browser(front);
    query = begun(browser, world.idp, "/auth/idp");
    auto cookie = browser.get("/auth/callback/idp?" + query, {{"Accept", "application/json"}});
    EXPECT_EQ(cookie.status, 303) << "it began as a browser";
}

TEST_F(SiteTest, FinishesOnTheSharedAddress) {
    auto query = begun(ada, world.idp, "/auth/idp");

    EXPECT_EQ(ada.get("/auth/callback?" + query).status, 303);
    EXPECT_TRUE(ada.is_signed_in());
}

TEST_F(SiteTest, UsesTheRedirectUriThatIsSet) {
    auto row = world.other.row();
    row["redirect_uri"] = "https://app.example/auth/callback";
    ASSERT_TRUE(world.run(world.providers.add("shared", std::move(row))));

    auto response = ada.get("/auth/shared");

    EXPECT_THAT(location(response),
                HasSubstr("redirect_uri=https%3A%2F%2Fapp.example%2Fauth%2Fcallback&"));
    auto query = world.other.authorize(location(response));
    EXPECT_EQ(ada.get("/auth/callback?" + query).status, 303);
    EXPECT_TRUE(ada.is_signed_in());
}

TEST_F(SiteTest, RefusesASecondCallbackAlsoOfSomebodyWhoIsSignedIn) {
    auto query = begun(ada, world.idp, "/auth/idp");
    ASSERT_EQ(ada.get("/auth/callback/idp?" + query).status, 303);

    auto again = ada.get("/auth/callback/idp?" + query, {{"Accept", "text/html"}});

    EXPECT_EQ(again.status, 400);
    EXPECT_THAT(again.body, HasSubstr("You are signed in already"));
    EXPECT_EQ(front.refusal, "oauth.state_mismatch");
    EXPECT_TRUE(ada.is_signed_in());
}

TEST_F(SiteTest, DoesNotBeginOnHead) {
    EXPECT_EQ(ada.send(Method::head, "/auth/idp").status, 405);
    EXPECT_EQ(world.count("verifications"), 0u);
}

// Answers by form_post.

TEST_F(SiteTest, TakesAPostedAnswer) {
    add_posting_provider();
    for (std::string path : {"/auth/callback/posting", "/auth/callback"}) {
        Visitor visitor(front);
        auto query = begun(visitor, world.other, "/auth/posting");

        auto done = post(visitor, path, query, "https://other.example");

        EXPECT_EQ(done.status, 303) << path << ' ' << done.body;
        EXPECT_TRUE(visitor.is_signed_in()) << path;
    }
}

TEST_F(SiteTest, LinksAProviderThatPostsItsAnswer) {
    add_posting_provider();
    ada.sign_up("ada@example.org");
    auto begun = ada.form("/auth/posting/link");
    ASSERT_EQ(begun.status, 303) << begun.body;
    auto query = world.other.authorize(location(begun));

    auto linked = post(ada, "/auth/callback/posting", query, "https://other.example");

    EXPECT_EQ(linked.status, 303) << linked.body;
    EXPECT_EQ(location(linked), "/?notice=connected");
    EXPECT_EQ(json_of(ada.get("/v1/connections")).at("items").as_array().size(), 1u);
}

TEST_F(SiteTest, LinksOnlyForSomebodyWhoSignedInJustNow) {
    EXPECT_EQ(ada.form("/auth/idp/link").status, 401) << "nobody";
    ada.sign_up("ada@example.org");
    EXPECT_EQ(ada.get("/auth/idp/link").status, 405) << "a link has no effect";
    ASSERT_EQ(ada.form("/auth/idp/link").status, 303);

    world.clock.advance(1h);

    EXPECT_EQ(ada.form("/auth/idp/link").status, 403);
    EXPECT_EQ(front.refusal, api::reauthenticate.slug);
}

TEST_F(SiteTest, DoesNotLinkByPostForSomebodyWhoHasSignedOut) {
    add_posting_provider();
    ada.sign_up("ada@example.org");
    auto query = world.other.authorize(location(ada.form("/auth/posting/link")));
    (void)ada.form("/sign-out");

    auto refused = post(ada, "/auth/callback/posting", query, "https://other.example");

    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(world.count("connections"), 0u);
}

TEST_F(SiteTest, DoesNotLinkByPostInAnotherBrowser) {
    add_posting_provider();
    ada.sign_up("ada@example.org");
    auto query = world.other.authorize(location(ada.form("/auth/posting/link")));
    Visitor eve(front);
    (void)begun(eve, world.other, "/auth/posting");

    EXPECT_EQ(post(eve, "/auth/callback/posting", query, "https://other.example").status, 400);
    EXPECT_EQ(world.count("connections"), 0u);
}

// Where forms may lead.

TEST_F(SiteTest, LetsFormsLeadOnlyToItselfItsProvidersAndItsReturnOrigins) {
    auto policy_of = [](const http::Response& response) {
        std::string policy(response.headers.get("Content-Security-Policy"));
        auto from = policy.find("form-action");
        return policy.substr(from, policy.find(';', from) - from);
    };
    auto sign_in = policy_of(ada.get("/sign-in"));
    EXPECT_EQ(sign_in, "form-action 'self' https://app.example https://shop.example");
    EXPECT_EQ(policy_of(ada.get("/nothing", {{"Accept", "text/html"}})), "form-action 'self'");

    ada.sign_up("ada@example.org");
    auto account = policy_of(ada.get("/"));
    EXPECT_EQ(account,
              "form-action 'self' https://app.example https://idp.example "
              "https://other.example https://shop.example");
}

}  // namespace
}  // namespace cardea
