#include "cardea/api/caller.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/front.hpp"

namespace cardea::api {
namespace {

using http::Method;
using testing::HasSubstr;

constexpr auto cookie = "__Host-cardea_session";

class CallerTest : public testing::Test {
  protected:
    CallerTest() { ada.sign_up("ada@example.org"); }

    bool clears_the_cookie(const http::Response& response) {
        return response.headers.get("Set-Cookie").starts_with(std::string(cookie) + "=;");
    }
    void make_admin() {
        auto email = account::Email::parse("ada@example.org").value();
        auto found = world.run(world.accounts.find_by_email(*world.database, email)).value();
        auto roles = account::Roles::parse({std::string(account::admin)}).value();
        ASSERT_TRUE(world.run(world.account_flow.set_roles(found.id, roles, {})));
    }
    std::string connection_id() {
        Browser browser(world);
        browser.session = SecretText(ada.cookies.at(cookie));
        EXPECT_TRUE(browser.link("idp"));
        auto list = json_of(ada.get("/v1/connections"));
        return std::string(list.at("items").at(0).at("id").as_string());
    }

    World world;
    Front front{world};
    Visitor ada{front};
};

// Who it is.

TEST_F(CallerTest, IsNobodyWithoutACredential) {
    Visitor nobody(front);

    auto response = nobody.get("/v1/session");

    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(reason_of(response), "session.missing");
    EXPECT_FALSE(response.headers.has("Set-Cookie"));
}

TEST_F(CallerTest, RefusesTwoCredentialsAtOnce) {
    auto response = ada.get("/v1/session", {{"Authorization", "Bearer cas_x"}});

    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(reason_of(response), "caller.two_credentials");
}

TEST_F(CallerTest, RefusesMalformedAuthorization) {
    Visitor nobody(front);
    for (auto text : {"Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "cas_x"}) {
        auto response = nobody.get("/v1/session", {{"Authorization", text}});
        EXPECT_EQ(response.status, 401) << text;
        EXPECT_EQ(reason_of(response), "caller.authorization_malformed") << text;
    }
}

TEST_F(CallerTest, TakesTheTokenAsBearer) {
    Visitor program(front);
    program.bearer = ada.cookies.at(cookie);

    EXPECT_EQ(program.get("/v1/session").status, 200);
}

TEST_F(CallerTest, TakesNoKeyFromACookie) {
    Visitor eve(front);
    eve.cookies[cookie] = front.key({"admin"});

    EXPECT_EQ(eve.get("/v1/admin/api-keys").status, 401);
}

TEST_F(CallerTest, ClearsACookieThatNamesNoSession) {
    auto token = ada.cookies.at(cookie);
    auto changed = token;
    changed[20] = changed[20] == 'a' ? 'b' : 'a';
    auto quoted = "\"" + token + "\"";
    auto twice = fmt::format("{}; {}={}", token, cookie, token);
    for (const auto& value :
         {changed, token.substr(0, 20), std::string(1 << 16, 'a'), quoted, twice}) {
        Visitor other(front);
        other.cookies[cookie] = value;
        auto response = other.get("/v1/session");
        EXPECT_EQ(response.status, 401) << value.substr(0, 80);
        EXPECT_TRUE(clears_the_cookie(response)) << value.substr(0, 80);
    }
}

TEST_F(CallerTest, ClearsACookieWhoseSessionHasExpired) {
    world.clock.advance(400 * 24h);

    auto response = ada.get("/v1/session");

    EXPECT_EQ(response.status, 401);
    EXPECT_TRUE(clears_the_cookie(response));
}

TEST_F(CallerTest, ShowsThePageToABrowserWhoseSessionHasEnded) {
    world.clock.advance(400 * 24h);

    auto response = ada.get("/");

    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(clears_the_cookie(response));
}

// What it may do.

TEST_F(CallerTest, WantsAFreshSignInForWhatMatters) {
    auto connection = connection_id();
    world.clock.advance(10min);
    auto expect_refused = [](const http::Response& response) {
        EXPECT_EQ(response.status, 403) << response.body;
        EXPECT_THAT(response.body, testing::AnyOf(HasSubstr("session.reauthenticate"),
                                                  HasSubstr("fresh sign-in")));
    };

    expect_refused(
        ada.json(Method::put, "/v1/password",
                 R"({"current_password":"correct horse","new_password":"new horse 1"})"));
    expect_refused(ada.json(Method::patch, "/v1/account", R"({"email":"new@example.org"})"));
    expect_refused(ada.form("/auth/other/link"));
    expect_refused(ada.send(Method::delete_, "/v1/connections/" + connection));
    expect_refused(ada.form("/account/connections/" + connection + "/remove"));
    expect_refused(ada.send(Method::delete_, "/v1/account"));
    EXPECT_EQ(ada.json(Method::patch, "/v1/account", R"({"name":"Ada"})").status, 200);
}

TEST_F(CallerTest, DoesWhatMattersRightAfterTheSignIn) {
    auto connection = connection_id();
    world.clock.advance(10min - 1s);

    EXPECT_EQ(ada.send(Method::delete_, "/v1/connections/" + connection).status, 204);
    EXPECT_EQ(ada.json(Method::patch, "/v1/account", R"({"email":"new@example.org"})").status, 200);
    EXPECT_EQ(ada.send(Method::delete_, "/v1/account").status, 204);
}

TEST_F(CallerTest, KeepsKeysAndPeopleApart) {
    Visitor program(front);
    program.bearer = front.key({"accounts:read", "admin"});

    EXPECT_EQ(reason_of(program.get("/v1/session")), "caller.session_needed");
    auto as_person = ada.get("/v1/accounts?email=ada@example.org");
    EXPECT_EQ(as_person.status, 401);
    EXPECT_EQ(reason_of(as_person), "caller.key_needed");
    EXPECT_EQ(program.get("/v1/accounts?email=ada@example.org").status, 200);
}

TEST_F(CallerTest, HoldsKeysToTheirScopes) {
    Visitor program(front);
    program.bearer = front.key({"connections:read"});

    EXPECT_EQ(reason_of(program.get("/v1/accounts?email=ada@example.org")),
              "api_key.scope_missing");
    EXPECT_EQ(reason_of(program.get("/v1/admin/api-keys")), "api_key.scope_missing");
}

TEST_F(CallerTest, RefusesKeysThatHaveExpiredOrNeverWere) {
    Visitor program(front);
    program.bearer = front.key({"accounts:read"}, world.clock.now() + 1h);
    EXPECT_EQ(program.get("/v1/accounts?email=ada@example.org").status, 200);
    world.clock.advance(1h);

    EXPECT_EQ(reason_of(program.get("/v1/accounts?email=ada@example.org")), "api_key.expired");
    program.bearer = "cak_nonsense";
    EXPECT_EQ(reason_of(program.get("/v1/accounts?email=ada@example.org")), "api_key.unknown");
}

TEST_F(CallerTest, WantsTheRoleForAdministration) {
    EXPECT_EQ(reason_of(ada.get("/v1/admin/api-keys")), "caller.admin_needed");
    make_admin();

    EXPECT_EQ(ada.get("/v1/admin/api-keys").status, 200);
    EXPECT_EQ(Visitor(front).get("/v1/admin/api-keys").status, 401);
}

}  // namespace
}  // namespace cardea::api
