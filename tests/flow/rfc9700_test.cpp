// RFC 9700 (Best Current Practice for OAuth 2.0 Security) as a list: what a client must withstand,
// one test a line of it, over the routes that a browser meets. What concerns one request alone has
// its cases beside the source: oauth/authorization_test.cpp, callback_test.cpp, id_token_test.cpp.
#include <gmock/gmock.h>

#include "cardea/oauth/authorization.hpp"
#include "tests/support/front.hpp"
#include "tests/support/vectors.hpp"

namespace cardea {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class Rfc9700 : public testing::Test {
  protected:
    static std::string location(const http::Response& response) {
        return std::string(response.headers.get("Location"));
    }
    /// The authorization request that a browser is sent away with.
    static std::string begin(Visitor& visitor, std::string path) {
        auto response = visitor.get(std::move(path));
        EXPECT_EQ(response.status, 303) << response.body;
        return location(response);
    }
    static http::Parameters query_of(const std::string& url) {
        return http::Parameters::parse(http::Url::parse(url).value().query()).value();
    }
    static std::string one(const http::Parameters& query, std::string_view name) {
        return std::string(query.only(name).value_or("(none)"));
    }
    /// The same, with another value of one parameter.
    static std::string with(std::string_view query, std::string_view name, std::string value) {
        http::Parameters changed;
        auto parsed = http::Parameters::parse(query).value();
        for (const auto& [key, old] : parsed) changed.add(key, key == name ? value : old);
        return changed.encode();
    }
    static std::string without(std::string_view query, std::string_view name) {
        http::Parameters changed;
        auto parsed = http::Parameters::parse(query).value();
        for (const auto& [key, old] : parsed)
            if (key != name) changed.add(key, old);
        return changed.encode();
    }
    /// The callback is refused for that reason, before any code leaves, and leaves nobody signed
    /// in.
    void expect_refused(Visitor& visitor, std::string target, std::string_view reason) {
        auto response = visitor.get(target);
        EXPECT_GE(response.status, 400) << target;
        EXPECT_EQ(location(response), "") << target;
        EXPECT_EQ(front.refusal, reason) << target;
        EXPECT_EQ(world.idp.count("token") + world.other.count("token"), 0) << target;
        EXPECT_EQ(world.count("connections"), 0u) << target;
    }
    void add_provider_that_posts() {
        auto row = world.other.row();
        row["response_mode"] = "form_post";
        ASSERT_TRUE(world.run(world.providers.add("posting", std::move(row))));
    }
    http::Response post(Visitor& visitor, std::string path, std::string query,
                        std::string_view origin) {
        http::Headers headers{{"Origin", std::string(origin)},
                              {"Content-Type", "application/x-www-form-urlencoded"}};
        return visitor.send(Method::post, std::move(path), std::move(headers), std::move(query));
    }

    World world;
    Front front{world, {"https://shop.example"}};
    Visitor ada{front};
};

// Sections 2.1.1 and 4.8: PKCE, and its downgrade.

TEST_F(Rfc9700, SendsAFreshS256ChallengeWithEveryRequest) {
    auto first = query_of(begin(ada, "/auth/idp"));
    auto second = query_of(begin(ada, "/auth/idp"));

    EXPECT_EQ(one(first, "code_challenge_method"), "S256");
    EXPECT_EQ(one(first, "code_challenge").size(), 43u);
    EXPECT_NE(one(first, "code_challenge"), one(second, "code_challenge"));
    EXPECT_EQ(one(first, "response_type"), "code") << "2.1.2: no token in a browser's URL";
}

TEST_F(Rfc9700, IsNotTalkedOutOfItsChallengeByMetadata) {
    for (const auto& methods : {schema::JsonArray(), schema::JsonArray{"plain"}}) {
        world.idp.change_discovery = [methods](schema::JsonObject& document) {
            document["code_challenge_methods_supported"] = methods;
        };
        world.clock.advance(2h);
        EXPECT_EQ(one(query_of(begin(ada, "/auth/idp")), "code_challenge_method"), "S256");
    }
}

TEST_F(Rfc9700, ShowsAProviderThatTheChallengeWasTakenOutOnTheWay) {
    world.idp.options.demands_challenge = false;
    auto url = begin(ada, "/auth/idp");
    auto stripped =
        url.substr(0, url.find('?') + 1) + without(query_of(url).encode(), "code_challenge");

    auto answer = ada.get("/auth/callback/idp?" + world.idp.authorize(stripped));

    EXPECT_EQ(front.refusal, "oauth.code_refused") << "a verifier came, and no challenge before it";
    EXPECT_GE(answer.status, 400);
    EXPECT_FALSE(ada.is_signed_in());
}

// Section 4.4: mix-up.

TEST_F(Rfc9700, RefusesAnAnswerThatNamesAnotherIssuer) {
    auto answer = [this] { return world.idp.authorize(begin(ada, "/auth/idp")); };

    expect_refused(ada, "/auth/callback/idp?" + with(answer(), "iss", "https://other.example"),
                   "oauth.issuer_mismatch");
    expect_refused(ada, "/auth/callback/idp?" + without(answer(), "iss"), "oauth.issuer_mismatch");
    expect_refused(ada, "/auth/callback/idp?" + answer() + "&iss=https%3A%2F%2Fother.example",
                   "oauth.callback_malformed");
}

TEST_F(Rfc9700, HasARedirectUriForEachProvider) {
    auto idp = one(query_of(begin(ada, "/auth/idp")), "redirect_uri");
    auto other = one(query_of(begin(ada, "/auth/other")), "redirect_uri");

    EXPECT_EQ(idp, "https://app.example/auth/callback/idp");
    EXPECT_EQ(other, "https://app.example/auth/callback/other");
}

TEST_F(Rfc9700, RefusesTheStateOfAnotherProvider) {
    expect_refused(ada, "/auth/callback/other?" + world.idp.authorize(begin(ada, "/auth/idp")),
                   "oauth.state_mismatch");
}

TEST_F(Rfc9700, NeverSendsOneProvidersCodeToAnother) {
    // The attacker's provider sends the browser on to the honest one, with the state it was given.
    auto url = begin(ada, "/auth/other");
    auto asked = query_of(url);
    http::Parameters forwarded;
    auto own = query_of(begin(ada, "/auth/idp"));
    for (const auto& [name, value] : own)
        forwarded.add(name, one(asked, name) == "(none)" ? value : one(asked, name));
    auto honest = world.idp.authorize("https://idp.example/authorize?" + forwarded.encode());

    expect_refused(ada, "/auth/callback/other?" + honest, "oauth.issuer_mismatch");
    expect_refused(ada, "/auth/callback/idp?" + honest, "oauth.state_mismatch");
}

// Section 4.5: code injection and replay.

TEST_F(Rfc9700, RefusesTheCodeOfAnotherSignIn) {
    Visitor victim(front, "198.51.100.7");
    auto stolen = http::Parameters::parse(world.idp.authorize(begin(victim, "/auth/idp"))).value();
    auto own = world.idp.authorize(begin(ada, "/auth/idp"));

    auto answer = ada.get("/auth/callback/idp?" + with(own, "code", one(stolen, "code")));

    EXPECT_EQ(front.refusal, "oauth.code_refused") << "its verifier is another browser's";
    EXPECT_GE(answer.status, 400);
    EXPECT_FALSE(ada.is_signed_in());
    EXPECT_EQ(world.count("accounts"), 0u);
}

TEST_F(Rfc9700, RefusesTheIdTokenOfAnotherSignIn) {
    std::string earlier;
    world.idp.change_id_token = [&](std::string& token) { earlier = token; };
    ASSERT_EQ(ada.get("/auth/callback/idp?" + world.idp.authorize(begin(ada, "/auth/idp"))).status,
              303);
    world.idp.change_id_token = [&](std::string& token) { token = earlier; };
    Visitor eve(front);

    (void)eve.get("/auth/callback/idp?" + world.idp.authorize(begin(eve, "/auth/idp")));

    EXPECT_EQ(front.refusal, "oauth.id_token_refused");
    EXPECT_FALSE(eve.is_signed_in());
}

TEST_F(Rfc9700, TakesACallbackOnce) {
    auto query = world.idp.authorize(begin(ada, "/auth/idp"));
    ASSERT_EQ(ada.get("/auth/callback/idp?" + query).status, 303);

    EXPECT_GE(ada.get("/auth/callback/idp?" + query).status, 400);

    EXPECT_EQ(front.refusal, "oauth.state_mismatch");
    EXPECT_EQ(world.idp.count("token"), 1);
    EXPECT_EQ(world.count("sessions"), 1u);
}

// Section 4.7: cross-site request forgery on the callback.

TEST_F(Rfc9700, RefusesACallbackThatNobodyBegan) {
    for (std::string query : {"code=x&state=6f0c1f5e-0000-4000-8000-000000000000:idp",
                              "code=x&state=x", "state=&code=x", "code=x", ""}) {
        EXPECT_EQ(ada.get("/auth/callback/idp?" + query).status, 400) << query;
    }
    EXPECT_EQ(world.idp.count("token"), 0);
    EXPECT_TRUE(world.events().empty()) << "anybody can send these";
}

TEST_F(Rfc9700, RefusesAChangedState) {
    auto query = world.idp.authorize(begin(ada, "/auth/idp"));
    auto state = one(http::Parameters::parse(query).value(), "state");
    state[0] = state[0] == 'a' ? 'b' : 'a';

    expect_refused(ada, "/auth/callback/idp?" + with(query, "state", state),
                   "oauth.state_mismatch");
}

TEST_F(Rfc9700, RefusesTheCallbackOfAnotherBrowser) {
    Visitor fresh(front);
    Visitor bob(front);
    bob.sign_up("bob@example.org");
    (void)begin(bob, "/auth/idp");

    for (auto* victim : {&fresh, &bob}) {
        auto attackers = world.idp.authorize(begin(ada, "/auth/idp"));
        expect_refused(*victim, "/auth/callback/idp?" + attackers, "sign_in.other_browser");
    }
    EXPECT_FALSE(fresh.is_signed_in());
}

TEST_F(Rfc9700, LinksNothingThatAnotherSiteOrAnotherBrowserBegan) {
    ada.sign_up("ada@example.org");
    EXPECT_EQ(post(ada, "/auth/idp/link", "", "https://evil.example").status, 403);
    Visitor eve(front);
    eve.sign_up("eve@example.org");
    auto attackers = world.idp.authorize(location(eve.form("/auth/idp/link")));

    expect_refused(ada, "/auth/callback/idp?" + attackers, "sign_in.other_browser");
}

TEST_F(Rfc9700, TakesAPostedAnswerFromTheProvidersOriginAlone) {
    add_provider_that_posts();
    auto query = world.other.authorize(begin(ada, "/auth/posting"));

    for (auto origin : {"https://evil.example", "null", "https://app.example",
                        "https://other.example.evil.example", "http://other.example"})
        EXPECT_EQ(post(ada, "/auth/callback/posting", query, origin).status, 403) << origin;
    EXPECT_EQ(post(ada, "/auth/callback/idp", query, "https://idp.example").status, 405);
    EXPECT_EQ(world.other.count("token"), 0);
    EXPECT_FALSE(ada.is_signed_in());

    EXPECT_EQ(post(ada, "/auth/callback/posting", query, "https://other.example").status, 303)
        << "4.12: never 307, which would send the form on";
}

// Section 4.11: open redirection.

/// Where a browser that followed it would not be here any more.
constexpr std::string_view elsewhere[] = {
    // another host, in all the ways in which browsers read one
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "https://evil.example/", "https:evil.example", "https:/evil.example", "HTTPS://EVIL.example",
    // control characters, which browsers drop
    "/\t/evil.example", "/\r/evil.example", "/\n/evil.example", "\t//evil.example",
    " //evil.example", "https://app.example\r\nSet-Cookie: a=b",
    // userinfo, ports, and names that begin or end like ours
    "https://app.example@evil.example/", "https://app.example:443@evil.example/",
    "https://app.example%40evil.example/", "//app.example@evil.example/",
    "https://app.example.evil.example/", "https://evilapp.example/", "https://app.example:8443/",
    "http://app.example/", "https://shop.example.evil.example/", "http://shop.example/",
    // names that look like ours
    "https://xn--pp-7ja.example/", "https://\xd0\xb0pp.example/", "https://app\u3002evil.example/",
    // other schemes
    "javascript:alert(1)", "data:text/html,x", "vbscript:x", "JaVaScRiPt:alert(1)", "app.example",
    "%2f%2fevil.example"};

TEST_F(Rfc9700, LeadsNowhereElseAfterASignIn) {
    ada.sign_up("ada@example.org");
    for (std::string_view target : elsewhere) {
        world.clock.advance(1h);  // past what the throttle remembers
        http::Parameters query{{"return_to", std::string(target)}};
        EXPECT_EQ(ada.get("/auth/idp?" + query.encode()).status, 400) << target;
        EXPECT_EQ(front.refusal, "return_to.refused") << target;

        auto by_form = ada.form("/sign-in", {{"email", "ada@example.org"},
                                             {"password", "correct horse"},
                                             {"return_to", std::string(target)}});
        ASSERT_EQ(by_form.status, 303) << target;
        EXPECT_EQ(location(by_form), "/") << target;
    }
}

TEST_F(Rfc9700, LeadsNowhereElseForAnyPublishedPayload) {
    auto file = read_vectors("open-redirect.json");
    if (!file) GTEST_SKIP() << "no vectors";
    ada.sign_up("ada@example.org");
    for (const auto& one : file->at("cases").as_array()) {
        bool leaves = text_of(one, "browser").starts_with("leaves");
        auto payload = text_of(one, "payload");
        world.clock.advance(1h);
        auto by_form = ada.form(
            "/sign-in",
            {{"email", "ada@example.org"}, {"password", "correct horse"}, {"return_to", payload}});
        ASSERT_EQ(by_form.status, 303) << payload;
        if (leaves) {
            EXPECT_EQ(location(by_form), "/") << payload;
        }
        http::Parameters query{{"return_to", payload}};
        auto by_link = ada.get("/auth/idp?" + query.encode());
        if (leaves) {
            EXPECT_EQ(by_link.status, 400) << payload;
        }
    }
}

TEST_F(Rfc9700, IsNotLedElsewhereByTheCallback) {
    auto query = world.idp.authorize(begin(ada, "/auth/idp?return_to=/cart"));

    auto done = ada.get("/auth/callback/idp?" + query +
                        "&return_to=https://evil.example&redirect_uri=https://evil.example");

    EXPECT_EQ(location(done), "/cart") << "what was asked for when it began";
}

// What comes back from a provider is a stranger's text (sections 4.2 and 4.11.2).

TEST_F(Rfc9700, ShowsNothingOfAProvidersErrorWithMarkupInIt) {
    const std::string markup = "<script>canary(1)</script>\r\nSet-Cookie: a=b";
    for (auto accept : {"text/html", "application/json"}) {
        auto refusal = world.idp.refuse(begin(ada, "/auth/idp"));
        auto query = with(with(refusal, "error", markup), "error_description", markup);

        auto answer = ada.get("/auth/callback/idp?" + query + "&error_uri=javascript:canary(1)",
                              {{"Accept", accept}});

        EXPECT_EQ(front.refusal, "oauth.provider_error");
        EXPECT_EQ(location(answer), "");
        EXPECT_THAT(answer.body, Not(HasSubstr("canary")));
        EXPECT_FALSE(ada.cookies.contains("a"));
    }
    audit::Filter all;
    auto noted = world.run(world.trail.list(*world.database, all, "", 10)).value();
    EXPECT_EQ(noted.items.size(), 2u);
    for (const auto& entry : noted.items)
        EXPECT_THAT(entry.detail.at("why"), Not(HasSubstr("canary")));
}

TEST_F(Rfc9700, RefusesAParameterThatStandsTwice) {
    for (std::string name : {"code", "state", "iss", "error"}) {
        auto query = world.idp.authorize(begin(ada, "/auth/idp"));
        auto twice = fmt::format("{}&{}=a{}", query, name, name == "error" ? "&error=b" : "");
        expect_refused(ada, "/auth/callback/idp?" + twice, "oauth.callback_malformed");
    }
}

}  // namespace
}  // namespace cardea
