// What programs and people read of connections and sessions through /v1.
#include <gmock/gmock.h>

#include "cardea/oauth/dpop.hpp"
#include "tests/support/front.hpp"

namespace cardea {
namespace {

using http::Method;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class TokenTest : public testing::Test {
  protected:
    TokenTest() {
        EXPECT_TRUE(browser.sign_in_with("idp"));
        ada.cookies["__Host-cardea_session"] = browser.session.reveal();
        program.bearer = front.key({"tokens:read", "connections:read"});
    }
    std::string first_connection() {
        auto list = json_of(ada.get("/v1/connections"));
        return std::string(list.at("items").at(0).at("id").as_string());
    }
    std::string account_id() {
        return std::string(json_of(ada.get("/v1/account")).at("id").as_string());
    }
    /// Who did it, of the newest event of that type.
    std::string actor(std::string type) {
        audit::Filter filter{std::nullopt, std::move(type)};
        auto page = world.run(world.trail.list(*world.database, filter, "", 10)).value();
        return page.items.empty() ? "nobody" : page.items.front().actor;
    }

    World world;
    Front front{world};
    Browser browser{world};
    Visitor ada{front};
    Visitor program{front};
};

TEST_F(TokenTest, IsForKeysWithItsScopeAlone) {
    auto path = "/v1/connections/" + first_connection() + "/token";
    Visitor other(front);
    other.bearer = front.key({"connections:read", "accounts:read"});

    EXPECT_EQ(ada.get(path).status, 401);
    EXPECT_EQ(Visitor(front).get(path).status, 401);
    EXPECT_EQ(other.get(path).status, 403);
    EXPECT_THAT(world.events(), Not(Contains("token.read")));
}

TEST_F(TokenTest, HasNoRefreshTokenAndIsStoredNowhere) {
    auto path = "/v1/connections/" + first_connection() + "/token";

    auto response = program.get(path);

    ASSERT_EQ(response.status, 200) << response.body;
    auto json = json_of(response).as_object();
    std::vector<std::string> members;
    for (const auto& member : json) members.emplace_back(member.key());
    EXPECT_THAT(members, testing::UnorderedElementsAre("access_token", "token_type", "expiry",
                                                       "expires_at", "scopes", "kept"));
    EXPECT_THAT(response.body, Not(HasSubstr("rt-")));
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
    EXPECT_THAT(world.events(), Contains("token.read"));
    EXPECT_TRUE(actor("token.read").starts_with("key:"));
    EXPECT_EQ(program.send(Method::head, path).status, 405);
    EXPECT_EQ(program.get("/v1/connections/con_nonsense/token").status, 404);
}

TEST_F(TokenTest, ComesWithWhatTheProvidersRowKeeps) {
    auto path = "/v1/connections/" + first_connection() + "/token";
    schema::JsonObject row{{"keep", {{"granted", "{token_response:/scope}"}}}};
    ASSERT_TRUE(world.run(world.providers.add("idp", row)));
    ASSERT_TRUE(browser.sign_in_with("idp"));

    auto json = json_of(program.get(path));

    EXPECT_EQ(json.at("kept").at("granted"), "openid email profile");
}

TEST_F(TokenTest, IsForAnotherAudienceUnderACompanionsName) {
    auto path = "/v1/connections/" + first_connection() + "/token";
    schema::JsonObject params{{"resource", "https://files.example"}};
    schema::JsonObject row{{"renewal", {{"companions", {{"files", {{"params", params}}}}}}}};
    ASSERT_TRUE(world.run(world.providers.add("idp", row)));
    auto first = json_of(program.get(path)).at("access_token");

    auto response = program.get(path + "?companion=files");

    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_NE(json_of(response).at("access_token"), first);
    EXPECT_TRUE(actor("connection.companion_renewed").starts_with("key:"));
    EXPECT_EQ(json_of(program.get(path)).at("access_token"), first);
    EXPECT_EQ(program.get(path + "?companion=mail").status, 404);
    EXPECT_EQ(ada.get(path + "?companion=files").status, 401);
    ASSERT_EQ(ada.send(Method::post, "/v1/connections/" + first_connection() + "/renew").status,
              200);
}

TEST_F(TokenTest, IsForTheAudienceThatTheRowNamesNow) {
    auto path = "/v1/connections/" + first_connection() + "/token?companion=files";
    ASSERT_TRUE(world.run(world.providers.add("idp", schema::JsonObject())));
    auto leased_for = [&](const char* resource) {
        schema::JsonObject params{{"resource", resource}};
        schema::JsonObject row{{"renewal", {{"companions", {{"files", {{"params", params}}}}}}}};
        EXPECT_TRUE(world.run(world.providers.replace("idp", row)));
        return json_of(program.get(path)).at("access_token");
    };
    auto first = leased_for("https://files.example");

    EXPECT_EQ(leased_for("https://files.example"), first);
    EXPECT_NE(leased_for("https://mail.example"), first);
    ASSERT_TRUE(world.run(world.providers.remove("idp")));
    EXPECT_EQ(program.get(path).status, 404);
}

TEST_F(TokenTest, ComesWithTheKeyThatItIsBoundTo) {
    auto path = "/v1/connections/" + first_connection() + "/token";
    schema::JsonObject bound{{"dpop_bound_access_tokens", true}};
    ASSERT_TRUE(world.run(world.providers.add("idp", std::move(bound))));
    world.idp.options.demands_dpop = world.idp.options.demands_nonce = true;
    world.idp.options.offers_par = world.idp.options.demands_par = true;
    ASSERT_TRUE(browser.sign_in_with("idp")) << world.idp.why_no_proof;
    world.clock.advance(59min);  // it is renewed first

    auto json = json_of(program.get(path));

    ASSERT_EQ(json.at("token_type"), "DPoP");
    SecretText key(schema::write_json(json.at("dpop_key")));
    SecretText token(std::string(json.at("access_token").as_string()));
    oauth::DpopBinding binding{std::move(key), std::move(token), {}};
    http::Request call;
    call.target = "https://idp.example/userinfo";
    world.idp.options.demands_nonce = false;
    auto request = oauth::with_dpop_proof(call, binding, world.random, world.clock.now()).value();
    auto response = world.run(world.idp.send(std::move(request), http::Limits()));
    EXPECT_EQ(response->status, 200) << world.idp.why_no_proof;
}

TEST_F(TokenTest, IsRenewedAfterASignInWithAnotherKeyAndNoRefreshToken) {
    auto path = "/v1/connections/" + first_connection() + "/token";
    schema::JsonObject bound{{"dpop_bound_access_tokens", true}};
    ASSERT_TRUE(world.run(world.providers.add("idp", std::move(bound))));
    world.idp.options.demands_dpop = true;
    ASSERT_TRUE(browser.sign_in_with("idp")) << world.idp.why_no_proof;
    world.idp.change_token_answer = [](schema::JsonObject& answer) {
        answer.erase("refresh_token");
    };
    ASSERT_TRUE(browser.sign_in_with("idp")) << world.idp.why_no_proof;
    world.clock.advance(59min);

    auto response = program.get(path);

    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_TRUE(actor("connection.renewed").starts_with("key:"));
}

TEST_F(TokenTest, IsRenewedInTheNameOfWhoAsks) {
    auto id = first_connection();
    world.clock.advance(59min);
    ASSERT_EQ(program.get("/v1/connections/" + id + "/token").status, 200);
    EXPECT_TRUE(actor("connection.renewed").starts_with("key:"));

    ASSERT_EQ(ada.send(Method::post, "/v1/connections/" + id + "/renew").status, 200);
    EXPECT_EQ(actor("connection.renewed"), browser.whoami());

    world.clock.advance(59min);
    ASSERT_EQ(world.run(world.vault.renew_due()).value(), 1u);
    EXPECT_EQ(actor("connection.renewed"), "job");
}

TEST_F(TokenTest, RenewalSaysWhatIsWrong) {
    auto path = "/v1/connections/" + first_connection() + "/renew";
    world.idp.fail("token", FakeProvider::Failure::status_500);
    EXPECT_EQ(ada.send(Method::post, path).status, 502);
    EXPECT_EQ(actor("connection.renewal_failed"), browser.whoami());
    world.idp.fail("token", FakeProvider::Failure::hang);
    EXPECT_EQ(ada.send(Method::post, path).status, 504);
    world.idp.repair();
    world.idp.withdraw();
    EXPECT_EQ(ada.send(Method::post, path).status, 409);
    EXPECT_EQ(Visitor(front).send(Method::post, path).status, 401);
}

TEST_F(TokenTest, ConnectionsAreRemovedByTheirOwner) {
    auto path = "/v1/connections/" + first_connection();
    Visitor eve(front);
    eve.sign_up("eve@example.org");

    EXPECT_EQ(eve.send(Method::delete_, path).status, 404);
    EXPECT_EQ(ada.send(Method::delete_, path).status, 409) << "the last way in";
    world.other.user.email = std::nullopt;
    ASSERT_TRUE(browser.link("other"));
    EXPECT_EQ(ada.send(Method::delete_, path).status, 204);
    EXPECT_EQ(ada.send(Method::delete_, path).status, 404);
}

TEST_F(TokenTest, ConnectionsOfAnAccountAreReadByProvider) {
    world.other.user.email = std::nullopt;
    ASSERT_TRUE(browser.link("other"));
    auto path = "/v1/accounts/" + account_id() + "/connections";
    auto count = [&](const std::string& query) {
        return json_of(program.get(path + query)).at("items").as_array().size();
    };

    EXPECT_EQ(count(""), 2u);
    EXPECT_EQ(count("?provider=other"), 1u);
    EXPECT_EQ(count("?provider=none"), 0u);
    EXPECT_EQ(program.get("/v1/accounts/acc_nonsense/connections").status, 404);
}

// Lists.

TEST_F(TokenTest, ConnectionsComePageByPage) {
    for (int i = 2; i <= 5; ++i) {
        world.idp.user.subject = "user-" + std::to_string(i);
        ASSERT_TRUE(browser.link("idp"));
    }
    std::set<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 3; ++page) {
        auto json = json_of(ada.get("/v1/connections?limit=2" + cursor));
        for (const auto& item : json.at("items").as_array())
            seen.emplace(item.at("subject").as_string());
        bool last = page == 2;
        EXPECT_EQ(json.as_object().contains("next_cursor") && !json.at("next_cursor").is_null(),
                  !last);
        if (!last) cursor = "&cursor=" + std::string(json.at("next_cursor").as_string());
    }

    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(ada.get("/v1/connections?limit=201").status, 400);
    EXPECT_EQ(ada.get("/v1/connections?limit=0").status, 400);
}

TEST_F(TokenTest, SessionsComePageByPage) {
    Visitor eve(front);
    eve.sign_up("eve@example.org");
    for (int i = 0; i < 4; ++i) {
        Visitor device(front);
        (void)device.form("/sign-in",
                          {{"email", "eve@example.org"}, {"password", "correct horse"}});
    }
    std::set<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 3; ++page) {
        auto json = json_of(eve.get("/v1/sessions?limit=2" + cursor));
        for (const auto& item : json.at("items").as_array())
            seen.emplace(item.at("id").as_string());
        if (page < 2) cursor = "&cursor=" + std::string(json.at("next_cursor").as_string());
    }

    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(eve.get("/v1/sessions?limit=201").status, 400);
}

TEST_F(TokenTest, AnAddressCannotBeTriedAfterAnother) {
    Visitor eve(front);
    eve.sign_up("eve@example.org");
    int told = 0;
    for (int i = 0; i < 50; ++i) {
        auto body = R"({"email":"alice@idp.example"})";
        auto response = eve.json(Method::patch, "/v1/account", body);
        if (response.status == 409)
            ++told;
        else
            EXPECT_EQ(reason_of(response), "throttle.slow_down");
    }

    EXPECT_EQ(told, 6);
    EXPECT_EQ(eve.json(Method::patch, "/v1/account", R"({"name":"Eve"})").status, 200);
}

}  // namespace
}  // namespace cardea
