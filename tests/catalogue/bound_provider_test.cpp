// A provider that nobody has yet: it takes pushed requests alone, and binds what it gives to a key.
#include <gtest/gtest.h>

#include "cardea/base/text.hpp"
#include "tests/catalogue/round.hpp"

namespace cardea {
namespace {

constexpr const char* table = R"(
[bound]
title = "Bound"
protocol = "oidc"
issuer = "https://bound.example"
authorization_endpoint = "https://bound.example/authorize"
token_endpoint = "https://bound.example/token"
userinfo_endpoint = "https://bound.example/userinfo"
revocation_endpoint = "https://bound.example/revoke"
pushed_authorization = { endpoint = "https://bound.example/par", required = true }
dpop = { required = true, nonce = true }
client_auth = "basic"
scopes = ["openid", "email", "profile"]
pkce = "required"
access_token_lifetime = 3600
refresh = { issued = "always", rotation = "always" }
emails = { endpoint = "https://bound.example/emails", list = "", primary = "/primary", verified = "/verified" }

[bound.profile]
subject = ["/sub"]
name = ["/name"]
picture = ["/picture"]
email = ["/email"]
email_verified = ["/email_verified"]
email_trust = "claim"
)";

class BoundProvider : public testing::Test {
  protected:
    emulator::EmulatedProvider& played() { return *stage.emulator->find("bound"); }
    schema::JsonObject row() {
        schema::JsonObject row{{"issuer", "https://bound.example"},
                               {"dpop_bound_access_tokens", true},
                               {"pkce", "required"},
                               {"access_token_lifetime", 3600},
                               {"profile", {{"email_trust", "claim"}}},
                               {"email_request", {{"endpoint", "https://bound.example/emails"}}}};
        return registered(played(), std::move(row));
    }

    Stage stage{emulator::read_behaviours(table).value()};
};

TEST_F(BoundProvider, SignsNobodyInWhoseRequestIsNotPushed) {
    auto changed = row();
    changed["par"] = "never";
    changed["require_pushed_authorization_requests"] = false;
    Round round(stage, played(), "bound", std::move(changed));

    EXPECT_FALSE(round.sign_in());
    EXPECT_EQ(played().last_problem(), "the request was not pushed");
}

TEST_F(BoundProvider, SignsNobodyInWithoutAProof) {
    auto changed = row();
    changed["dpop_bound_access_tokens"] = false;
    Round round(stage, played(), "bound", std::move(changed));

    EXPECT_FALSE(round.sign_in());
    EXPECT_EQ(played().last_problem(), "there must be one proof");
}

TEST_F(BoundProvider, DoesWhatItsTableSays) {
    Round round(stage, played(), "bound", row());

    EXPECT_EQ(join(round.differences(), "\n"), "");
}

TEST_F(BoundProvider, PassesItsCheck) {
    Round round(stage, played(), "bound", row());

    auto report = stage.database.run(round.providers().check("bound"));

    ASSERT_TRUE(report) << report.error().describe();
    for (const auto& one : report->items) EXPECT_EQ(one.problem, "") << one.what;
}

TEST_F(BoundProvider, MayFailWhereRequestsArePushed) {
    Round round(stage, played(), "bound", row());
    stage.emulator->fail_next("bound", emulator::Endpoint::pushed_authorization,
                              emulator::Failure::status_500);

    EXPECT_TRUE(round.sign_in().error().is(provider::failed));
    EXPECT_TRUE(round.sign_in());
}

}  // namespace
}  // namespace cardea
