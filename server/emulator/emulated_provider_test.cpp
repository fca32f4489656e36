// The emulator is as strict as the real providers, and remembers what it has handed out.
#include <gtest/gtest.h>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/url.hpp"
#include "server/emulator/emulator.hpp"
#include "server/emulator/requests.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::emulator {
namespace {

using http::Parameters;

constexpr const char* redirect_uri = "https://app.example/callback";
constexpr const char* verifier = "a-verifier-of-more-than-forty-three-characters-0123";

class EmulatedProviders : public testing::Test {
  protected:
    EmulatedProviders() { emulator = std::move(*Emulator::make(clock, random, {{redirect_uri}})); }
    EmulatedProvider& played(std::string_view name) { return *emulator->find(name); }

    static std::string challenge() { return to_base64url(crypto::sha256(verifier)); }
    /// What the right client of that provider asks with.
    Parameters right_request(std::string_view name) {
        const auto& table = played(name).behaviour();
        Parameters query{{"response_type", "code"},
                         {"redirect_uri", redirect_uri},
                         {"state", "0123456789abcdef"},
                         {"nonce", "0123456789abcdef"}};
        query.add(table.authorization_client_id_param, played(name).client().id);
        std::string scopes;
        for (const auto& scope : table.scopes)
            scopes += (scopes.empty() ? "" : table.scope_separator) + scope;
        if (!table.refresh.request_scope.empty() && !scopes.contains(table.refresh.request_scope))
            scopes += table.scope_separator + table.refresh.request_scope;
        if (!scopes.empty()) query.add("scope", scopes);
        for (const auto& [key, value] : table.authorization_params) query.add(key, value);
        for (const auto& [key, value] : table.refresh.request_params) query.add(key, value);
        return query;
    }
    static Parameters with_challenge(Parameters query, const std::string& method = "S256") {
        query.add("code_challenge", method == "S256" ? challenge() : verifier);
        query.add("code_challenge_method", method);
        return query;
    }
    /// The query that the browser takes back; empty when it is not sent back at all.
    Parameters authorize(std::string_view name, const Parameters& query) {
        http::Request request;
        request.target = played(name).behaviour().authorization_endpoint + '?' + query.encode();
        auto answer = emulator->answer(request).response;
        std::string location(answer.headers.get("Location"));
        if (location.empty()) return {};
        return Parameters::parse(location.substr(location.find('?') + 1)).value();
    }
    std::string code_of(std::string_view name) {
        return only(authorize(name, with_challenge(right_request(name))), "code");
    }
    http::Response post(const std::string& url, const Parameters& form,
                        const std::string& basic = "") {
        http::Request request;
        request.method = http::Method::post;
        request.target = url;
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        if (!basic.empty())
            request.headers.set("Authorization", "Basic " + to_base64(as_bytes(basic)));
        request.body = form.encode();
        return emulator->answer(request).response;
    }
    Parameters exchange_form(std::string_view name, const std::string& code) {
        return {{"grant_type", "authorization_code"},
                {"code", code},
                {"redirect_uri", redirect_uri},
                {"code_verifier", verifier},
                {"client_id", played(name).client().id},
                {"client_secret", played(name).client().secret.reveal()}};
    }
    schema::JsonObject exchange(std::string_view name, const std::string& code) {
        auto answer = post(played(name).behaviour().token_endpoint, exchange_form(name, code));
        return schema::parse_json(answer.body)->get_object();
    }
    schema::JsonObject renew(std::string_view name, const schema::JsonObject& tokens) {
        Parameters form{{"grant_type", "refresh_token"},
                        {"refresh_token", std::string(tokens.at("refresh_token").as_string())},
                        {"client_id", played(name).client().id},
                        {"client_secret", played(name).client().secret.reveal()}};
        auto answer = post(played(name).behaviour().token_endpoint, form);
        return schema::parse_json(answer.body)->get_object();
    }
    int profile_status(std::string_view name, const schema::JsonObject& tokens) {
        http::Request request;
        request.target = played(name).behaviour().userinfo_endpoint;
        request.headers.set("Authorization",
                            "Bearer " + std::string(tokens.at("access_token").as_string()));
        return emulator->answer(request).response.status;
    }

    FakeClock clock;
    SeededRandom random;
    std::unique_ptr<Emulator> emulator;
};

TEST_F(EmulatedProviders, EachHasATableThatCanBeRead) {
    ASSERT_TRUE(behaviours()) << behaviours().error().detail();
    EXPECT_GE(emulator->names().size(), 110u);
    EXPECT_EQ(emulator->find("nobody"), nullptr);
}

TEST_F(EmulatedProviders, SendABrowserBackWithACodeAndTheState) {
    auto back = authorize("google", with_challenge(right_request("google")));

    EXPECT_FALSE(only(back, "code").empty());
    EXPECT_EQ(only(back, "state"), "0123456789abcdef");
}

TEST_F(EmulatedProviders, SendNobodyToAnAddressThatIsNotRegistered) {
    auto query = with_challenge(right_request("google"));
    Parameters elsewhere;
    for (const auto& [name, value] : query)
        elsewhere.add(name, name == "redirect_uri" ? "https://evil.example/" : value);

    EXPECT_EQ(authorize("google", elsewhere).size(), 0u);
}

TEST_F(EmulatedProviders, TakeNoOtherChallengeThanS256) {
    auto back = authorize("google", with_challenge(right_request("google"), "plain"));

    EXPECT_EQ(only(back, "error"), "invalid_request");
}

TEST_F(EmulatedProviders, WantAChallengeWhereItIsRequired) {
    EXPECT_EQ(only(authorize("x", right_request("x")), "error_description"), "no code_challenge");
}

TEST_F(EmulatedProviders, AtLinkedInKnowNoChallengeAndNoVerifier) {
    auto refused = authorize("linkedin", with_challenge(right_request("linkedin")));
    EXPECT_EQ(only(refused, "error"), "invalid_request");

    auto code = only(authorize("linkedin", right_request("linkedin")), "code");
    EXPECT_TRUE(exchange("linkedin", code).contains("error"));
}

TEST_F(EmulatedProviders, WantEveryScopeAndNoOther) {
    Parameters query;
    for (const auto& [name, value] : with_challenge(right_request("google")))
        query.add(name, name == "scope" ? "openid email profile drive" : value);

    EXPECT_EQ(only(authorize("google", query), "error"), "invalid_request");
}

TEST_F(EmulatedProviders, KnowParametersByTheirOwnNamesOnly) {
    auto query = right_request("tiktok");
    query.add("client_id", played("tiktok").client().id);
    Parameters renamed;
    for (const auto& [name, value] : query)
        if (name != "client_key") renamed.add(name, value);

    EXPECT_EQ(authorize("tiktok", with_challenge(renamed)).size(), 0u);
}

TEST_F(EmulatedProviders, AtXWantTheClientInAHeaderField) {
    auto form = exchange_form("x", code_of("x"));
    const auto& url = played("x").behaviour().token_endpoint;
    EXPECT_EQ(post(url, form).status, 401);

    auto both = "x-client:" + http::percent_encode(played("x").client().secret.reveal());
    EXPECT_EQ(post(url, form, both).status, 401) << "and not in the body as well";
}

TEST_F(EmulatedProviders, RefuseAVerifierOfAnotherChallenge) {
    auto form = exchange_form("google", code_of("google"));
    Parameters other;
    for (const auto& [name, value] : form)
        other.add(name, name == "code_verifier" ? value + "x" : value);

    EXPECT_EQ(post(played("google").behaviour().token_endpoint, other).status, 400);
}

TEST_F(EmulatedProviders, GiveACodeForOneUse) {
    auto code = code_of("google");
    auto tokens = exchange("google", code);
    ASSERT_TRUE(tokens.contains("access_token"));

    EXPECT_EQ(exchange("google", code).at("error"), "invalid_grant");
    EXPECT_EQ(profile_status("google", tokens), 401) << "what came of it is dead";
}

TEST_F(EmulatedProviders, GiveACodeForAMinute) {
    auto code = code_of("google");
    clock.advance(61s);

    EXPECT_EQ(exchange("google", code).at("error"), "invalid_grant");
}

TEST_F(EmulatedProviders, EndAccessTokensWhenTheirTimeIsOver) {
    auto tokens = exchange("google", code_of("google"));
    EXPECT_EQ(profile_status("google", tokens), 200);
    clock.advance(3601s);

    EXPECT_EQ(profile_status("google", tokens), 401);
}

TEST_F(EmulatedProviders, RotateRefreshTokensWhereTheRealOneDoes) {
    auto first = exchange("microsoft", code_of("microsoft"));
    Parameters form{{"grant_type", "refresh_token"},
                    {"refresh_token", std::string(first.at("refresh_token").as_string())},
                    {"client_id", "microsoft-client"},
                    {"client_secret", played("microsoft").client().secret.reveal()},
                    {"scope", only(right_request("microsoft"), "scope")}};
    const auto& url = played("microsoft").behaviour().token_endpoint;

    auto renewed = schema::parse_json(post(url, form).body)->get_object();
    EXPECT_NE(renewed.at("refresh_token"), first.at("refresh_token"));
    EXPECT_FALSE(renew("google", exchange("google", code_of("google"))).contains("refresh_token"));
}

TEST_F(EmulatedProviders, LetASpentTokenRenewWithinItsGrace) {
    played("box");
    auto tokens = exchange("atlassian", code_of("atlassian"));
    ASSERT_TRUE(renew("atlassian", tokens).contains("access_token"));
    clock.advance(9min);
    EXPECT_TRUE(renew("atlassian", tokens).contains("access_token"));
    clock.advance(2min);
    EXPECT_EQ(renew("atlassian", tokens).at("error"), "invalid_grant");
}

TEST_F(EmulatedProviders, EndEverythingWhenADeadTokenComesBackWhereTheRealOneDoes) {
    const auto& url = played("airtable").behaviour().token_endpoint;
    auto basic =
        "airtable-client:" + http::percent_encode(played("airtable").client().secret.reveal());
    Parameters form{{"grant_type", "authorization_code"},
                    {"code", code_of("airtable")},
                    {"redirect_uri", redirect_uri},
                    {"code_verifier", verifier}};
    auto renewal = [](const schema::JsonObject& tokens) {
        return Parameters{{"grant_type", "refresh_token"},
                          {"refresh_token", std::string(tokens.at("refresh_token").as_string())}};
    };
    auto first = schema::parse_json(post(url, form, basic).body)->get_object();
    auto second = schema::parse_json(post(url, renewal(first), basic).body)->get_object();
    ASSERT_TRUE(second.contains("refresh_token"));

    EXPECT_EQ(post(url, renewal(first), basic).status, 400);
    EXPECT_EQ(post(url, renewal(second), basic).status, 400) << "the chain has ended";
}

TEST_F(EmulatedProviders, KeepNoMoreTokensOfAPersonThanTheRealOne) {
    auto first = exchange("google", code_of("google"));
    for (int i = 0; i < 100; ++i) exchange("google", code_of("google"));

    EXPECT_EQ(renew("google", first).at("error"), "invalid_grant");
}

TEST_F(EmulatedProviders, KnowAPersonByAHint) {
    auto query = with_challenge(right_request("google"));
    query.add("login_hint", "grace@people.example");
    auto tokens = exchange("google", only(authorize("google", query), "code"));
    http::Request request;
    request.target = played("google").behaviour().userinfo_endpoint;
    request.headers.set("Authorization",
                        "Bearer " + std::string(tokens.at("access_token").as_string()));

    auto profile = schema::parse_json(emulator->answer(request).response.body)->get_object();
    EXPECT_EQ(profile.at("email"), "grace@people.example");
    EXPECT_EQ(profile.at("sub").as_string(), somebody_at("grace@people.example").subject);
}

TEST_F(EmulatedProviders, ThatShareAUrlAreToldApart) {
    ASSERT_EQ(played("github").behaviour().token_endpoint,
              played("github_app").behaviour().token_endpoint);
    auto code = code_of("github_app");

    EXPECT_TRUE(code.starts_with("github_app."));
}

TEST_F(EmulatedProviders, ShowNobodysProfileButTheOwners) {
    auto etsy = exchange_form("etsy", code_of("etsy"));
    Parameters form;
    for (const auto& [name, value] : etsy)
        if (name != "client_secret") form.add(name, value);
    auto answer = post(played("etsy").behaviour().token_endpoint, form);
    std::string token(schema::parse_json(answer.body)->get_object().at("access_token").as_string());
    auto subject = played("etsy").person().subject;
    EXPECT_TRUE(token.starts_with(subject + '.')) << token;
    auto status_of = [&](const std::string& id, const std::string& secret) {
        http::Request request;
        request.target = "https://openapi.etsy.com/v3/application/users/" + id;
        request.headers.set("Authorization", "Bearer " + token);
        request.headers.set("x-api-key", "etsy-client:" + secret);
        return emulator->answer(request).response.status;
    };
    auto secret = played("etsy").client().secret.reveal();

    EXPECT_EQ(status_of(subject + '1', secret), 403);
    EXPECT_EQ(status_of("etsy", secret), 403);
    EXPECT_EQ(status_of(subject + "/shops", secret), 403);
    EXPECT_EQ(status_of("", secret), 404);
    EXPECT_EQ(status_of(subject, "another"), 403);
    EXPECT_EQ(status_of(subject, secret), 200);
}

TEST_F(EmulatedProviders, FailAsOftenAsTold) {
    emulator->fail_next("google", Endpoint::token, Failure::status_500, 2);
    auto form = exchange_form("google", code_of("google"));
    const auto& url = played("google").behaviour().token_endpoint;

    EXPECT_EQ(post(url, form).status, 500);
    EXPECT_EQ(post(url, form).status, 500);
    EXPECT_EQ(post(url, form).status, 200) << "and nothing was spent meanwhile";
    EXPECT_EQ(emulator->count("google", Endpoint::token), 3);
}

TEST_F(EmulatedProviders, AreNowhereElse) {
    http::Request request;
    request.target = "https://nobody.example/token";

    EXPECT_EQ(emulator->answer(request).response.status, 404);
}

}  // namespace
}  // namespace cardea::emulator
