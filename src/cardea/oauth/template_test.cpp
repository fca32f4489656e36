// Placeholders: what is one, what fills it, and which values a variable takes.
#include "cardea/oauth/template.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

class Variables : public testing::Test {
  protected:
    Variables() {
        provider.variables["domain"] = Variable{};
        provider.token_endpoint = "https://{domain}/token";
    }
    bool takes(const std::string& value) {
        Provider tried = provider;
        tried.values["domain"] = value;
        return fill_variables(tried).has_value();
    }

    Provider provider = test_provider();
};

TEST_F(Variables, RefuseValuesThatLeadElsewhere) {
    for (const char* value :
         {"evil.example/", "user@evil.example", "evil.example:8443", "evil.example?x=", "a b",
          "a\nb", "a#b", "a%2fb", "{client_secret}", "-a", ".evil", "a.", "ä.example", "a\\b"})
        EXPECT_FALSE(takes(value)) << value;
    EXPECT_FALSE(takes(std::string(256, 'a')));
    EXPECT_FALSE(takes(std::string("a\0b", 3)));
}

TEST_F(Variables, RefuseValuesOfNoVariable) {
    provider.values["domian"] = "acme.example";

    auto filled = fill_variables(provider);

    ASSERT_FALSE(filled);
    EXPECT_EQ(filled.error().fields().front().field, "values.domian");
}

TEST_F(Variables, RefuseValuesThatAreNotInTheirList) {
    provider.variables["domain"].one_of = {"eu.example", "us.example"};

    EXPECT_FALSE(takes("ru.example"));
    EXPECT_TRUE(takes("us.example"));
}

TEST_F(Variables, RefuseADefaultThatTheirOwnPatternDoesNotTake) {
    provider.variables["domain"].default_value = "a/b";

    EXPECT_FALSE(fill_variables(provider));
}

TEST_F(Variables, RefuseEverythingWithAPatternThatIsNone) {
    provider.variables["domain"].pattern = "([";

    EXPECT_FALSE(takes("acme.example"));
    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST_F(Variables, FillEverythingThatNamesThem) {
    provider.issuer = "https://{domain}";
    provider.accepted_issuers = {"{domain}"};
    provider.authorization_params["audience"] = "https://{domain}/api";
    provider.values["domain"] = "acme.example";

    ASSERT_TRUE(fill_variables(provider));

    EXPECT_EQ(provider.token_endpoint, "https://acme.example/token");
    EXPECT_EQ(provider.issuer, "https://acme.example");
    EXPECT_EQ(provider.accepted_issuers.front(), "acme.example");
    EXPECT_EQ(provider.authorization_params["audience"], "https://acme.example/api");
    EXPECT_TRUE(check(provider, Loopback::refused));
}

TEST_F(Variables, FallBackOnTheirDefault) {
    provider.variables["domain"].default_value = "login.example";

    ASSERT_TRUE(fill_variables(provider));

    EXPECT_EQ(provider.token_endpoint, "https://login.example/token");
    EXPECT_TRUE(missing_values(provider).empty());
}

TEST_F(Variables, WithoutAValueAreNamed) {
    ASSERT_TRUE(fill_variables(provider));

    EXPECT_EQ(missing_values(provider), std::vector<std::string>{"domain"});
    EXPECT_TRUE(check(provider, Loopback::refused));
}

TEST_F(Variables, AreCheckedAsEndpointsOnceTheyAreFilledIn) {
    provider.values["domain"] = "127.0.0.1";

    ASSERT_TRUE(fill_variables(provider));

    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST_F(Variables, MustBeDeclared) {
    provider.token_endpoint = "https://idp.example/{realm}/token";

    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST_F(Variables, CannotTakeTheNamesOfOtherPlaceholders) {
    for (const char* name : {"client_secret", "access_token", "token", "callback:x", "/id", "A"}) {
        Provider row = provider;
        row.variables[name] = Variable{};
        EXPECT_FALSE(check(row, Loopback::refused)) << name;
    }
}

TEST_F(Variables, KeepSecretsOutOfTheBrowsersUrl) {
    provider.authorization_params["x"] = "{client_secret}";

    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST(Placeholders, AreNotEveryBrace) {
    EXPECT_EQ(placeholders("{a} {b_1}/{callback:x}{/a/b} {Not} { a } {} {1} {a:} {{c}"),
              (std::vector<std::string>{"a", "b_1", "callback:x", "/a/b", "c"}));
    EXPECT_TRUE(placeholders("{\"query\":\"{ viewer { id } }\"}").empty());
    EXPECT_TRUE(placeholders("{").empty());
}

TEST(Placeholders, AreNotSearchedInWhatFillsThem) {
    auto lookup = [](std::string_view name) -> std::optional<std::string> {
        if (name == "a") return "{b}";
        return name == "b" ? std::optional<std::string>("secret") : std::nullopt;
    };

    EXPECT_EQ(fill("{a}-{b}-{c}", lookup), "{b}-secret-{c}");
}

TEST(RequestPlaceholders, BecomeEmptyWhenNothingIsKnown) {
    auto provider = test_provider();
    RequestFacts facts{"at-1", R"({"user":{"id":7},"list":[]})", {{"device", "d"}}};
    Texts texts{{"1", "{client_id}"},
                {"2", "{client_secret}"},
                {"3", "{scopes}"},
                {"4", "{access_token}"},
                {"5", "{token_response:/user/id}"},
                {"6", "{token_response:/list}{token_response:/none}{callback:none}"},
                {"7", "{callback:device}"},
                {"8", "{other}"}};

    auto filled = fill_request(provider, texts, facts);

    EXPECT_EQ(filled["1"], "client-1");
    EXPECT_EQ(filled["2"], "secret-1");
    EXPECT_EQ(filled["3"], "openid email");
    EXPECT_EQ(filled["4"], "at-1");
    EXPECT_EQ(filled["5"], "7");
    EXPECT_EQ(filled["6"], "");
    EXPECT_EQ(filled["7"], "d");
    EXPECT_EQ(filled["8"], "{other}");
}

class IssuerTemplate : public testing::Test {
  protected:
    IssuerTemplate() { provider.issuer = "https://login.example/{claim:tid}/v2.0"; }
    bool fits(std::string_view iss, const char* tid) {
        schema::JsonObject claims{{"tid", tid}};
        return is_issuer(provider, iss, &claims);
    }

    Provider provider = test_provider();
};

TEST_F(IssuerTemplate, FitsTheTokensOwnClaimOnly) {
    EXPECT_TRUE(fits("https://login.example/t-1/v2.0", "t-1"));
    EXPECT_FALSE(fits("https://login.example/t-2/v2.0", "t-1"));
    EXPECT_FALSE(fits("https://login.example/{claim:tid}/v2.0", "{claim:tid}"));
    EXPECT_FALSE(fits("https://login.example/a/b/v2.0", "a/b"));
    EXPECT_FALSE(fits("https://login.example//v2.0", ""));
    EXPECT_FALSE(is_issuer(provider, "https://login.example/t-1/v2.0",
                           std::make_unique<schema::JsonObject>().get()));
}

TEST_F(IssuerTemplate, FitsAnyNameWhereThereAreNoClaimsYet) {
    EXPECT_TRUE(is_issuer(provider, "https://login.example/t-1/v2.0", nullptr));
    EXPECT_FALSE(is_issuer(provider, "https://login.example//v2.0", nullptr));
    EXPECT_FALSE(is_issuer(provider, "https://login.example/a/b/v2.0", nullptr));
    EXPECT_FALSE(is_issuer(provider, "https://evil.example/t-1/v2.0", nullptr));
}

TEST_F(IssuerTemplate, HasOneClaimAtMost) {
    EXPECT_TRUE(check(provider, Loopback::refused));
    provider.issuer = "https://{claim:a}.example/{claim:b}";
    EXPECT_FALSE(check(provider, Loopback::refused));
}

TEST(CallbackText, IsEmptyForWhatIsNotThere) {
    Texts callback{{"user", R"({"name":{"firstName":"Ada"}})"}, {"plain", "x"}};

    for (auto name : {"", "/", "absent", "absent/a", "plain/a", "user/", "user/name",
                      "user/name/lastName", "user/name/firstName/more", "user//name"})
        EXPECT_EQ(callback_text(callback, name), "") << name;
    EXPECT_EQ(callback_text(callback, "plain"), "x");
    EXPECT_EQ(callback_text(callback, "user/name/firstName"), "Ada");
}

TEST(CallbackText, TakesNoControlsOutOfAnEscape) {
    EXPECT_EQ(callback_text({{"user", R"({"a":"x\r\ny"})"}}, "user/a"), "");
    EXPECT_EQ(callback_text({{"user", R"({"a":"x\u0000"})"}}, "user/a"), "");
    EXPECT_EQ(callback_text({{"user", std::string(500, '[')}}, "user/0/0"), "");
}

TEST(CallbackText, IsNeverSearchedForPlaceholders) {
    auto provider = test_provider();
    RequestFacts facts;
    facts.callback = {{"x", "{client_secret}"}};

    auto filled = fill_request(provider, {{"a", "{callback:x}"}}, facts);

    EXPECT_EQ(filled.at("a"), "{client_secret}");
}

TEST(RandomPlaceholder, IsNewEachTime) {
    SeededRandom random;
    auto provider = test_provider();
    EXPECT_FALSE(needs_random(provider));
    provider.refresh_params = {{"state", "{random}"}, {"other", "a-{random}"}, {"fixed", "x"}};

    ASSERT_TRUE(needs_random(provider));
    auto first = with_random(provider, random).refresh_params;
    auto second = with_random(provider, random).refresh_params;

    EXPECT_EQ(first.at("state").size(), 43u);
    EXPECT_NE(first.at("state"), second.at("state"));
    EXPECT_NE("a-" + first.at("state"), first.at("other"));
    EXPECT_EQ(first.at("fixed"), "x");
}
}  // namespace
}  // namespace cardea::oauth
