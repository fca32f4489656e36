// Profiles: hostile, odd and plain answers, and whose address is believed.
#include "cardea/oauth/profile.hpp"

#include <gtest/gtest.h>

#include "cardea/oauth/callback.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

using schema::Json;

class ReadProfile : public testing::Test {
  protected:
    Result<Profile> read(const std::string& text, const std::string& id_subject = {}) {
        auto json = schema::parse_json(text);
        EXPECT_TRUE(json) << text;
        return read_profile(provider, json.value_or(Json()), id_subject);
    }
    /// A profile with these members beside the subject.
    Profile profile_with(const std::string& members) {
        auto profile = read(R"({"sub":"1",)" + members + "}");
        EXPECT_TRUE(profile) << members;
        return profile ? *profile : Profile();
    }
    void expect_refused(const std::string& text, const std::string& id_subject = {}) {
        auto profile = read(text, id_subject);
        ASSERT_FALSE(profile) << text;
        EXPECT_TRUE(profile.error().is(profile_refused)) << text;
    }

    Provider provider = test_provider();
};

TEST_F(ReadProfile, IsRefusedWithoutAUsableSubject) {
    for (auto text : {"{}", "[]", R"({"sub":null})", R"({"sub":""})", R"({"sub":true})",
                      R"({"sub":1.5})", R"({"sub":["1"]})", R"({"sub":{"x":1}})",
                      R"({"sub":"a\u0000b"})", R"({"sub":"a\r\nb"})", R"({"SUB":"1"})"})
        expect_refused(text);
}

TEST_F(ReadProfile, NeverCutsASubject) {
    EXPECT_EQ(read(R"({"sub":")" + std::string(255, 'a') + "\"}")->subject.size(), 255u);
    expect_refused(R"({"sub":")" + std::string(256, 'a') + "\"}");
}

TEST_F(ReadProfile, IsRefusedWhenItIsOfAnotherSubjectThanTheIdToken) {
    expect_refused(R"({"sub":"mallory"})", "alice");
    expect_refused(R"({"sub":"Alice"})", "alice");
    expect_refused(R"({"id":"alice"})", "alice");
    EXPECT_TRUE(read(R"({"sub":"alice"})", "alice"));
}

TEST_F(ReadProfile, ComparesSubWithTheIdTokenEvenWhenTheSubjectIsElsewhere) {
    provider.profile.subject = {"/oid"};

    EXPECT_EQ(read(R"({"sub":"alice","oid":"7"})", "alice")->subject, "7");
    expect_refused(R"({"sub":"mallory","oid":"alice"})", "alice");
}

TEST_F(ReadProfile, TakesIntegersAsSubjects) {
    provider.profile.subject = {"/id"};

    EXPECT_EQ(read(R"({"id":12345})")->subject, "12345");
    EXPECT_EQ(read(R"({"id":-1})")->subject, "-1");
    EXPECT_EQ(read(R"({"id":18446744073709551615})")->subject, "18446744073709551615");
    expect_refused(R"({"id":1e3})");
}

TEST_F(ReadProfile, FollowsPointersWithFallbacks) {
    provider.profile.subject = {"/data/viewer/id", "/data/users/0/id", "/a~1b/m~0n"};

    EXPECT_EQ(read(R"({"data":{"viewer":{"id":"v"}}})")->subject, "v");
    EXPECT_EQ(read(R"({"data":{"viewer":null,"users":[{"id":"u"}]}})")->subject, "u");
    EXPECT_EQ(read(R"({"a/b":{"m~n":"escaped"}})")->subject, "escaped");
    expect_refused(R"({"data":{"users":[]}})");
    expect_refused(R"({"data":"viewer"})");
}

TEST_F(ReadProfile, CutsLongNamesAtTheLimit) {
    auto profile = profile_with(R"("name":")" + std::string(5000, 'n') + "\"");

    EXPECT_EQ(profile.name->size(), 200u);
}

TEST_F(ReadProfile, NeverCutsACharacterInTwo) {
    std::string name;
    for (int i = 0; i < 150; ++i) name += "ä";  // 300 bytes

    EXPECT_EQ(profile_with(R"("name":"x)" + name + "\"").name->size(), 199u);
}

TEST_F(ReadProfile, TurnsControlCharactersInNamesIntoSpaces) {
    EXPECT_EQ(profile_with(R"("name":"a\r\nSet-Cookie: x\u0000\u001b[1m\u007f")").name,
              "a  Set-Cookie: x  [1m");
}

TEST_F(ReadProfile, HasNoNameWhenThereIsNothingToShow) {
    for (auto odd : {"null", "17", "true", "[]", "{}", "\"\"", "\" \\n \""})
        EXPECT_FALSE(profile_with(std::string(R"("name":)") + odd).name) << odd;
}

TEST_F(ReadProfile, KeepsMarkupAsTextAndNothingMore) {
    EXPECT_EQ(profile_with(R"("name":"<script>alert(1)</script>'; DROP TABLE accounts; --")").name,
              "<script>alert(1)</script>'; DROP TABLE accounts; --");
}

TEST_F(ReadProfile, TakesTheNextNameWhenTheFirstIsNull) {
    provider.profile.name = {"/name", "/login"};

    EXPECT_EQ(profile_with(R"("name":null,"login":"octocat")").name, "octocat");
    EXPECT_EQ(profile_with(R"("name":"","login":"octocat")").name, "octocat");
}

TEST_F(ReadProfile, HasNoAddressWhenItIsNone) {
    for (auto odd :
         {"null", "1", "true", "[]", "\"\"", "\"alice\"", "\"@x\"", "\"x@\"", "\"a b@x.example\"",
          "\"a@x.example\\r\\nBcc: b@x\"", "\"a\\u0000@x.example\""})
        EXPECT_FALSE(profile_with(std::string(R"("email":)") + odd).email) << odd;
    EXPECT_FALSE(profile_with(R"("email":")" + std::string(250, 'a') + "@x.example\"").email);
}

TEST_F(ReadProfile, BelievesNoAddressUnlessTheRowSaysSo) {
    auto profile = profile_with(R"("email":"a@x.example","email_verified":true)");

    EXPECT_EQ(profile.email, "a@x.example");
    EXPECT_FALSE(profile.email_verified);
    EXPECT_FALSE(profile.email_authoritative);
}

TEST_F(ReadProfile, BelievesAClaimOnlyWhenItIsTrue) {
    provider.profile.email_trust = EmailTrust::claim;

    EXPECT_TRUE(profile_with(R"("email":"a@x.example","email_verified":true)").email_verified);
    for (auto odd : {"false", "null", "\"true\"", "\"false\"", "1", "[]", "[true]", "{}"})
        EXPECT_FALSE(profile_with(std::string(R"("email":"a@x.example","email_verified":)") + odd)
                         .email_verified)
            << odd;
    EXPECT_FALSE(profile_with(R"("email":"a@x.example")").email_verified);
    EXPECT_FALSE(profile_with(R"("email":null,"email_verified":true)").email_verified);
}

TEST_F(ReadProfile, TakesTheTextTrueOnlyFromProvidersListedSo) {
    provider.profile.email_trust = EmailTrust::claim;
    provider.profile.email_verified_as_text = true;

    EXPECT_TRUE(profile_with(R"("email":"a@x.example","email_verified":"true")").email_verified);
    for (auto odd : {"\"True\"", "\"1\"", "\"false\"", "1"})
        EXPECT_FALSE(profile_with(std::string(R"("email":"a@x.example","email_verified":)") + odd)
                         .email_verified)
            << odd;
}

TEST_F(ReadProfile, FollowsTheOtherTrustRules) {
    provider.profile.email_trust = EmailTrust::provider_verifies;
    EXPECT_TRUE(profile_with(R"("email":"a@x.example")").email_verified);

    provider.profile.email_trust = EmailTrust::none;
    EXPECT_FALSE(profile_with(R"("email":"a@x.example","email_verified":true)").email);
}

TEST_F(ReadProfile, IsAuthoritativeOnlyForProvenAddressesOfTheProvidersDomains) {
    provider.profile.email_trust = EmailTrust::claim;
    provider.profile.authoritative_domains = {"gmail.com"};
    auto is_authoritative = [&](const std::string& email, const std::string& verified) {
        return profile_with(R"("email":")" + email + R"(","email_verified":)" + verified)
            .email_authoritative;
    };

    EXPECT_TRUE(is_authoritative("a@gmail.com", "true"));
    EXPECT_TRUE(is_authoritative("a@GMAIL.com", "true"));
    EXPECT_FALSE(is_authoritative("a@gmail.com", "false"));
    EXPECT_FALSE(is_authoritative("a@x.example", "true"));
    EXPECT_FALSE(is_authoritative("a@notgmail.com", "true"));
    EXPECT_FALSE(is_authoritative("a@gmail.com@x.example", "true"));

    provider.profile.authoritative_domains = {"*"};
    EXPECT_TRUE(is_authoritative("a@x.example", "true"));
}

TEST_F(ReadProfile, TakesHttpsPicturesOnly) {
    EXPECT_EQ(profile_with(R"("picture":"https://img.example/a.png")").picture,
              "https://img.example/a.png");
    for (auto odd : {"null", "1", "\"\"", "\"http://img.example/a\"", "\"javascript:alert(1)\"",
                     "\"data:text/html,x\"", "\"//img.example/a\"", "\"https://a b/\"",
                     "\"https://u:p@img.example/\""})
        EXPECT_FALSE(profile_with(std::string(R"("picture":)") + odd).picture) << odd;
    EXPECT_FALSE(
        profile_with(R"("picture":"https://x.example/)" + std::string(3000, 'a') + "\"").picture);
}

class AddEmail : public ReadProfile {
  protected:
    AddEmail() {
        provider.email_request = EmailRequest{};
        provider.email_request->endpoint = "https://api.example/emails";
        profile.subject = "1";
        profile.email = "public@x.example";
    }
    void add(const std::string& text) {
        auto json = schema::parse_json(text);
        ASSERT_TRUE(json) << text;
        add_email(provider, *json, profile);
    }
    Profile profile;
};

TEST_F(AddEmail, LeavesEverythingWhenTheListIsNoneOrHasNothingProven) {
    for (auto text : {"{}", "[]", "null", "[1,null,\"a\"]",
                      R"([{"email":"a@x.example","primary":true,"verified":false}])",
                      R"([{"email":"a@x.example","primary":true,"verified":"true"}])",
                      R"([{"email":"not an address","primary":true,"verified":true}])",
                      R"([{"primary":true,"verified":true}])"}) {
        add(text);
        EXPECT_EQ(profile.email, "public@x.example") << text;
        EXPECT_FALSE(profile.email_verified) << text;
    }
}

TEST_F(AddEmail, TakesThePrimaryProvenAddress) {
    add(R"([{"email":"first@x.example","primary":false,"verified":true},
            {"email":"main@x.example","primary":true,"verified":true},
            {"email":"late@x.example","primary":false,"verified":true}])");

    EXPECT_EQ(profile.email, "main@x.example");
    EXPECT_TRUE(profile.email_verified);
    EXPECT_FALSE(profile.email_authoritative);
}

TEST_F(AddEmail, TakesAProvenAddressWhenThePrimaryIsNotProven) {
    add(R"([{"email":"main@x.example","primary":true,"verified":false},
            {"email":"other@x.example","primary":false,"verified":true}])");

    EXPECT_EQ(profile.email, "other@x.example");
}

TEST_F(AddEmail, FindsTheListWhereTheRowSays) {
    provider.email_request->list = "/values";
    provider.email_request->primary = "/is_primary";
    provider.email_request->verified = "/is_confirmed";

    add(R"({"values":[{"email":"m@x.example","is_primary":true,"is_confirmed":true}]})");

    EXPECT_EQ(profile.email, "m@x.example");
}

TEST(ReadJsonAnswer, TellsStatusesApart) {
    auto read = [](int status, std::string body) {
        http::Response response;
        response.status = status;
        response.body = std::move(body);
        return read_json_answer(response);
    };

    EXPECT_TRUE(read(401, "{}").error().is(token_refused));
    EXPECT_TRUE(read(403, "{}").error().is(token_refused));
    EXPECT_TRUE(read(404, "{}").error().is(provider_error));
    EXPECT_TRUE(read(500, "{}").error().is(provider_error));
    EXPECT_TRUE(read(302, "{}").error().is(profile_refused));
    EXPECT_TRUE(read(200, "<html>").error().is(profile_refused));
    EXPECT_TRUE(read(200, "17").error().is(profile_refused));
    EXPECT_TRUE(read(200, R"({"a":1,"a":2})").error().is(profile_refused));
    EXPECT_TRUE(read(200, "{}"));
    EXPECT_TRUE(read(200, "[]"));
}

TEST_F(AddEmail, TakesASingleAddressAsTheRowTrustsIt) {
    add(R"({"email":"a@x.example","verified":true})");
    EXPECT_EQ(profile.email, "a@x.example");
    EXPECT_FALSE(profile.email_verified);

    provider.profile.email_trust = EmailTrust::provider_verifies;
    add(R"({"email":"b@x.example"})");
    EXPECT_EQ(profile.email, "b@x.example");
    EXPECT_TRUE(profile.email_verified);

    add(R"({"email":"no address"})");
    EXPECT_EQ(profile.email, "b@x.example");
}

TEST_F(ReadProfile, JoinsTheSubjectsParts) {
    provider.profile.subject_parts = {"/tid", "/oid"};

    EXPECT_EQ(read(R"({"sub":"s","tid":"t","oid":7})")->subject, "t:7");
    expect_refused(R"({"sub":"s","tid":"t"})");
    expect_refused(R"({"sub":"s","tid":"t","oid":""})");
    expect_refused(R"({"sub":"s","tid":"a:b","oid":"c"})");
    expect_refused(R"({"sub":"s","tid":")" + std::string(200, 'a') + R"(","oid":")" +
                   std::string(200, 'b') + "\"}");
}

TEST_F(ReadProfile, MakesANameOfItsParts) {
    provider.profile.name_template = "{/first} {/last}";

    EXPECT_EQ(profile_with(R"("first":"Ada","last":"Lovelace")").name, "Ada Lovelace");
    EXPECT_EQ(profile_with(R"("first":"Ada")").name, "Ada");
    EXPECT_EQ(profile_with(R"("first":"{/last}","last":"x")").name, "{/last} x");
    EXPECT_EQ(profile_with(R"("first":7,"name":"Other")").name, "Other");
}

TEST_F(ReadProfile, MakesAPictureOfItsParts) {
    provider.profile.picture_template = "https://cdn.example/{/id}/{/avatar}.png";

    EXPECT_EQ(profile_with(R"("id":7,"avatar":"a b")").picture, "https://cdn.example/7/a%20b.png");
    EXPECT_EQ(profile_with(R"("id":7,"avatar":"../x?y")").picture,
              "https://cdn.example/7/..%2Fx%3Fy.png");
    EXPECT_FALSE(profile_with(R"("id":7,"avatar":null)").picture);
}

TEST_F(ReadProfile, TakesANameOutOfTheCallback) {
    provider.profile.name_template = "{callback:user/name/first} {callback:user/name/last}";
    auto name_with = [this](const std::string& user) {
        auto profile =
            read_profile(provider, schema::parse_json(R"({"sub":"1","name":"N"})").value(), "",
                         {{"user", user}});
        return profile->name.value_or("");
    };

    EXPECT_EQ(name_with(R"({"name":{"first":"Ada","last":"Lovelace"}})"), "Ada Lovelace");
    EXPECT_EQ(name_with(R"({"name":{"first":"Ada"}})"), "Ada");
    for (auto user : {"", "{", "[]", R"({"name":"Ada"})", R"({"name":{"first":{"a":1}}})",
                      R"({"name":{"first":"A\nB"}})"})
        EXPECT_EQ(name_with(user), "N") << user;
    EXPECT_EQ(name_with(R"({"name":{"first":")" + std::string(400, 'a') + "\"}}").size(), 200u);
}

TEST_F(ReadProfile, TakesNoAddressOutOfTheCallback) {
    auto profile = read_profile(provider, schema::parse_json(R"({"sub":"1"})").value(), "",
                                {{"user", R"({"email":"boss@company.example"})"}});

    EXPECT_FALSE(profile->email);
}
}  // namespace
}  // namespace cardea::oauth
