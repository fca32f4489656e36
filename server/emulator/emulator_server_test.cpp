// The emulator on its port, with the real HTTP client: what is wrong with a connection shows here.
#include "server/emulator/emulator_server.hpp"

#include <gtest/gtest.h>

#include "cardea/http/client/client.hpp"
#include "cardea/schema/json.hpp"
#include "server/emulator/requests.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::emulator {
namespace {

class ListeningProviders : public testing::Test {
  protected:
    ListeningProviders() {
        EmulatorServer::Options options;
        options.emulator.redirect_uris = {"http://127.0.0.1:8080/auth/callback/{provider}"};
        server =
            std::move(*EmulatorServer::start(io.get_executor(), clock, random, std::move(options)));
        http::ClientOptions client_options;
        client_options.insecure_allow_loopback = true;
        client = http::make_client(io.get_executor(), client_options);
    }
    Result<http::Response> send(http::Method method, const std::string& path, std::string body = "",
                                const std::string& host = "") {
        http::Request request;
        request.method = method;
        request.target = server->url() + path;
        request.body = std::move(body);
        if (!host.empty()) request.headers.set("Host", host);
        http::Limits limits;
        limits.first_byte = 300ms;
        limits.total = 600ms;
        return run(io, client->send(std::move(request), limits));
    }
    Result<http::Response> get(const std::string& path) { return send(http::Method::get, path); }
    Result<http::Response> keys_when(Failure failure) {
        server->emulator().fail_next("google", Endpoint::keys, failure);
        return get("/www.googleapis.com/oauth2/v3/certs");
    }

    FakeClock clock;
    SeededRandom random;
    asio::io_context io{1};
    std::unique_ptr<EmulatorServer> server;
    std::unique_ptr<http::Client> client;
};

TEST_F(ListeningProviders, AnswerBelowTheirOwnHosts) {
    auto answer = get("/www.googleapis.com/oauth2/v3/certs");

    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(answer->body.contains("\"keys\""));
}

TEST_F(ListeningProviders, SendABrowserBack) {
    auto answer =
        get("/api.login.yahoo.com/oauth2/request_auth?response_type=code&client_id=yahoo-client"
            "&redirect_uri=http://127.0.0.1:8080/auth/callback/yahoo&scope=openid+email+profile"
            "&state=0123456789abcdef&nonce=0123456789abcdef");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 302);
    EXPECT_TRUE(answer->headers.get("Location")
                    .starts_with("http://127.0.0.1:8080/auth/callback/yahoo?code=yahoo.code."));
}

TEST_F(ListeningProviders, AnswerToLoopbackNamesOnly) {
    EXPECT_EQ(send(http::Method::get, "/-/", "", "evil.example")->status, 421);
}

TEST_F(ListeningProviders, TellTheirClientsAsAnEnvironmentFile) {
    auto all = get("/-/env");
    auto one = get("/-/env?provider=okta");

    EXPECT_TRUE(all->body.contains("GOOGLE_CLIENT_ID='google-client'\n"));
    EXPECT_TRUE(one->body.contains("OKTA_DOMAIN='okta.example'\n"));
    EXPECT_FALSE(one->body.contains("GOOGLE"));
    EXPECT_EQ(get("/-/env?provider=nobody")->status, 404);
}

TEST_F(ListeningProviders, ShowAPageThatNamesThemAll) {
    auto page = get("/");

    EXPECT_EQ(page->status, 200);
    EXPECT_TRUE(page->body.contains("<code>github_app</code>"));
}

TEST_F(ListeningProviders, LetAnotherPersonSignIn) {
    auto set = send(http::Method::post, "/-/person",
                    R"({"provider":"google","email":"grace@people.example","subject":"99"})");

    EXPECT_EQ(set->status, 204);
    EXPECT_EQ(server->emulator().find("google")->person().email, "grace@people.example");
    EXPECT_EQ(server->emulator().find("github")->person().email, Somebody().email);
}

TEST_F(ListeningProviders, SayWhatTheyDoNotUnderstand) {
    auto answer = send(http::Method::post, "/-/failure", R"({"endpoint":"toaster","times":0})");

    EXPECT_EQ(answer->status, 400);
    EXPECT_TRUE(answer->body.contains("endpoint"));
    EXPECT_TRUE(answer->body.contains("failure"));
    EXPECT_TRUE(answer->body.contains("times"));
}

TEST_F(ListeningProviders, KnowPeopleByDigits) {
    auto set = send(http::Method::post, "/-/person", R"({"subject":"ada"})");

    EXPECT_EQ(set->status, 400);
}

TEST_F(ListeningProviders, FailWhenToldTo) {
    auto set = send(http::Method::post, "/-/failure",
                    R"({"provider":"google","endpoint":"keys","failure":"status_500"})");

    EXPECT_EQ(set->status, 204);
    EXPECT_EQ(get("/www.googleapis.com/oauth2/v3/certs")->status, 500);
    EXPECT_EQ(get("/www.googleapis.com/oauth2/v3/certs")->status, 200);
}

TEST_F(ListeningProviders, BreakConnections) {
    EXPECT_TRUE(keys_when(Failure::reset).error().is(http::peer_unreachable));
}

TEST_F(ListeningProviders, HangAndDribble) {
    EXPECT_TRUE(keys_when(Failure::hang).error().is(http::peer_timeout));
    EXPECT_TRUE(keys_when(Failure::slow).error().is(http::peer_timeout));
}

TEST_F(ListeningProviders, FloodAndBomb) {
    EXPECT_TRUE(keys_when(Failure::giant).error().is(http::peer_too_large));
    EXPECT_TRUE(keys_when(Failure::bomb).error().is(http::peer_too_large));
}

TEST_F(ListeningProviders, GoOnAfterAllOfThat) {
    for (auto failure : {Failure::reset, Failure::giant, Failure::truncated, Failure::html})
        (void)keys_when(failure);

    EXPECT_EQ(get("/www.googleapis.com/oauth2/v3/certs")->status, 200);
}

}  // namespace
}  // namespace cardea::emulator
