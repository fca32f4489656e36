// read_token_response(): whatever a token endpoint answers, it is tokens or a typed error.
#include <gtest/gtest.h>

#include "cardea/oauth/requests.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/test_provider.hpp"

namespace cardea::oauth {
namespace {

class TokenResponse : public testing::Test {
  protected:
    Result<TokenSet> read(std::string body, int status = 200,
                          std::string type = "application/json") {
        http::Response response;
        response.status = status;
        response.headers.set("Content-Type", std::move(type));
        response.body = std::move(body);
        return read_token_response(provider, response, clock.now());
    }
    /// An answer with these members beside the access token.
    Result<TokenSet> read_with(const std::string& members) {
        return read(R"({"access_token":"at",)" + members + "}");
    }
    void expect_refused(const Result<TokenSet>& tokens, const Reason& reason,
                        const std::string& what) {
        ASSERT_FALSE(tokens) << what;
        EXPECT_EQ(tokens.error().reason().slug, reason.slug) << what;
    }

    Provider provider = test_provider();
    FakeClock clock;
};

TEST_F(TokenResponse, IsRefusedWhenItIsNoJsonObject) {
    for (const std::string& body :
         {std::string(), std::string("null"), std::string("[]"), std::string("\"at\""),
          std::string("<html></html>"), std::string("\x00\xff", 2), std::string("{"),
          std::string(R"({"access_token":"at")"), std::string(R"({"access_token":"at"}x)"),
          std::string(100'000, '[')})
        expect_refused(read(body), answer_malformed, body.substr(0, 40));
}

TEST_F(TokenResponse, IsRefusedWithDuplicateMembers) {
    expect_refused(read(R"({"access_token":"a","access_token":"b"})"), answer_malformed, "twice");
}

TEST_F(TokenResponse, IsRefusedWithoutAnAccessToken) {
    for (auto body :
         {R"({})", R"({"access_token":""})", R"({"access_token":null})",
          R"({"access_token":false})", R"({"access_token":1})", R"({"access_token":["a"]})",
          R"({"access_token":{"a":1}})", R"({"Access_Token":"at"})"})
        expect_refused(read(body), answer_malformed, body);
}

TEST_F(TokenResponse, IsRefusedWhenATokenCouldForgeAHeader) {
    expect_refused(read(R"({"access_token":"a\r\nX: y"})"), answer_malformed, "CR LF");
    expect_refused(read(R"({"access_token":"a\u0000b"})"), answer_malformed, "NUL");
}

TEST_F(TokenResponse, IsRefusedWhenATokenIsTooLong) {
    auto long_token = std::string(16 * 1024 + 1, 'a');
    expect_refused(read(R"({"access_token":")" + long_token + "\"}"), answer_malformed, "long");
}

TEST_F(TokenResponse, IsRefusedWhenItIsARedirect) {
    expect_refused(read(R"({"access_token":"at"})", 302), answer_malformed, "302");
}

TEST_F(TokenResponse, SaysThatConsentIsGoneForInvalidGrantAlone) {
    expect_refused(read(R"({"error":"invalid_grant"})", 400), consent_withdrawn, "400");
    expect_refused(read(R"({"error":"invalid_grant"})", 401), consent_withdrawn, "401");
    expect_refused(read(R"({"error":"invalid_grant"})", 200), consent_withdrawn, "200");
    for (auto error : {"invalid_request", "invalid_scope", "unsupported_grant_type",
                       "temporarily_unavailable", "server_error", "slow_down", "invalid_grant "})
        expect_refused(read(std::string(R"({"error":")") + error + "\"}", 400), provider_error,
                       error);
}

TEST_F(TokenResponse, NeverTakesAServerErrorForAWithdrawal) {
    for (int status : {500, 502, 503, 504, 429})
        expect_refused(read(R"({"error":"invalid_grant"})", status), provider_error,
                       std::to_string(status));
}

TEST_F(TokenResponse, TellsTheOperatorsMistakeApart) {
    expect_refused(read(R"({"error":"invalid_client"})", 401), client_rejected, "invalid_client");
    expect_refused(read(R"({"error":"unauthorized_client"})", 400), client_rejected,
                   "unauthorized_client");
}

TEST_F(TokenResponse, WithAnErrorStatusIsAnErrorWhateverStandsInIt) {
    for (int status : {400, 401, 403, 404, 410, 500, 503}) {
        expect_refused(read("<html>", status), provider_error, "html");
        expect_refused(read("", status), provider_error, "empty");
        expect_refused(read(R"({"access_token":"at"})", status), provider_error, "token");
    }
}

TEST_F(TokenResponse, WithAnErrorIn200IsAnError) {
    expect_refused(read(R"({"error":"bad_verification_code","access_token":"at"})"), provider_error,
                   "github");
    expect_refused(read(R"({"error":{"message":"no","code":190}})"), provider_error, "facebook");
    expect_refused(read(R"({"error":17})"), provider_error, "number");
}

TEST_F(TokenResponse, WithAnEmptyErrorMemberIsNone) {
    EXPECT_TRUE(read_with(R"("error":null)"));
    EXPECT_TRUE(read_with(R"("error":"")"));
    EXPECT_TRUE(read_with(R"("error":false)"));
}

TEST_F(TokenResponse, PassesOnHowLongToWait) {
    http::Response response;
    response.status = 503;
    response.headers.set("Retry-After", "17");

    EXPECT_EQ(read_token_response(provider, response, clock.now()).error().retry_after(), 17s);

    for (auto odd : {"-1", "x", "", "1e3", "99999999999", "Mon, 23 Nov 2026 12:00:00 GMT"}) {
        response.headers.set("Retry-After", odd);
        EXPECT_FALSE(read_token_response(provider, response, clock.now()).error().retry_after());
    }
}

TEST_F(TokenResponse, KeepsTheProvidersWordsShortAndPrintable) {
    auto error = read(R"({"error":"a\r\nb)" + std::string(500, 'x') + "\"}", 400).error();

    EXPECT_LT(error.detail().size(), 100u);
    EXPECT_EQ(error.detail().find('\n'), std::string::npos);
}

TEST_F(TokenResponse, GivesTheTokens) {
    auto tokens = read(R"({"access_token":"at","token_type":"Bearer","expires_in":3600,
        "refresh_token":"rt","scope":"openid email","id_token":"a.b.c","more":{"x":[1]}})");

    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->access_token.reveal(), "at");
    EXPECT_EQ(tokens->token_type, "Bearer");
    EXPECT_EQ(tokens->refresh_token->reveal(), "rt");
    EXPECT_EQ(tokens->id_token->reveal(), "a.b.c");
    EXPECT_EQ(tokens->scopes, (std::vector<std::string>{"openid", "email"}));
    EXPECT_EQ(tokens->expiry, Expiry::at);
    EXPECT_EQ(tokens->expires_at, clock.now() + 3600s);
    EXPECT_EQ(tokens->received_at, clock.now());
    EXPECT_NE(tokens->answer.reveal().find("\"more\""), std::string::npos);
}

TEST_F(TokenResponse, ReadsJsonUnderAnyMediaType) {
    for (auto type : {"text/plain", "text/html", "text/javascript; charset=utf-8", ""})
        EXPECT_TRUE(read(R"({"access_token":"at"})", 200, type)) << type;
}

TEST_F(TokenResponse, WithStatus201IsASuccessToo) {
    EXPECT_TRUE(read(R"({"access_token":"at"})", 201));
}

TEST_F(TokenResponse, LeavesAbsentWhatTheAnswerLeavesOut) {
    auto tokens = read(R"({"access_token":"at"})");

    ASSERT_TRUE(tokens);
    EXPECT_FALSE(tokens->refresh_token);
    EXPECT_FALSE(tokens->scopes);
    EXPECT_FALSE(tokens->id_token);
    EXPECT_FALSE(tokens->expires_at);
    EXPECT_EQ(tokens->expiry, Expiry::unknown);
    EXPECT_EQ(tokens->token_type, "Bearer");
}

TEST_F(TokenResponse, TakesNullFalseAndEmptyForAbsent) {
    for (auto nothing : {"null", "false", "\"\""}) {
        auto tokens =
            read_with(std::string(R"("refresh_token":)") + nothing + R"(,"id_token":)" + nothing);
        ASSERT_TRUE(tokens) << nothing;
        EXPECT_FALSE(tokens->refresh_token) << nothing;
        EXPECT_FALSE(tokens->id_token) << nothing;
    }
}

TEST_F(TokenResponse, IsRefusedWhenARefreshTokenIsNoText) {
    for (auto odd : {"1", "true", "[]", "{}"})
        expect_refused(read_with(std::string(R"("refresh_token":)") + odd), answer_malformed, odd);
}

TEST_F(TokenResponse, ReadsLifetimesFromNumbersAndNumericTexts) {
    for (auto lifetime : {"3600", "\"3600\"", "3600.0", "3.6e3", "\"3600.0\""}) {
        auto tokens = read_with(std::string(R"("expires_in":)") + lifetime);
        ASSERT_TRUE(tokens) << lifetime;
        EXPECT_EQ(tokens->expires_at, clock.now() + 3600s) << lifetime;
    }
}

TEST_F(TokenResponse, WithANonsenseLifetimeExpiresAtAnUnknownTime) {
    for (auto odd :
         {"null", "0", "-1", "1e20", "1e400", "-1e20", "18446744073709551615", "[]", "[3600]", "{}",
          "true", "\"\"", "\"1h\"", "\"0x10\"", "\"nan\"", "\"inf\"", "\" 3600\"", "\"3600 \""}) {
        auto tokens = read_with(std::string(R"("expires_in":)") + odd);
        if (!tokens) {  // 1e400 is no JSON number that anybody can hold
            expect_refused(tokens, answer_malformed, odd);
            continue;
        }
        EXPECT_EQ(tokens->expiry, Expiry::unknown) << odd;
        EXPECT_FALSE(tokens->expires_at) << odd;
    }
}

TEST_F(TokenResponse, NeverEndsOnlyWhereTheRowSaysSoAndTheAnswerIsSilent) {
    provider.access_token_lifetime = 0s;

    EXPECT_EQ(read_with(R"("x":1)")->expiry, Expiry::never);
    EXPECT_EQ(read_with(R"("expires_in":null)")->expiry, Expiry::never);
    EXPECT_EQ(read_with(R"("expires_in":-1)")->expiry, Expiry::unknown);
    EXPECT_EQ(read_with(R"("expires_in":"soon")")->expiry, Expiry::unknown);
    EXPECT_EQ(read_with(R"("expires_in":60)")->expiry, Expiry::at);
}

TEST_F(TokenResponse, LivesAsLongAsTheRowSaysWhenTheAnswerDoesNot) {
    provider.access_token_lifetime = 3600s;

    for (auto odd : {"null", "0", "-1", "1e20", "[]"}) {
        auto tokens = read_with(std::string(R"("expires_in":)") + odd);
        EXPECT_EQ(tokens->expiry, Expiry::at) << odd;
        EXPECT_EQ(tokens->expires_at, clock.now() + 3600s) << odd;
    }
    EXPECT_EQ(read_with(R"("expires_in":60)")->expires_at, clock.now() + 60s);
}

TEST_F(TokenResponse, ReadsAnAbsoluteExpiryInItsThreeForms) {
    Instant end = clock.now() + 7200s;
    auto seconds = std::to_string(to_unix_seconds(end));
    auto ms = std::to_string(to_unix_ms(end));

    EXPECT_EQ(read_with(R"("expires_at":)" + seconds)->expires_at, end);
    EXPECT_EQ(read_with(R"("expires_at":")" + seconds + "\"")->expires_at, end);
    EXPECT_EQ(read_with(R"("expires_at":)" + ms)->expires_at, end);
    EXPECT_EQ(read_with(R"("expires_at":")" + to_rfc3339(end) + "\"")->expires_at, end);
}

TEST_F(TokenResponse, DoesNotBelieveAnAbsoluteExpiryInThePastOrInAnotherAge) {
    for (auto odd :
         {"0", "-5", "1", "1e30", "9e14", "\"1999-01-01T00:00:00Z\"", "\"never\"", "[]", "true"})
        EXPECT_EQ(read_with(std::string(R"("expires_at":)") + odd)->expiry, Expiry::unknown) << odd;
}

TEST_F(TokenResponse, ReadsTheLifetimeOfTheRefreshToken) {
    for (auto name :
         {"refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in"}) {
        auto tokens = read_with('"' + std::string(name) + R"(":"86400")");
        EXPECT_EQ(tokens->refresh_token_expires_at, clock.now() + 24h) << name;
    }
    EXPECT_FALSE(read_with(R"("refresh_token_expires_in":0)")->refresh_token_expires_at);
}

TEST_F(TokenResponse, ReadsScopesAsTextListAndWithAnotherSeparator) {
    EXPECT_EQ(read_with(R"("scope":["a","b",1,null])")->scopes,
              (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(read_with(R"("scope":"a  b ")")->scopes, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(read_with(R"("scope":"")")->scopes, std::vector<std::string>());
    EXPECT_FALSE(read_with(R"("scope":7)")->scopes);

    provider.granted_scope_separator = ",";
    EXPECT_EQ(read_with(R"("scope":"read:user,user:email")")->scopes,
              (std::vector<std::string>{"read:user", "user:email"}));
}

TEST_F(TokenResponse, ReadsFormEncodedAnswersWhereTheProviderSendsThem) {
    auto type = "application/x-www-form-urlencoded; charset=utf-8";
    auto declared = read("access_token=at&scope=a%20b&token_type=bearer", 200, type);
    ASSERT_TRUE(declared);
    EXPECT_EQ(declared->access_token.reveal(), "at");
    EXPECT_EQ(declared->scopes, (std::vector<std::string>{"a", "b"}));
    expect_refused(read("error=invalid_grant", 200, type), consent_withdrawn, "error");
    expect_refused(read("access_token=a&access_token=b", 200, type), answer_malformed, "twice");

    provider.token_answer_format = AnswerFormat::form;
    EXPECT_TRUE(read("access_token=at&expires_in=60", 200, "text/plain"));
}

TEST_F(TokenResponse, KeepsAnOddTokenTypeShort) {
    EXPECT_EQ(read_with(R"("token_type":null)")->token_type, "Bearer");
    EXPECT_EQ(read_with(R"("token_type":"a\nb")")->token_type, "Bearer");
    EXPECT_EQ(read_with(R"("token_type":")" + std::string(500, 'x') + "\"")->token_type.size(),
              64u);
}

TEST_F(TokenResponse, IsReadWhereTheRowPoints) {
    provider.token_answer.access_token = {"/authed_user/access_token", "/access_token"};
    provider.token_answer.refresh_token = {"/body/refresh"};
    provider.token_answer.expires_in = {"/body/expireIn"};

    auto tokens = read(R"({"access_token":"bot","authed_user":{"access_token":"user"},
                           "body":{"refresh":"r","expireIn":"60"}})");

    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->access_token.reveal(), "user");
    EXPECT_EQ(tokens->refresh_token->reveal(), "r");
    EXPECT_EQ(tokens->expires_at, clock.now() + 60s);
    EXPECT_EQ(read(R"({"access_token":"bot"})")->access_token.reveal(), "bot");
    expect_refused(read(R"({"authed_user":{"access_token":"a\r\nb"}})"), answer_malformed, "CR");
}

TEST_F(TokenResponse, ReadsAnAbsoluteEndUnderAnotherName) {
    provider.token_answer.expires_at = {"/access_token_expires_at"};
    auto at = to_unix_seconds(clock.now()) + 90;

    auto tokens = read_with(R"("access_token_expires_at":")" + std::to_string(at) + ".5\"");

    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->expiry, Expiry::at);
}

TEST_F(TokenResponse, IsAnErrorUnlessItTellsSuccessWhereTheRowSays) {
    provider.token_answer.success = "/status";
    provider.token_answer.success_value = "0";

    EXPECT_TRUE(read_with(R"("status":0)"));
    expect_refused(read_with(R"("status":601)"), provider_error, "601");
    expect_refused(read(R"({"access_token":"at"})"), provider_error, "absent");
}

TEST_F(TokenResponse, FindsErrorsWhereTheRowPoints) {
    provider.token_answer.error = {"/errcode"};
    provider.token_answer.final_errors = {"40030"};

    EXPECT_TRUE(read_with(R"("errcode":0)"));
    expect_refused(read(R"({"errcode":40030})"), consent_withdrawn, "final");
    expect_refused(read(R"({"errcode":-1})"), provider_error, "passing");
    expect_refused(read(R"({"errcode":40030})", 503), provider_error, "5xx");
}

TEST_F(TokenResponse, RenewsWithTheAccessTokenWhereTheRowSaysSo) {
    provider.renewal.with = TokenKind::access_token;

    auto tokens = read(R"({"access_token":"long","expires_in":5184000})");

    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->refresh_token->reveal(), "long");
}

class KeepFacts : public TokenResponse {
  protected:
    TokenSet kept_of(const std::string& members, const Texts& callback = {}) {
        auto tokens = read_with(members);
        EXPECT_TRUE(tokens) << members;
        keep_facts(provider, callback, *tokens);
        return *tokens;
    }
};

TEST_F(KeepFacts, KeepsWhatTheRowNames) {
    provider.keep = {{"host", "{token_response:/api/host}"},
                     {"company", "{callback:realmId}"},
                     {"live", "{token_response:/live}"}};

    auto tokens =
        kept_of(R"("api":{"host":"https://eu.example"},"live":false)", {{"realmId", "7"}});

    EXPECT_EQ(tokens.kept,
              (Texts{{"host", "https://eu.example"}, {"company", "7"}, {"live", "false"}}));
    EXPECT_TRUE(tokens.callback.empty()) << "no renewal repeats it";
}

TEST_F(KeepFacts, LeavesOutWhatIsNoShortText) {
    provider.keep = {{"fact", "{token_response:/fact}"}};

    EXPECT_TRUE(kept_of(R"("fact":"")").kept.empty());
    EXPECT_TRUE(kept_of(R"("fact":null)").kept.empty());
    EXPECT_TRUE(kept_of(R"("fact":{"a":1})").kept.empty());
    EXPECT_TRUE(kept_of(R"("fact":"a\r\nSet-Cookie: b")").kept.empty());
    EXPECT_TRUE(kept_of(R"("fact":")" + std::string(1025, 'a') + '"').kept.empty());
    EXPECT_FALSE(kept_of(R"("fact":")" + std::string(1024, 'a') + '"').kept.empty());
}

TEST_F(KeepFacts, LeavesOutWhatIsNotWhole) {
    provider.keep = {{"url", "https://{callback:shop}"},
                     {"api", "https://{token_response:/host}/{callback:shop}"},
                     {"as_written", "v2"}};

    EXPECT_EQ(kept_of(R"("host":"eu.example")").kept, (Texts{{"as_written", "v2"}}));
    EXPECT_EQ(kept_of(R"("host":"eu.example")", {{"shop", "a"}}).kept,
              (Texts{{"url", "https://a"}, {"api", "https://eu.example/a"}, {"as_written", "v2"}}));
}

TEST_F(KeepFacts, KeepsOfTheCallbackWhatRenewalsRepeat) {
    provider.refresh_params = {{"device_id", "{callback:device/id}"}};

    auto tokens = kept_of(R"("x":1)", {{"device", R"({"id":"d"})"}, {"code_2", "secret"}});

    EXPECT_EQ(tokens.callback, (Texts{{"device", R"({"id":"d"})"}}));
}
}  // namespace
}  // namespace cardea::oauth
