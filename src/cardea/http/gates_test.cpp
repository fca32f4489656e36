#include "cardea/http/gates.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::http {
namespace {

class Pages {
  public:
    Task<Response> show(Exchange& exchange) {
        Response response{200, {}, exchange.client_address.text()};
        co_return response;
    }
    Task<Response> cached(Exchange&) {
        Response response;
        response.headers.add("Cache-Control", "public, max-age=60");
        response.headers.add("Content-Security-Policy", "default-src 'self'");
        co_return response;
    }
};

class GatesTest : public testing::Test {
  protected:
    GatesTest() {
        site.public_url = *Url::parse("https://app.example");
        settings.trusted_proxies = {*IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("fd00::/8")};
        cors.allowed_origins = {*Url::parse("https://friend.example")};
        request.headers.add("Host", "app.example");
    }
    Response ask(Method method, std::string target, std::string peer = "192.0.2.9") {
        using enum Method;
        Router router;
        add_generic_gates(router, site, settings, cors, random);
        router.add(route(get, "/", Access::anyone, "", pages, &Pages::show));
        router.add(route(post, "/", Access::anyone, "", pages, &Pages::show));
        router.add(route(get, "/style", Access::anyone, "", pages, &Pages::cached));
        router.add(route(get, "/health", Access::anyone, "", pages, &Pages::show).on_any_host());
        router.add(
            route(post, "/callback", Access::anyone, "", pages, &Pages::show).from_any_origin());
        request.method = method;
        request.target = std::move(target);
        exchange = Exchange();
        exchange.request = request;
        exchange.peer_address = *IpAddress::parse(peer);
        auto prepared = router.prepare(exchange);
        if (!prepared) return router.refuse(exchange, prepared.error());
        return *run(router.answer(exchange));
    }
    int post() { return ask(Method::post, "/").status; }
    void header(std::string name, std::string value) { request.headers.set(name, value); }

    SeededRandom random;
    Site site;
    GateSettings settings;
    CorsSettings cors;
    Pages pages;
    Request request;
    Exchange exchange;
};

TEST_F(GatesTest, RefuseOtherHosts) {
    for (auto host : {"evil.example", "app.example.evil.example", "app.example:444", "localhost",
                      "127.0.0.1", "sub.app.example"}) {
        header("Host", host);
        auto response = ask(Method::get, "/");
        EXPECT_EQ(response.status, 421) << host;
        EXPECT_EQ(response.body.find("evil"), std::string::npos);
    }
}

TEST_F(GatesTest, RefuseWhatIsNoHost) {
    for (auto host : {"", "a b", "app.example, evil.example", "app.example/", "x@app.example"}) {
        header("Host", host);
        EXPECT_EQ(ask(Method::get, "/").status, 400) << host;
    }
}

TEST_F(GatesTest, TakeTheOwnHostInAnyForm) {
    settings.trusted_hosts = {*Authority::parse("internal.example:8080")};
    for (auto host : {"app.example", "APP.Example", "app.example:443", "internal.example:8080"}) {
        header("Host", host);
        EXPECT_EQ(ask(Method::get, "/").status, 200) << host;
    }
}

TEST_F(GatesTest, AnswerHealthOnAnyHost) {
    header("Host", "10.0.0.3:8080");

    EXPECT_EQ(ask(Method::get, "/health").status, 200);
}

TEST_F(GatesTest, TakeLoopbackHostsAloneWithoutAPublicUrl) {
    site.public_url.reset();
    header("Host", "127.0.0.1:8080");
    EXPECT_EQ(ask(Method::get, "/").status, 200);
    header("Host", "localhost");
    EXPECT_EQ(ask(Method::get, "/").status, 200);

    header("Host", "rebound.example");
    EXPECT_EQ(ask(Method::get, "/").status, 421);
}

TEST_F(GatesTest, BelieveForwardedHeadersOfTrustedProxiesOnly) {
    header("X-Forwarded-For", "203.0.113.7");
    header("X-Forwarded-Proto", "https");
    header("X-Forwarded-Host", "evil.example");
    header("Forwarded", "for=203.0.113.8");

    EXPECT_EQ(ask(Method::get, "/").body, "192.0.2.9");
    for (auto name : {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"}) {
        EXPECT_FALSE(exchange.request.headers.has(name)) << name;
    }
    EXPECT_EQ(ask(Method::get, "/", "10.0.0.1").body, "203.0.113.7");
}

TEST_F(GatesTest, TakeTheRightMostAddressThatIsNoProxy) {
    header("X-Forwarded-For", "127.0.0.1, 203.0.113.7, 10.1.1.1,10.2.2.2");
    EXPECT_EQ(ask(Method::get, "/", "10.0.0.1").body, "203.0.113.7");

    request.headers.add("X-Forwarded-For", "2001:db8::5");
    EXPECT_EQ(ask(Method::get, "/", "10.0.0.1").body, "2001:db8::5");

    header("X-Forwarded-For", "[2001:db8::6]:4711");
    EXPECT_EQ(ask(Method::get, "/", "fd00::1").body, "2001:db8::6");

    header("X-Forwarded-For", "203.0.113.7, unknown");
    EXPECT_EQ(ask(Method::get, "/", "10.0.0.1").body, "10.0.0.1");

    header("X-Forwarded-For", "10.5.5.5");
    EXPECT_EQ(ask(Method::get, "/", "10.0.0.1").body, "10.5.5.5");
}

TEST_F(GatesTest, KnowHttpsFromATrustedProxy) {
    header("X-Forwarded-Proto", "https");
    ask(Method::get, "/");
    EXPECT_FALSE(exchange.secure);

    ask(Method::get, "/", "10.0.0.1");
    EXPECT_TRUE(exchange.secure);
}

TEST_F(GatesTest, SendWhatAProxyWasAskedInPlainHttpToHttps) {
    header("X-Forwarded-Proto", "http");
    auto response = ask(Method::get, "/?return_to=//evil.example", "10.0.0.1");
    EXPECT_EQ(response.status, 308);
    EXPECT_EQ(response.headers.get("Location"), "https://app.example/?return_to=//evil.example");
    EXPECT_EQ(ask(Method::post, "/", "10.0.0.1").status, 403);
    EXPECT_EQ(exchange.refusal->slug, "request.https_needed");

    EXPECT_EQ(ask(Method::get, "/health", "10.0.0.1").status, 200);
    EXPECT_EQ(ask(Method::get, "/").status, 200);
    site.public_url = *Url::parse("http://app.example");
    EXPECT_EQ(ask(Method::get, "/", "10.0.0.1").status, 200);
}

TEST_F(GatesTest, LetNoOtherOriginRead) {
    for (auto origin : {"https://evil.example", "null", "https://app.example.evil.example",
                        "https://sub.friend.example", "http://friend.example", "*"}) {
        header("Origin", origin);
        auto response = ask(Method::get, "/");
        EXPECT_FALSE(response.headers.has("Access-Control-Allow-Origin")) << origin;
        EXPECT_EQ(response.headers.get("Vary"), "Origin");
    }
}

TEST_F(GatesTest, LetAnAllowedOriginReadWithCredentials) {
    header("Origin", "https://friend.example");

    auto response = ask(Method::get, "/");

    EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "https://friend.example");
    EXPECT_EQ(response.headers.get("Access-Control-Allow-Credentials"), "true");
}

TEST_F(GatesTest, AnswerThePreflightOfAnAllowedOriginOnly) {
    header("Origin", "https://friend.example");
    header("Access-Control-Request-Method", "POST");
    auto response = ask(Method::options, "/");
    EXPECT_EQ(response.status, 204);
    EXPECT_TRUE(response.headers.has("Access-Control-Allow-Methods"));

    header("Origin", "https://evil.example");
    response = ask(Method::options, "/");
    EXPECT_FALSE(response.headers.has("Access-Control-Allow-Methods"));
    EXPECT_FALSE(response.headers.has("Access-Control-Allow-Origin"));
}

TEST_F(GatesTest, RefuseUnsafeRequestsFromOtherSites) {
    for (auto site_header : {"cross-site", "same-site", "none", "x"}) {
        header("Sec-Fetch-Site", site_header);
        EXPECT_EQ(post(), 403) << site_header;
    }
    request.headers.remove("Sec-Fetch-Site");
    for (auto origin :
         {"https://evil.example", "null", "http://app.example", "", "https://app.example:444"}) {
        header("Origin", origin);
        EXPECT_EQ(post(), 403) << origin;
    }
}

TEST_F(GatesTest, RefuseAForeignOriginEvenIfTheFetchSiteLooksRight) {
    header("Sec-Fetch-Site", "same-origin");
    header("Origin", "https://evil.example");
    EXPECT_EQ(post(), 403);
}

TEST_F(GatesTest, RefuseTwoOrigins) {
    header("Origin", "https://app.example");
    request.headers.add("Origin", "https://evil.example");
    EXPECT_EQ(post(), 403);
}

TEST_F(GatesTest, RefuseACookieThatComesWithoutAnOrigin) {
    header("Cookie", "anything=1");

    EXPECT_EQ(post(), 403);
    EXPECT_EQ(exchange.refusal->slug, "csrf.cross_origin");
    EXPECT_EQ(ask(Method::get, "/").status, 200);
}

TEST_F(GatesTest, TakeUnsafeRequestsOfTheOwnOrigin) {
    header("Cookie", "anything=1");
    header("Origin", "https://app.example");
    EXPECT_EQ(post(), 200);
    header("Sec-Fetch-Site", "same-origin");
    EXPECT_EQ(post(), 200);
    header("Origin", "null");
    EXPECT_EQ(post(), 200);
    request.headers.remove("Origin");
    EXPECT_EQ(post(), 200);
}

TEST_F(GatesTest, TakeUnsafeRequestsOfAllowedOriginsAndOfPrograms) {
    EXPECT_EQ(post(), 200);
    header("Sec-Fetch-Site", "cross-site");
    header("Origin", "https://friend.example");
    EXPECT_EQ(post(), 200);
}

TEST_F(GatesTest, TakeTheFormPostCallbackFromAnywhere) {
    header("Sec-Fetch-Site", "cross-site");
    header("Origin", "https://provider.example");
    EXPECT_EQ(ask(Method::post, "/callback").status, 200);
}

TEST_F(GatesTest, InDevelopmentTheHostIsTheOrigin) {
    site.public_url.reset();
    header("Host", "127.0.0.1:8080");
    header("Origin", "http://127.0.0.1:8080");
    EXPECT_EQ(post(), 200);
    header("Origin", "http://127.0.0.1:9999");
    EXPECT_EQ(post(), 403);
}

TEST_F(GatesTest, GiveEveryAnswerItsOwnRequestId) {
    auto first = ask(Method::get, "/");
    auto second = ask(Method::get, "/none");

    EXPECT_EQ(first.headers.get("X-Request-Id").size(), 16u);
    EXPECT_NE(second.body.find(exchange.request_id), std::string::npos);
    EXPECT_EQ(ask(Method::get, "/../x").headers.get("X-Request-Id").size(), 16u);
}

TEST_F(GatesTest, NeverTakeARequestIdFromOutside) {
    header("X-Request-Id", "chosen");

    EXPECT_NE(ask(Method::get, "/").headers.get("X-Request-Id"), "chosen");
}

TEST_F(GatesTest, SecureEveryAnswer) {
    for (auto target : {"/", "/none", "/../x"}) {
        auto headers = ask(Method::get, target).headers;
        EXPECT_EQ(headers.get("X-Content-Type-Options"), "nosniff") << target;
        EXPECT_EQ(headers.get("Cache-Control"), "no-store");
        EXPECT_EQ(headers.get("Referrer-Policy"), "same-origin");
        EXPECT_TRUE(headers.get("Content-Security-Policy").starts_with("default-src 'none'"));
        EXPECT_NE(headers.get("Content-Security-Policy").find("frame-ancestors 'none'"),
                  std::string_view::npos);
        EXPECT_TRUE(headers.has("Strict-Transport-Security"));
        EXPECT_FALSE(headers.has("Server"));
    }
}

TEST_F(GatesTest, LeaveWhatAPageSaysItself) {
    auto headers = ask(Method::get, "/style").headers;

    EXPECT_EQ(headers.get("Cache-Control"), "public, max-age=60");
    EXPECT_EQ(headers.get("Content-Security-Policy"), "default-src 'self'");
    EXPECT_EQ(headers.count("Cache-Control"), 1u);
}

TEST_F(GatesTest, AskForHttpsOnlyWhereThereIsHttps) {
    site.public_url.reset();
    header("Host", "127.0.0.1");

    EXPECT_FALSE(ask(Method::get, "/").headers.has("Strict-Transport-Security"));
}

TEST_F(GatesTest, SetTheDeadline) {
    settings.request_limit = 7s;
    ask(Method::get, "/");

    EXPECT_EQ(exchange.deadline - exchange.received_at, 7s);
}

}  // namespace
}  // namespace cardea::http
